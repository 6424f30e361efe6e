/**
 * Somebody who is known by an address alone, and wants to be forgotten: the key that seals messages to the address is destroyed, for ever, and
 * read models let go what is found by it. Customers are erased with their accounts.
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf } from '../event.js';
import type { TenantId } from '../ids.js';
import { streamName } from '../stream.js';
import { addressKinds } from './kinds.js';

/** @param subject of the messages to the address. */
export const recipientStream = (tenant: TenantId, subject: string) =>
  streamName('recipient', tenant, subject);

// These names are the storage format: proof-read, version with care.
export const RecipientErased = event('RecipientErased', {
  kind: Type.Union(addressKinds.map((kind) => Type.Literal(kind))),
  /** Its hash, as messages have it. */
  address: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Whose key it was. */
  subject: Type.String({ maxLength: 80 }),
  reason: Type.String({ maxLength: 500 }),
});

export const recipientEvents = [RecipientErased] as const;
export type RecipientEvent = EventOf<typeof RecipientErased>;
export type Recipient = 'present' | 'erased';

export const recipient: Aggregate<Recipient, RecipientEvent> = {
  category: 'recipient',
  initial: () => 'present',
  evolve: () => 'erased',
};

export const eraseRecipient = (
  command: RecipientEvent['data'],
  state: Recipient,
): RecipientEvent[] => (state === 'erased' ? [] : [{ type: 'RecipientErased', data: command }]);
