/** Questions to the purchases. Money is minor units, points hundredths, quantities thousandths, times milliseconds. */
import type { Reason } from '../../domain/account/events.js';
import type { Position } from '../../domain/fact.js';
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
  timeOf,
  wholeNumber,
} from '../pages.js';
import { checkedSchema } from '../schema.js';
import type { GivenBackLine, Return } from './project.js';

export interface PurchaseView {
  readonly position: Position;
  readonly tenant: string;
  readonly purchaseId: string;
  /** Null: an anonymous receipt. */
  readonly userId: string | null;
  readonly cardNumber: string | null;
  /** Of a household: who bought, where that was known. */
  readonly memberId: number | null;
  readonly merchantId: number;
  readonly pointOfSaleId: number;
  readonly tillId: string;
  readonly currency: string;
  readonly total: number;
  readonly discount: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
  readonly deficitRepaid: number;
  readonly status: 'confirmed' | 'partlyReturned' | 'returned' | 'cancelled';
  readonly returnedAmount: number;
  readonly refunded: number;
  readonly lineCount: number;
  readonly offline: boolean;
  readonly ruleVersion: number | null;
  readonly quoteId: string | null;
  readonly why: readonly Reason[];
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly correlationId: string;
}

type Row = Readonly<Record<string, unknown>>;

/** The tables keep JSON as text, the views show it as JSON. */
const jsonOf = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);

const toPurchase = (row: Row): PurchaseView => ({
  position: BigInt(row['position'] as string),
  tenant: String(row['tenant']),
  purchaseId: String(row['purchase_id']),
  userId: row['user_id'] as string | null,
  cardNumber: row['card_number'] as string | null,
  memberId: row['member_id'] as number | null,
  merchantId: Number(row['merchant_id']),
  pointOfSaleId: Number(row['point_of_sale_id']),
  tillId: String(row['till_id']),
  currency: String(row['currency']),
  total: numberOf(row['total']),
  discount: numberOf(row['discount']),
  paidByPoints: numberOf(row['paid_by_points']),
  pointsRedeemed: numberOf(row['points_redeemed']),
  pointsEarned: numberOf(row['points_earned']),
  deficitRepaid: numberOf(row['deficit_repaid']),
  status: row['status'] as PurchaseView['status'],
  returnedAmount: numberOf(row['returned_amount']),
  refunded: numberOf(row['refunded']),
  lineCount: Number(row['line_count']),
  offline: row['offline'] === true,
  ruleVersion: row['rule_version'] as number | null,
  quoteId: row['quote_id'] as string | null,
  why: jsonOf(row['why']) as readonly Reason[],
  occurredAt: timeOf(row['occurred_at']),
  recordedAt: timeOf(row['recorded_at']),
  correlationId: String(row['correlation_id']),
});

export interface PurchaseFilter extends PageRequest {
  readonly tenant: string;
  readonly userId?: string;
  readonly tillId?: string;
  /** Only receipts without a customer. */
  readonly anonymous?: boolean;
  readonly merchantId?: number;
  /** Of the receipt, inclusive, ms. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
}

/** Latest first by the time of the receipt. @throws BadCursor */
export const listPurchases = async (
  db: Reader,
  filter: PurchaseFilter,
  schema = live,
): Promise<Page<PurchaseView>> => {
  const { values, add } = parameters();
  const conditions = [`tenant = ${add(filter.tenant)}`];
  const time = (ms: number) => `to_timestamp(${add(ms)}::float8 / 1000)`;
  if (filter.userId !== undefined) conditions.push(`user_id = ${add(filter.userId)}`);
  if (filter.tillId !== undefined) conditions.push(`till_id = ${add(filter.tillId)}`);
  if (filter.anonymous) conditions.push('user_id is null');
  if (filter.merchantId !== undefined) conditions.push(`merchant_id = ${add(filter.merchantId)}`);
  if (filter.from !== undefined) conditions.push(`occurred_at >= ${time(filter.from)}`);
  if (filter.to !== undefined) conditions.push(`occurred_at < ${time(filter.to)}`);
  const cursor = cursorOf(filter, wholeNumber, wholeNumber);
  if (cursor) {
    conditions.push(
      `(occurred_at, position) < (${time(Number(cursor[0]))}, ${add(cursor[1])}::bigint)`,
    );
  }
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.purchases where ${conditions.join(' and ')}
      order by occurred_at desc, position desc limit ${add(fetchLimit(filter))}`,
    values,
  );
  const keyOf = (row: Row) => [timeOf(row['occurred_at']), row['position'] as bigint];
  return pageOf(rows, filter, keyOf, toPurchase);
};

export interface PurchaseKey {
  readonly tenant: string;
  readonly purchaseId: string;
  /** Whose: the same receipt number may be another customer's or till's too. */
  readonly userId?: string;
  /** Of an anonymous receipt. */
  readonly tillId?: string;
}

/** By receipt number: one, where the owner is given, else all that bear it, at most 50. */
export const findPurchases = async (
  db: Reader,
  { tenant, purchaseId, userId, tillId }: PurchaseKey,
  schema = live,
): Promise<PurchaseView[]> => {
  const owner = userId ?? (tillId === undefined ? null : `till:${tillId}`);
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.purchases
      where tenant = $1 and purchase_id = $2 and ($3::text is null or owner = $3)
      order by position limit 50`,
    [tenant, purchaseId, owner],
  );
  return rows.map(toPurchase);
};

export interface PurchaseLineView {
  readonly position: number;
  readonly productId: string;
  readonly quantity: number;
  readonly price: number;
  readonly amount: number;
  readonly net: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
  readonly returnedQuantity: number;
  readonly returnedAmount: number;
}

/** All lines of one purchase; a receipt has at most 2,000. */
export const linesOf = async (
  db: Reader,
  purchase: Position,
  schema = live,
): Promise<PurchaseLineView[]> => {
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.purchase_lines where purchase_position = $1 order by line`,
    [String(purchase)],
  );
  return rows.map((row) => ({
    position: Number(row['line']),
    productId: String(row['product_id']),
    quantity: numberOf(row['quantity']),
    price: numberOf(row['price']),
    amount: numberOf(row['amount']),
    net: numberOf(row['net']),
    paidByPoints: numberOf(row['paid_by_points']),
    pointsRedeemed: numberOf(row['points_redeemed']),
    pointsEarned: numberOf(row['points_earned']),
    returnedQuantity: numberOf(row['returned_quantity']),
    returnedAmount: numberOf(row['returned_amount']),
  }));
};

export type ReturnView = Omit<Return, 'tenant' | 'purchaseId' | 'owner' | 'why'> & {
  readonly why: readonly Reason[];
};

/** What was given back of one purchase, in order, at most 1,000. */
export const returnsOf = async (
  db: Reader,
  purchase: Position,
  schema = live,
): Promise<ReturnView[]> => {
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.returns where purchase_position = $1 order by position limit 1000`,
    [String(purchase)],
  );
  return rows.map((row) => ({
    position: BigInt(row['position'] as string),
    returnId: row['return_id'] as string | null,
    kind: row['kind'] as ReturnView['kind'],
    merchantId: Number(row['merchant_id']),
    pointOfSaleId: Number(row['point_of_sale_id']),
    tillId: String(row['till_id']),
    amount: numberOf(row['amount']),
    discount: numberOf(row['discount']),
    refund: numberOf(row['refund']),
    paidByPoints: numberOf(row['paid_by_points']),
    complete: row['complete'] === true,
    reason: row['reason'] as string | null,
    lines: row['lines'] as readonly GivenBackLine[],
    why: row['why'] as readonly Reason[],
    occurredAt: timeOf(row['occurred_at']),
    recordedAt: timeOf(row['recorded_at']),
  }));
};

export interface PurchaseDetail {
  readonly purchase: PurchaseView;
  readonly lines: readonly PurchaseLineView[];
  readonly returns: readonly ReturnView[];
}

/** A receipt with its lines, its returns and the recorded why of each; null where there is none. */
export const purchaseDetail = async (
  db: Reader,
  key: PurchaseKey,
  schema = live,
): Promise<PurchaseDetail | null> => {
  const [purchase] = await findPurchases(db, key, schema);
  if (!purchase) return null;
  const [lines, returns] = await Promise.all([
    linesOf(db, purchase.position, schema),
    returnsOf(db, purchase.position, schema),
  ]);
  return { purchase, lines, returns };
};
