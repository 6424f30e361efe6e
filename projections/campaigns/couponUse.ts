/** How coupons fared at the tills: by series, day and merchant, used or refused and why. */
import {
  anyText,
  cursorOf,
  fetchLimit,
  live,
  numberOf,
  type Page,
  pageOf,
  type PageRequest,
  type Reader,
} from '../pages.js';
import { checkedSchema } from '../schema.js';
import type { ResultsQuestion } from './results.js';

export interface CouponDay {
  readonly day: string;
  readonly series: string;
  readonly merchantId: number;
  /** Null: the coupon was used. */
  readonly refusal: string | null;
  readonly shown: number;
}

/** By series, then day, merchant and outcome. */
export const couponDays = async (
  db: Reader,
  {
    tenant,
    series,
    merchantId,
    from,
    to,
    ...page
  }: Omit<ResultsQuestion, 'campaignId'> & { readonly series: string | null } & PageRequest,
  schema = live,
): Promise<Page<CouponDay>> => {
  const kinds = [anyText, /^\d{4}-\d\d-\d\d$/, /^\d{1,9}$/, /^[a-z-]{0,80}$/];
  const cursor = cursorOf(page, ...kinds) ?? [null, null, null, null];
  const { rows } = await db.query<Readonly<Record<string, unknown>>>(
    `select to_char(day, 'YYYY-MM-DD') as day, series, merchant_id, refusal, shown
      from ${checkedSchema(schema)}.coupon_use
      where tenant = $1 and ($2::text is null or series = $2)
        and ($3::integer is null or merchant_id = $3)
        and ($4::date is null or day >= $4) and ($5::date is null or day <= $5)
        and ($6::text is null or (series, day, merchant_id, refusal) > ($6, $7::date, $8::integer, $9))
      order by series, day, merchant_id, refusal limit $10`,
    [tenant, series, merchantId, from, to, ...cursor, fetchLimit(page)],
  );
  const text = (row: (typeof rows)[number], name: string): string => String(row[name]);
  return pageOf(
    rows,
    page,
    (row) => ['series', 'day', 'merchant_id', 'refusal'].map((name) => text(row, name)),
    (row) => ({
      day: text(row, 'day'),
      series: text(row, 'series'),
      merchantId: Number(row['merchant_id']),
      refusal: row['refusal'] === '' ? null : text(row, 'refusal'),
      shown: numberOf(row['shown']),
    }),
  );
};
