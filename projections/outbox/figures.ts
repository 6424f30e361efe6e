/** How the queue is: how much waits, since when, and what nobody knows the outcome of. For metrics, the console and operators. */
import type { Channel, MessageClass } from '../../domain/message/kinds.js';
import { live, type Reader } from '../pages.js';

export interface QueueDepth {
  readonly tenant: string;
  readonly class: MessageClass;
  readonly channel: Channel;
  /** Messages that could be sent now. */
  readonly ready: number;
  /** Since when the oldest of them could, milliseconds since the epoch; null: there is none. */
  readonly oldestSince: number | null;
  /** Messages that wait for a time, and of these the ones whose time has come. */
  readonly scheduled: number;
  readonly due: number;
  /** Messages whose attempt nobody knows the outcome of. */
  readonly unknown: number;
}

interface Row {
  readonly tenant: string;
  readonly class: MessageClass;
  readonly channel: Channel;
  readonly ready: string;
  readonly oldest: bigint | null;
  readonly scheduled: string;
  readonly due: string;
  readonly unknown: string;
}

const rowsMax = 1_000;

/** By tenant, class and channel, those that have anything; at most 1,000. @param tenant of one programme alone. */
export const queueDepth = async (
  db: Reader,
  now: number,
  tenant: string | null = null,
): Promise<QueueDepth[]> => {
  const { rows } = await db.query<Row>({
    name: 'outbox.depth',
    text: `select tenant, class, channel, sum(ready)::bigint as ready, min(oldest) as oldest,
        sum(scheduled)::bigint as scheduled, sum(due)::bigint as due,
        sum(unknown)::bigint as unknown
      from (
        select tenant, class, channel, count(*) as ready, min(since) as oldest, 0 as scheduled, 0 as due,
          0 as unknown
        from ${live}.outbox_ready where $1::text is null or tenant = $1 group by 1, 2, 3
        union all
        select tenant, class, channel, 0, null, count(*), count(*) filter (where due_at <= $2),
          count(*) filter (where waits_for = 'unknown')
        from ${live}.outbox_scheduled where $1::text is null or tenant = $1 group by 1, 2, 3
      ) as parts
      group by 1, 2, 3 order by 1, 2, 3 limit ${rowsMax}`,
    values: [tenant, Math.floor(now)],
  });
  return rows.map((row) => ({
    tenant: row.tenant,
    class: row.class,
    channel: row.channel,
    ready: Number(row.ready),
    oldestSince: row.oldest === null ? null : Number(row.oldest),
    scheduled: Number(row.scheduled),
    due: Number(row.due),
    unknown: Number(row.unknown),
  }));
};

/** Receipts that nothing was known of when they came: those that wait, and those that were given up. */
export const keptReceipts = async (
  db: Reader,
): Promise<{ readonly waiting: number; readonly givenUp: number }> => {
  const { rows } = await db.query<{ waiting: string; given_up: string }>(
    `select count(*) filter (where given_up_at is null) as waiting,
      count(given_up_at) as given_up from kopilka.outreach_receipts`,
  );
  return { waiting: Number(rows[0]?.waiting ?? 0), givenUp: Number(rows[0]?.given_up ?? 0) };
};
