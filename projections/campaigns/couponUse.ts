/** How coupons fared at the tills: by series, day and merchant, used or refused and why. */
import { live, numberOf, type Page, type PageRequest, type Reader } from '../pages.js';
import { readPage } from '../readPage.js';
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
  return readPage(db, page, {
    key: { series: 'text', day: 'date', merchant_id: 'integer', refusal: 'text' },
    values: [tenant, series, merchantId, from, to],
    sql: (after, limit) =>
      `select to_char(day, 'YYYY-MM-DD') as day, series, merchant_id, refusal, shown
        from ${checkedSchema(schema)}.coupon_use
        where tenant = $1 and ($2::text is null or series = $2)
          and ($3::integer is null or merchant_id = $3)
          and ($4::date is null or day >= $4) and ($5::date is null or day <= $5) and ${after}
        order by series, day, merchant_id, refusal limit ${limit}`,
    toView: (row) => ({
      day: String(row['day']),
      series: String(row['series']),
      merchantId: Number(row['merchant_id']),
      refusal: row['refusal'] === '' ? null : String(row['refusal']),
      shown: numberOf(row['shown']),
    }),
  });
};
