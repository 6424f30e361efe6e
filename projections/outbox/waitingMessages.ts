/** What the messages of a programme wait for, how many, and since when: for operators. What is measured of all is in figures.ts. */
import type { TenantId } from '../../domain/ids.js';
import type { Channel, MessageClass } from '../../domain/message/kinds.js';
import { live, numberOf, type Reader } from '../pages.js';
import { readerOnceBegun } from './begun.js';
import type { WaitsFor } from './place.js';

export interface WaitingMessages {
  readonly channel: Channel;
  readonly class: MessageClass;
  /** ready: it can be sent now. */
  readonly waitsFor: WaitsFor | 'ready';
  readonly count: number;
  /** Of those that are ready since when the oldest is; of the others when the next is due. Milliseconds since the epoch. */
  readonly firstAt: number;
}

export const waitingMessages = async (
  db: Reader,
  tenant: TenantId,
  schema = live,
): Promise<WaitingMessages[]> => {
  const { rows } = await readerOnceBegun(db).query<Record<string, unknown>>(
    `select channel, class, 'ready' as waits_for, count(*) as count, min(since) as first_at
     from ${schema}.outbox_ready where tenant = $1 group by channel, class
     union all
     select channel, class, waits_for, count(*), min(due_at)
     from ${schema}.outbox_scheduled where tenant = $1 group by channel, class, waits_for
     order by channel, class, waits_for`,
    [tenant],
  );
  return rows.map((row) => ({
    channel: row['channel'] as Channel,
    class: row['class'] as MessageClass,
    waitsFor: row['waits_for'] as WaitingMessages['waitsFor'],
    count: numberOf(row['count']),
    firstAt: numberOf(row['first_at']),
  }));
};
