/** /admin/v1/outreach/recipients: somebody who is known by an address alone is forgotten. */
import { Type } from '@sinclair/typebox';
import { addressAsked, AddressAsked } from '../../commands/consent/recipient.js';
import { createEraseRecipient, eraseRecipientName } from '../../commands/message/eraseRecipient.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import { RecipientErased } from '../../domain/message/erasedRecipient.js';
import { editorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, type Registry, wholeTenant } from './operatorCommand.js';

export interface RecipientErasureRoutes extends Registry {
  readonly keys: Pick<PersonalKeys, 'indexKey' | 'destroy'>;
}

const { kind, reason } = RecipientErased.schema.properties;

export const recipientErasureRoutes = ({ handler, keys }: RecipientErasureRoutes): Route[] => {
  const erase = createEraseRecipient(handler, keys);
  return [
    route({
      method: 'POST',
      path: '/admin/v1/outreach/recipients/erase',
      summary: 'Forgets somebody who is known by an address alone; for ever.',
      description:
        'The key of what is personal in messages to the address is destroyed, and the address is left alone on every channel: what is on its way to it ' +
        'ends as suppressed, nothing that names it is ever accepted again, and searches do not find it any more. Customers are erased with their accounts.',
      tags: ['Outreach'],
      access: editorsOnly,
      body: Type.Object(
        { address: AddressAsked, reason },
        { additionalProperties: false, title: 'RecipientErasure' },
      ),
      idempotencyKey: 'optional',
      command: eraseRecipientName,
      response: Type.Object({ kind }, { title: 'ErasedRecipient' }),
      problems: ['invalid-contact'],
      examples: {
        body: [
          {
            summary: 'By a number',
            value: { address: { phone: '+442079460018' }, reason: 'asked for by letter' },
          },
        ],
      },
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { address, reason: why } = request.body;
        const { kind: of, hash } = await addressAsked(keys, tenant, address);
        const asked = { kind: of, address: hash, reason: why };
        const { answer, position } = await erase(asked, contextOf(request));
        return { body: answer, position };
      },
    }),
  ];
};
