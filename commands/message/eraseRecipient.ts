/**
 * Forgets somebody who is known by an address alone. Their address is left alone on every channel first: messages that name it beside
 * another, or beside an account, are sealed under another key than its own, and are not to reach it either. Then the event comes first and the key after it: what broke off between the two is
 * finished by its repeat, whereas a key destroyed without an event would be a loss that nobody decided.
 */
import { Type } from '@sinclair/typebox';
import { addressKindOf, type AddressKind, channels } from '../../domain/message/kinds.js';
import {
  eraseRecipient as decide,
  recipient,
  RecipientErased,
  recipientStream,
} from '../../domain/message/erasedRecipient.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import { suppressAddress } from '../consent/suppressions.js';
import type { PersonalKeys } from '../personalData.js';
import { messageSubject } from './sealing.js';

const erase = defineCommand({
  name: 'EraseRecipient',
  summary: 'Destroys the key of what is personal in messages to an address; for ever.',
  input: Type.Object(
    { ...RecipientErased.schema.properties },
    { additionalProperties: false, title: 'EraseRecipient' },
  ),
  aggregate: recipient,
  stream: ({ subject }, { tenant }) => recipientStream(tenant, subject),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input: { kind } }) => ({ kind }),
});

export const eraseRecipientName = erase.name;

export type EraseRecipient = (
  asked: { readonly kind: AddressKind; readonly address: string; readonly reason: string },
  context: CommandContext,
) => Promise<Handled<{ readonly kind: AddressKind }>>;

/** @param keys where what is sealed of messages is readable by. */
export const createEraseRecipient =
  (handler: Handler, keys: Pick<PersonalKeys, 'destroy'>): EraseRecipient =>
  async ({ kind, address, reason }, context) => {
    const subject = messageSubject(null, { [kind]: address });
    for (const channel of channels.filter((one) => addressKindOf[one] === kind)) {
      const alone = { channel, address, reason: 'operator', detail: 'erased' } as const;
      await handler.handle(suppressAddress, alone, context);
    }
    const handled = await handler.handle(erase, { kind, address, subject, reason }, context);
    await keys.destroy(context.tenant, subject);
    return handled;
  };
