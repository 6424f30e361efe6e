/** Whose points are due to activate or expire: what the timer worker asks. */
import type pg from 'pg';
import type { TenantId, UserId } from '../../domain/ids.js';

export interface DueAccount {
  readonly tenant: TenantId;
  readonly userId: UserId;
}

/** Longest due first. `asOf` in milliseconds since the epoch. Both halves follow an index made for them. */
export const dueAccounts = async (
  db: Pick<pg.Pool, 'query'>,
  asOf: number,
  limit: number,
): Promise<DueAccount[]> => {
  const { rows } = await db.query<DueAccount>(
    `select tenant, user_id as "userId" from (
       (select tenant, user_id, activates_at as due from read.lots
        where not activated and remaining > 0 and activates_at <= $1 order by activates_at limit $2)
       union all
       (select tenant, user_id, expires_at as due from read.lots
        where remaining > 0 and expires_at is not null and expires_at <= $1 order by expires_at limit $2)
     ) lots
     group by tenant, user_id order by min(due) limit $2`,
    [new Date(asOf), limit],
  );
  return rows;
};
