/**
 * Points that are out and may still be spent, by who issued them and the month in which they expire: what a merchant has to
 * reserve for. Points are hundredths.
 *
 * It has no tables of its own: it is the lots of the balances, added up, so it agrees with every balance by construction and no
 * batch pays for it. A programme with a million living lots is added up in some tenths of a second.
 */
import { live, numberOf, type Page, type PageRequest, type Reader } from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';

export interface Liability {
  /** Who issued the points, 0 for the programme itself. */
  readonly merchantId: number;
  /** YYYY-MM, UTC; null: never. */
  readonly expires: string | null;
  readonly lots: number;
  readonly active: number;
  readonly pending: number;
}

export interface LiabilityQuestion {
  readonly tenant: string;
  /** Null: of all. */
  readonly merchantId: number | null;
}

const never = '9999-12';

/** In the order of merchants and months, those that never expire last. */
export const liabilityOf = async (
  db: Reader,
  { tenant, merchantId, ...page }: LiabilityQuestion & PageRequest,
  schema = live,
): Promise<Page<Liability>> => {
  return readPage(db, page, {
    key: { merchant: 'integer', expires: 'text' },
    values: [tenant, merchantId],
    sql: (after, limit) =>
      `select * from (
          select coalesce(merchant_id, 0) as merchant,
            coalesce(to_char(expires_at at time zone 'UTC', 'YYYY-MM'), '${never}') as expires,
            count(*) as lots, coalesce(sum(remaining) filter (where activated), 0) as active,
            coalesce(sum(remaining) filter (where not activated), 0) as pending
          from ${checkedSchema(schema)}.lots
          where tenant = $1 and remaining > 0 and ($2::integer is null or coalesce(merchant_id, 0) = $2)
          group by 1, 2) as months
        where ${after}
        order by merchant, expires limit ${limit}`,
    toView: (row) => ({
      merchantId: Number(row['merchant']),
      expires: row['expires'] === never ? null : String(row['expires']),
      lots: numberOf(row['lots']),
      active: numberOf(row['active']),
      pending: numberOf(row['pending']),
    }),
  });
};
