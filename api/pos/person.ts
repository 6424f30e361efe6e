/** /pos/v1/users/{userId}/person: what is known of a person, told anew. It is shown with the customer. */
import { Type } from '@sinclair/typebox';
import { ChangePersonInput, createChangePerson } from '../../commands/customer/changePerson.js';
import { MemberId, UserId } from '../../domain/ids.js';
import { tillsAnd } from '../auth/access.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import type { PosServices } from './services.js';

export const personRoutes = ({ handler, personalData }: PosServices): readonly Route[] => {
  const changePerson = createChangePerson(handler, personalData);
  return [
    route({
      method: 'PUT',
      path: '/pos/v1/users/{userId}/person',
      summary: 'Changes name, birth date, phone and e-mail: what is left out is gone',
      description:
        'Phone and e-mail are unique in the programme; those that are given up become free. What was told before stays in the history, encrypted under the same key.',
      tags: ['Users'],
      access: tillsAnd('owner', 'manager', 'cashier'),
      params: { userId: UserId },
      body: Type.Omit(ChangePersonInput, ['userId'], {
        additionalProperties: false,
        title: 'ChangePersonBody',
      }),
      idempotencyKey: 'required',
      command: 'ChangePerson',
      response: Recorded('ChangedPerson', { userId: UserId, memberId: MemberId }),
      problems: [
        'account-not-found',
        'account-closed',
        'member-not-found',
        'invalid-contact',
        'contact-taken',
      ],
      examples: {
        body: [
          {
            summary: 'Another phone',
            value: { name: 'Ann Smith', phone: '+442079460020', birthDate: '1980-12-31' },
          },
        ],
      },
      handle: async (request) => {
        const input = { ...request.body, ...request.params };
        return recorded(await changePerson(input, contextOf(request, undefined)));
      },
    }),
  ];
};
