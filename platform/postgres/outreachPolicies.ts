/** What policies of outreach read and keep in PostgreSQL: the ports of workers/outreach/policies. */
import type pg from 'pg';
import type { PersonalKeys } from '../../commands/personalData.js';
import type { UserId } from '../../domain/ids.js';
import { type BirthdayStore, birthdayTag } from '../../workers/outreach/policies/birthdayIndex.js';
import type { PolicyReading } from '../../workers/outreach/policies/timed.js';

type Db = Pick<pg.Pool, 'query'>;

export const createBirthdayStore = (db: Db): BirthdayStore => ({
  put: async (tenant, userId, tag) => {
    if (tag === null) {
      const text = 'delete from kopilka.outreach_birthdays where tenant = $1 and user_id = $2';
      await db.query({ name: 'birthdays.drop', text, values: [tenant, userId] });
      return;
    }
    await db.query({
      name: 'birthdays.put',
      text: `insert into kopilka.outreach_birthdays (tenant, user_id, tag) values ($1, $2, $3)
        on conflict (tenant, user_id) do update set tag = excluded.tag
        where outreach_birthdays.tag <> excluded.tag`,
      values: [tenant, userId, tag],
    });
  },
});

export const createPolicyReading = (
  db: Db,
  keys: Pick<PersonalKeys, 'indexKey'>,
): PolicyReading => ({
  expiring: async ({ tenant, from, until, pointsMin, after, limit }) => {
    const { rows } = await db.query<{ userId: UserId; points: string }>(
      `select user_id as "userId", sum(remaining) as points from read.lots
        where tenant = $1 and remaining > 0 and expires_at >= $2 and expires_at < $3 and user_id > $5
        group by user_id having sum(remaining) >= $4 order by user_id limit $6`,
      [tenant, new Date(from), new Date(until), pointsMin, after ?? '', limit],
    );
    return rows.map(({ userId, points }) => ({ userId, points: Number(points) }));
  },
  celebrating: async ({ tenant, days, after, limit }) => {
    const indexKey = await keys.indexKey(tenant);
    const { rows } = await db.query<{ userId: UserId }>(
      `select user_id as "userId" from kopilka.outreach_birthdays
        where tenant = $1 and tag = any ($2) and user_id > $3 order by user_id limit $4`,
      [tenant, days.map((day) => birthdayTag(indexKey, day)), after ?? '', limit],
    );
    return rows.map(({ userId }) => userId);
  },
});
