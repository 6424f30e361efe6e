/** /pos/v1/users/{userId}/attributes: what campaigns may ask of a customer, from the account itself. */
import { Type } from '@sinclair/typebox';
import { AttributeChanges, setAttributes } from '../../commands/customer/setAttributes.js';
import { account, accountStream } from '../../domain/account/account.js';
import { CustomerAttributes } from '../../domain/account/profileEvents.js';
import { UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { tillsAnd } from '../auth/access.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import type { PosServices } from './services.js';

const shown = { userId: UserId, attributes: CustomerAttributes } as const;

export const attributeRoutes = ({ handler }: PosServices): readonly Route[] => [
  route({
    method: 'GET',
    path: '/pos/v1/users/{userId}/attributes',
    summary: 'What campaigns may ask of a customer',
    tags: ['Users'],
    access: tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    params: { userId: UserId },
    response: Type.Object(shown, { title: 'UserAttributes' }),
    problems: ['account-not-found'],
    handle: async ({ caller, params: { userId } }) => {
      const { status, profile } = await handler.state(
        accountStream(caller.tenant, userId),
        account,
      );
      if (status === 'unknown') throw rejected('account-not-found', { userId });
      return { body: { userId, attributes: profile.attributes } };
    },
  }),
  route({
    method: 'PUT',
    path: '/pos/v1/users/{userId}/attributes',
    summary: 'Sets some of them: what is left out stays as it is, null takes one away',
    description:
      'For the condition `customer-attribute` of campaigns. They lie open in the history, so they must not be personal: what looks like a contact is refused.',
    tags: ['Users'],
    access: tillsAnd('owner', 'manager', 'cashier'),
    params: { userId: UserId },
    body: Type.Object(
      { attributes: AttributeChanges },
      { additionalProperties: false, title: 'SetAttributesBody' },
    ),
    idempotencyKey: 'optional',
    command: setAttributes.name,
    response: Recorded('SetUserAttributes', shown),
    problems: ['account-not-found', 'account-closed', 'too-many-attributes'],
    examples: {
      body: [
        {
          summary: 'An age band, and no favourite shop any more',
          value: { attributes: { ageBand: 40, favouriteShop: null } },
        },
      ],
    },
    handle: async (request) => {
      const input = { ...request.params, ...request.body };
      return recorded(await handler.handle(setAttributes, input, contextOf(request, undefined)));
    },
  }),
];
