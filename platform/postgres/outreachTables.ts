/** The queue's tables and what sending looks up of persons, over one pool. */
import type pg from 'pg';
import type { PersonalKeys } from '../../commands/personalData.js';
import { customers } from '../../projections/customers/customers.js';
import { consentsOf, sentTo, suppressionsOf } from '../../projections/outbox/permissions.js';
import { laneReach, lanesOf, nextDue, queuedRows } from '../../projections/outbox/queries.js';
import type { AccountKnown, Persons, QueueTables } from '../../workers/outreach/ports.js';

/** They come with the first message. */
export const areQueueTablesThere = async (pool: pg.Pool): Promise<boolean> => {
  const { rows } = await pool.query<{ found: boolean }>(
    `select to_regclass('read.outbox_lanes') is not null as found`,
  );
  return rows[0]?.found ?? false;
};

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
    // Version 2 of the customers, which answers until version 3 has caught up, has no column for a language.
    const { rows } = await pool.query<AccountKnown & { user_id: string }>({
      name: 'outreach.accounts',
      text: `select user_id, person, to_jsonb(c) ->> 'language' as language from read.customers as c
        where tenant = $1 and user_id = any ($2) and status = 'active' and person is not null`,
      values: [tenant, userIds],
    });
    return new Map(
      rows.map(({ user_id: userId, person, language }) => [userId, { person, language }]),
    );
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
