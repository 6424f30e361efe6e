/**
 * Where messages stand in the queue: a row says that one is ready, or when it is due. Only a place that changed is written, and the
 * old one is deleted by its whole key.
 */
import { bigint, inOrder, rowsInsert, rowsStatement, text } from '../../columns.js';
import type { Write } from '../../projection.js';
import { readyUntil } from '../place.js';
import { messageKey } from './messageKey.js';
import { channelOf, type Moved } from './moved.js';

interface ReadyRow {
  readonly one: Moved;
  readonly channel: string;
  readonly position: bigint;
}

const insertReady = rowsInsert<ReadyRow>('ready', {
  ...messageKey,
  channel: text((r) => r.channel),
  position: bigint((r) => r.position),
  since: bigint((r) => r.one.after.place.since),
  until: bigint((r) => Math.ceil(readyUntil(r.one.after.message))),
});

const deleteReady = rowsStatement<ReadyRow>(
  'ready.delete',
  { ...messageKey, channel: text((r) => r.channel), position: bigint((r) => r.position) },
  `delete from {schema}.ready as stored using ({rows}) as r
    where stored.tenant = r.tenant and stored.lane = r.lane and stored.class = r.class
      and stored.channel = r.channel and stored.position = r.position and stored.message_id = r.message_id`,
);

interface DueRow {
  readonly one: Moved;
  readonly channel: string;
  readonly dueAt: number;
}

const insertScheduled = rowsInsert<DueRow>(
  'scheduled',
  {
    ...messageKey,
    channel: text((r) => r.channel),
    due_at: bigint((r) => r.dueAt),
    waits_for: text((r) => r.one.after.place.waitsFor),
  },
  '(tenant, lane, class, channel, due_at, message_id) do update set waits_for = excluded.waits_for',
);

const deleteScheduled = rowsStatement<DueRow>(
  'scheduled.delete',
  { ...messageKey, channel: text((r) => r.channel), due_at: bigint((r) => r.dueAt) },
  `delete from {schema}.scheduled as stored using ({rows}) as r
    where stored.tenant = r.tenant and stored.lane = r.lane and stored.class = r.class
      and stored.channel = r.channel and stored.due_at = r.due_at and stored.message_id = r.message_id`,
);

export const writePlaces = (all: readonly Moved[]): Write => {
  const left: ReadyRow[] = [];
  const ready: ReadyRow[] = [];
  const past: DueRow[] = [];
  const due: DueRow[] = [];
  for (const one of all) {
    const was = one.before?.place;
    const is = one.after.place;
    const from = one.channel;
    const channel = channelOf(one.after.message);
    const wasReady = was?.readyAt ?? null;
    if (wasReady !== is.readyAt || from !== channel) {
      if (wasReady !== null) left.push({ one, channel: from, position: wasReady });
      if (is.readyAt !== null) ready.push({ one, channel, position: is.readyAt });
    }
    const wasDue = was?.dueAt ?? null;
    if (wasDue !== is.dueAt || from !== channel) {
      if (wasDue !== null) past.push({ one, channel: from, dueAt: wasDue });
    }
    // Also where the time is the same: what it waits for may be another.
    if (is.dueAt !== null) due.push({ one, channel, dueAt: is.dueAt });
  }
  return inOrder(
    deleteReady(left),
    insertReady(ready),
    deleteScheduled(past),
    insertScheduled(due),
  );
};
