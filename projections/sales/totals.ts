/** Questions to the sales: sums per merchant, all days together or day by day. Minor units; days are the merchant's own. */
import type pg from 'pg';
import type { TenantId } from '../../domain/ids.js';

export interface SalesQuestion {
  readonly tenant: TenantId;
  /** Null: every merchant of the tenant. */
  readonly merchantId: number | null;
  /** Days, YYYY-MM-DD, both inclusive; null: no bound. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface SalesSums {
  readonly receipts: number;
  readonly anonymousReceipts: number;
  readonly returns: number;
  readonly cancellations: number;
  /** Goods sold, and of it what campaigns took off. */
  readonly gross: number;
  readonly discount: number;
  /** Goods given back or cancelled, and of it what had been taken off. */
  readonly returned: number;
  readonly returnedDiscount: number;
  /** gross - discount - (returned - returnedDiscount): what points and money paid. */
  readonly net: number;
  /** Of the sold, and of the returned what went back as points. */
  readonly paidByPoints: number;
  readonly returnedToPoints: number;
}

export interface DailySales extends SalesSums {
  readonly day: string;
  readonly merchantId: number;
  readonly pointOfSaleId: number;
}

const sums = {
  receipts: 'receipts',
  anonymousReceipts: 'anonymous_receipts',
  returns: 'returns',
  cancellations: 'cancellations',
  gross: 'gross_amount',
  discount: 'discount_amount',
  returned: 'returned_amount',
  returnedDiscount: 'returned_discount',
  net: 'net_amount',
  paidByPoints: 'paid_by_points',
  returnedToPoints: 'returned_to_points',
} as const;
type SumName = keyof typeof sums;

const where = `tenant = $1 and ($2::integer is null or merchant_id = $2)
  and ($3::date is null or day >= $3) and ($4::date is null or day <= $4)`;
const valuesOf = ({ tenant, merchantId, from, to }: SalesQuestion) => [
  tenant,
  merchantId,
  from,
  to,
];

/** bigint comes as text; these sums stay far below 2^53. */
const numbersOf = (row: Readonly<Record<string, unknown>>): SalesSums =>
  Object.fromEntries(
    (Object.keys(sums) as SumName[]).map((name) => [name, Number(row[sums[name]])]),
  ) as unknown as SalesSums;

export const readSalesTotals = async (
  db: Pick<pg.Pool, 'query'>,
  question: SalesQuestion,
): Promise<SalesSums> => {
  const columns = Object.values(sums).map((name) => `coalesce(sum(${name}), 0) as ${name}`);
  const { rows } = await db.query<Record<string, unknown>>({
    name: 'sales.totals',
    text: `select ${columns.join(', ')} from read.daily_sales where ${where}`,
    values: valuesOf(question),
  });
  return numbersOf(rows[0] ?? {});
};

/** In the order of days, at most `limit` after the first `offset`. */
export const readDailySales = async (
  db: Pick<pg.Pool, 'query'>,
  question: SalesQuestion,
  page: { readonly limit: number; readonly offset: number },
): Promise<DailySales[]> => {
  const { rows } = await db.query<Record<string, unknown>>({
    name: 'sales.daily',
    text: `select to_char(day, 'YYYY-MM-DD') as day, merchant_id, point_of_sale_id, ${Object.values(sums).join(', ')}
      from read.daily_sales where ${where}
      order by day, merchant_id, point_of_sale_id limit $5 offset $6`,
    values: [...valuesOf(question), page.limit, page.offset],
  });
  return rows.map((row) => ({
    day: String(row['day']),
    merchantId: Number(row['merchant_id']),
    pointOfSaleId: Number(row['point_of_sale_id']),
    ...numbersOf(row),
  }));
};
