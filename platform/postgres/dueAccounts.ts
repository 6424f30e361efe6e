/**
 * Accounts with points that are due, from the lots of the balances read model. Each half of the question has its own partial
 * index, so a look that finds nothing costs two descents.
 */
import type pg from 'pg';
import type { TenantId, UserId } from '../../domain/ids.js';

interface DueAccount {
  readonly tenant: TenantId;
  readonly userId: UserId;
}

const question = `
  select tenant, user_id as "userId", min(due_at) as due_at from (
    (select tenant, user_id, activates_at as due_at from read.lots
     where not activated and remaining > 0 and activates_at <= $1
     order by activates_at limit $2)
    union all
    (select tenant, user_id, expires_at as due_at from read.lots
     where remaining > 0 and expires_at is not null and expires_at <= $1
     order by expires_at limit $2)
  ) due
  group by tenant, user_id order by due_at limit $2`;

/** `asOf` in milliseconds; the longest due first. */
export const createPostgresDueAccounts = (pool: Pick<pg.Pool, 'query'>) => ({
  due: async (asOf: number, limit: number): Promise<DueAccount[]> => {
    const { rows } = await pool.query<DueAccount>(question, [new Date(asOf), limit]);
    return rows.map(({ tenant, userId }) => ({ tenant, userId }));
  },
});
