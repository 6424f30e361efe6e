/** Questions to the sales. Money is minor units, points hundredths, days are the merchants' own. */
import {
  cursorOf,
  fetchLimit,
  live,
  numberOf,
  type Page,
  pageOf,
  type PageRequest,
  parameters,
  type Reader,
  wholeNumber,
} from '../pages.js';
import { checkedSchema } from '../schema.js';

export interface SalesFigures {
  readonly receipts: number;
  readonly anonymousReceipts: number;
  readonly returns: number;
  readonly cancellations: number;
  readonly grossAmount: number;
  readonly returnedAmount: number;
  readonly netAmount: number;
  readonly paidByPoints: number;
  readonly returnedToPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
}

export interface DailySales extends SalesFigures {
  readonly merchantId: number;
  readonly pointOfSaleId: number;
  /** YYYY-MM-DD in the merchant's time zone. */
  readonly day: string;
}

export interface SalesFilter {
  readonly tenant: string;
  readonly merchantId?: number;
  readonly pointOfSaleId?: number;
  /** YYYY-MM-DD, both inclusive. */
  readonly from?: string;
  readonly to?: string;
}

type Row = Readonly<Record<string, unknown>>;

const toFigures = (row: Row): SalesFigures => ({
  receipts: numberOf(row['receipts']),
  anonymousReceipts: numberOf(row['anonymous_receipts']),
  returns: numberOf(row['returns']),
  cancellations: numberOf(row['cancellations']),
  grossAmount: numberOf(row['gross_amount']),
  returnedAmount: numberOf(row['returned_amount']),
  netAmount: numberOf(row['net_amount']),
  paidByPoints: numberOf(row['paid_by_points']),
  returnedToPoints: numberOf(row['returned_to_points']),
  pointsRedeemed: numberOf(row['points_redeemed']),
  pointsEarned: numberOf(row['points_earned']),
});

const conditionsOf = (filter: SalesFilter, add: (value: unknown) => string): string => {
  const conditions = [`tenant = ${add(filter.tenant)}`];
  if (filter.merchantId !== undefined) conditions.push(`merchant_id = ${add(filter.merchantId)}`);
  if (filter.pointOfSaleId !== undefined) {
    conditions.push(`point_of_sale_id = ${add(filter.pointOfSaleId)}`);
  }
  if (filter.from !== undefined) conditions.push(`day >= ${add(filter.from)}::date`);
  if (filter.to !== undefined) conditions.push(`day <= ${add(filter.to)}::date`);
  return conditions.join(' and ');
};

const isoDay = /^[0-9]{4,6}-[0-9]{2}-[0-9]{2}$/;

/** In order of the days. @throws BadCursor */
export const dailySales = async (
  db: Reader,
  filter: SalesFilter & PageRequest,
  schema = live,
): Promise<Page<DailySales>> => {
  const { values, add } = parameters();
  let conditions = conditionsOf(filter, add);
  const cursor = cursorOf(filter, isoDay, wholeNumber, wholeNumber);
  if (cursor) {
    const [day, merchant, shop] = cursor;
    conditions += ` and (day, merchant_id, point_of_sale_id)
      > (${add(day)}::date, ${add(merchant)}::integer, ${add(shop)}::integer)`;
  }
  const { rows } = await db.query<Row>(
    `select *, to_char(day, 'YYYY-MM-DD') as iso_day from ${checkedSchema(schema)}.daily_sales
      where ${conditions} order by day, merchant_id, point_of_sale_id limit ${add(fetchLimit(filter))}`,
    values,
  );
  return pageOf(rows, filter, keyOf, (row) => ({
    merchantId: Number(row['merchant_id']),
    pointOfSaleId: Number(row['point_of_sale_id']),
    day: String(row['iso_day']),
    ...toFigures(row),
  }));
};

const keyOf = (row: Row) => [
  String(row['iso_day']),
  Number(row['merchant_id']),
  Number(row['point_of_sale_id']),
];

export interface MerchantSales extends SalesFigures {
  readonly merchantId: number;
}

/** Sums by merchant, at most 1,000 merchants. */
export const salesByMerchant = async (
  db: Reader,
  filter: SalesFilter,
  schema = live,
): Promise<MerchantSales[]> => {
  const { values, add } = parameters();
  const { rows } = await db.query<Row>(
    `select merchant_id, sum(receipts) as receipts, sum(anonymous_receipts) as anonymous_receipts,
        sum(returns) as returns, sum(cancellations) as cancellations, sum(gross_amount) as gross_amount,
        sum(returned_amount) as returned_amount, sum(net_amount) as net_amount,
        sum(paid_by_points) as paid_by_points, sum(returned_to_points) as returned_to_points,
        sum(points_redeemed) as points_redeemed, sum(points_earned) as points_earned
      from ${checkedSchema(schema)}.daily_sales where ${conditionsOf(filter, add)}
      group by merchant_id order by merchant_id limit 1000`,
    values,
  );
  return rows.map((row) => ({ merchantId: Number(row['merchant_id']), ...toFigures(row) }));
};
