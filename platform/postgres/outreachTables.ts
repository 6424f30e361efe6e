/** The queue's tables and what sending looks up of persons, over one pool. */
import type pg from 'pg';
import type { PersonalKeys } from '../../commands/personalData.js';
import { customers } from '../../projections/customers/customers.js';
import { consentsOf, sentTo, suppressionsOf } from '../../projections/outbox/permissions.js';
import { laneReach, lanesOf, nextDue, queuedRows } from '../../projections/outbox/queries.js';
import type { Persons, QueueTables } from '../../workers/outreach/ports.js';

/** @param position up to which the tables are known to be filled. */
export const createQueueTables = (pool: pg.Pool, position: () => Promise<bigint>): QueueTables => ({
  position,
  lanes: () => lanesOf(pool),
  laneReach: (lane) => laneReach(pool, lane),
  queued: (windows, now) => queuedRows(pool, windows, now),
  nextDue: (windows, after) => nextDue(pool, windows, after),
  consents: (tenant, asked) => consentsOf(pool, tenant, asked),
  suppressions: (tenant, channel, addresses) => suppressionsOf(pool, tenant, channel, addresses),
  sentTo: (tenant, subjects, since) => sentTo(pool, tenant, subjects, since),
});

/** Keys are read anew each time: whoever was erased is written to no more. */
export const createPersons = (
  pool: Pick<pg.Pool, 'query'>,
  keys: Pick<PersonalKeys, 'indexKey'>,
): Persons => ({
  indexKey: keys.indexKey,
  keys: async (tenant, subjects) => {
    const { rows } = await pool.query<{ subject: string; key: Buffer }>({
      name: 'outreach.keys',
      text: `select subject, key from kopilka.personal_keys
        where tenant = $1 and subject = any ($2) and key is not null`,
      values: [tenant, subjects],
    });
    return new Map(rows.map(({ subject, key }) => [subject, key]));
  },
  accounts: async (tenant, userIds) => {
    const { rows } = await pool.query<{ user_id: string; person: string }>({
      name: 'outreach.accounts',
      text: `select user_id, person from read.customers
        where tenant = $1 and user_id = any ($2) and status = 'active' and person is not null`,
      values: [tenant, userIds],
    });
    return new Map(rows.map(({ user_id: userId, person }) => [userId, person]));
  },
  accountsPosition: async () => {
    const { rows } = await pool.query<{ position: bigint | null }>({
      name: 'outreach.accounts_position',
      text: `select position from kopilka.checkpoints where projection = $1 and status = 'live'`,
      values: [customers.name],
    });
    return BigInt(rows[0]?.position ?? 0);
  },
});
