/** What was sent to whom and when, which caps are counted by; an attempt that was refused is taken back. */
import { bigint, inOrder, integer, rowsInsert, rowsStatement, text } from '../../columns.js';
import type { Write } from '../../projection.js';
import { messageKey } from './messageKey.js';
import type { Moved } from './moved.js';

interface SentRow {
  readonly one: Moved;
  readonly attempt: number;
  readonly at: number;
  readonly channel: string;
}

const sentKey = {
  tenant: messageKey.tenant,
  subject: text<SentRow>((s) => s.one.subject),
  at: bigint<SentRow>((s) => s.at),
  message_id: messageKey.message_id,
  attempt: integer<SentRow>((s) => s.attempt),
} as const;

const insertSent = rowsInsert<SentRow>(
  'sent',
  { ...sentKey, channel: text((s) => s.channel) },
  '(tenant, subject, at, message_id, attempt) do nothing',
);

const deleteSent = rowsStatement<SentRow>(
  'sent.delete',
  sentKey,
  `delete from {schema}.sent as stored using ({rows}) as s
    where stored.tenant = s.tenant and stored.subject = s.subject and stored.at = s.at
      and stored.message_id = s.message_id and stored.attempt = s.attempt`,
);

/** What the recipient was not reached by does not count. */
const refused = new Set<string | null>(['throttled', 'retryable', 'permanent']);

export const writeSent = (all: readonly Moved[]): Write => {
  const counted: SentRow[] = [];
  const taken: SentRow[] = [];
  for (const one of all) {
    if (one.subject === null) continue;
    const told = new Set(
      one.told.changes.flatMap(({ change }) =>
        change.type === 'AttemptsStarted' || change.type === 'AttemptsAnswered'
          ? [change.item.attempt]
          : [],
      ),
    );
    for (const { attempt, startedAt: at, channel, outcome } of one.after.message.attempts) {
      if (!told.has(attempt)) continue;
      (refused.has(outcome) ? taken : counted).push({ one, attempt, at, channel });
    }
  }
  return inOrder(insertSent(counted), deleteSent(taken));
};
