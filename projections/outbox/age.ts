/** How old the queue of a class is: what slows down whoever fills it. */
import type { TenantId } from '../../domain/ids.js';
import { channels, type MessageClass } from '../../domain/message/kinds.js';
import { live, type Reader } from '../pages.js';
import { rowsOnceBegun } from './begun.js';

const oldestText = `
  select min(oldest.since) as since
  from ${live}.outbox_lanes as l
  cross join unnest($3::text[]) as c(channel)
  cross join lateral (
    select r.since from ${live}.outbox_ready as r
    where r.tenant = l.tenant and r.lane = l.lane and r.class = $2 and r.channel = c.channel
    order by r.position limit 1
  ) as oldest
  where l.tenant = $1`;

/** Since when the oldest message that is ready to be sent has been so, milliseconds since the epoch; null: none is. */
export const oldestReady = async (
  db: Reader,
  tenant: TenantId,
  of: MessageClass,
): Promise<number | null> => {
  const rows = await rowsOnceBegun(
    db.query<{ readonly since: string | number | bigint | null }>({
      name: 'outbox.oldest_ready',
      text: oldestText,
      values: [tenant, of, [...channels]],
    }),
  );
  const since = rows[0]?.since ?? null;
  return since === null ? null : Number(since);
};
