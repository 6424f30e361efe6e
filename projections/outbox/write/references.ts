/** What providers call the attempts, so that a receipt finds its message. */
import { inOrder, integer, rowsInsert, text } from '../../columns.js';
import type { Write } from '../../projection.js';
import { messageKey } from './messageKey.js';
import type { Moved } from './moved.js';

interface Reference {
  readonly one: Moved;
  readonly attempt: number;
  readonly providerId: string;
  readonly reference: string;
}

const insertReferences = rowsInsert<Reference>(
  'provider_references',
  {
    tenant: text((r) => r.one.tenant),
    provider_id: text((r) => r.providerId),
    reference: text((r) => r.reference),
    message_id: messageKey.message_id,
    attempt: integer((r) => r.attempt),
  },
  // A provider that counts from one again after a year means its latest.
  '(tenant, provider_id, reference) do update set message_id = excluded.message_id, attempt = excluded.attempt',
);

/** By which receipts will name the attempts; none where none will come. */
const referencesOf = (all: readonly Moved[]): Reference[] => {
  const found = new Map<string, Reference>();
  for (const one of all) {
    for (const { change } of one.told.changes) {
      if (change.type !== 'AttemptsAnswered') continue;
      const { attempt, providerReference: reference } = change.item;
      if (reference === undefined) continue;
      const tried = one.after.message.attempts.find((each) => each.attempt === attempt);
      if (!tried || tried.tellsNoMore) continue;
      const { providerId } = tried;
      found.set(`${one.tenant} ${providerId} ${reference}`, {
        one,
        attempt,
        providerId,
        reference,
      });
    }
  }
  return [...found.values()];
};

export const writeReferences = (all: readonly Moved[]): Write =>
  inOrder(insertReferences(referencesOf(all)));
