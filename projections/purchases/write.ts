/** The statements that bring a batch of receipts into the tables. */
import {
  bigint,
  boolean,
  constant,
  inOrder,
  instant,
  integer,
  jsonb,
  jsonText,
  rowsInsert,
  rowsStatement,
  text,
  type WriteRows,
} from '../columns.js';
import type { Write } from '../projection.js';
import type { GivenBackLine, Purchase, PurchaseChanges, Return } from './project.js';

const insertPurchases = rowsInsert<Purchase>('purchases', {
  position: bigint((p) => p.position),
  tenant: text((p) => p.tenant),
  purchase_id: text((p) => p.receipt.purchaseId),
  owner: text((p) => p.owner),
  user_id: text((p) => p.userId),
  card_number: text((p) => p.known?.cardNumber),
  member_id: integer((p) => p.known?.memberId),
  merchant_id: integer((p) => p.receipt.merchantId),
  point_of_sale_id: integer((p) => p.receipt.pointOfSaleId),
  till_id: text((p) => p.receipt.tillId),
  currency: text((p) => p.receipt.currency),
  total: bigint((p) => p.receipt.total),
  discount: bigint((p) => p.receipt.discount ?? 0),
  paid_by_points: bigint((p) => p.known?.paidByPoints ?? 0),
  points_redeemed: bigint((p) => p.known?.pointsRedeemed ?? 0),
  points_earned: bigint((p) => p.known?.pointsEarned ?? 0),
  deficit_repaid: bigint((p) => p.known?.deficitRepaid ?? 0),
  status: constant(`'confirmed'`),
  returned_amount: constant('0'),
  refunded: constant('0'),
  line_count: integer((p) => p.receipt.lines.length),
  offline: boolean((p) => p.receipt.offline),
  rule_version: integer((p) => p.known?.ruleVersion),
  quote_id: text((p) => p.known?.quoteId),
  why: jsonText((p) => p.known?.why ?? []),
  occurred_at: instant((p) => p.occurredAt),
  recorded_at: instant((p) => p.recordedAt),
  correlation_id: text((p) => p.correlationId),
  lines: jsonText((p) => p.receipt.lines),
});

const returnColumns = {
  position: bigint<Return>((r) => r.position),
  tenant: text<Return>((r) => r.tenant),
  purchase_id: text<Return>((r) => r.purchaseId),
  owner: text<Return>((r) => r.owner),
  return_id: text<Return>((r) => r.returnId),
  kind: text<Return>((r) => r.kind),
  merchant_id: integer<Return>((r) => r.merchantId),
  point_of_sale_id: integer<Return>((r) => r.pointOfSaleId),
  till_id: text<Return>((r) => r.tillId),
  amount: bigint<Return>((r) => r.amount),
  discount: bigint<Return>((r) => r.discount),
  refund: bigint<Return>((r) => r.refund),
  paid_by_points: bigint<Return>((r) => r.paidByPoints),
  complete: boolean<Return>((r) => r.complete),
  reason: text<Return>((r) => r.reason),
  lines: jsonb<Return>((r) => r.lines),
  why: jsonb<Return>((r) => r.why),
  occurred_at: instant<Return>((r) => r.occurredAt),
  recorded_at: instant<Return>((r) => r.recordedAt),
};

// The purchase of a return is found here: it may be of this batch, whose purchases are inserted before.
const insertReturns = rowsStatement<Return>(
  'returns.insert',
  returnColumns,
  `insert into {schema}.returns (purchase_position, ${Object.keys(returnColumns).join(', ')})
    select p.position, r.* from ({rows}) as r
    join {schema}.purchases as p using (tenant, purchase_id, owner)`,
);

/** All that was given back of one purchase in the batch. */
interface Sum {
  readonly tenant: string;
  readonly purchaseId: string;
  readonly owner: string;
  amount: number;
  refund: number;
  complete: boolean;
  cancelled: boolean;
}

const updatePurchases = rowsStatement<Sum>(
  'purchases.update',
  {
    tenant: text((s) => s.tenant),
    purchase_id: text((s) => s.purchaseId),
    owner: text((s) => s.owner),
    amount: bigint((s) => s.amount),
    refund: bigint((s) => s.refund),
    complete: boolean((s) => s.complete),
    cancelled: boolean((s) => s.cancelled),
  },
  `update {schema}.purchases as stored
    set returned_amount = stored.returned_amount + c.amount,
      refunded = stored.refunded + c.refund,
      status = case when c.cancelled then 'cancelled' when c.complete then 'returned'
        else 'partlyReturned' end
    from ({rows}) as c
    where stored.tenant = c.tenant and stored.purchase_id = c.purchase_id and stored.owner = c.owner`,
);

type ReturnedLine = Pick<Sum, 'tenant' | 'purchaseId' | 'owner'> & {
  readonly line: number;
  quantity: number;
  amount: number;
};

const addReturnedLines = rowsStatement<ReturnedLine>(
  'returned_lines.add',
  {
    tenant: text((l) => l.tenant),
    purchase_id: text((l) => l.purchaseId),
    owner: text((l) => l.owner),
    line: integer((l) => l.line),
    quantity: bigint((l) => l.quantity),
    amount: bigint((l) => l.amount),
  },
  `insert into {schema}.returned_lines as stored (purchase_position, line, quantity, amount)
    select p.position, c.line, c.quantity, c.amount
    from ({rows}) as c join {schema}.purchases as p using (tenant, purchase_id, owner)
    on conflict (purchase_position, line) do update set
      quantity = stored.quantity + excluded.quantity, amount = stored.amount + excluded.amount`,
);

export const writePurchases = ({ purchases, returns }: PurchaseChanges): Write =>
  inOrder(
    insertPurchases(purchases),
    allOf(returns),
    updatePurchases(sumsOf(returns)),
    addReturnedLines(returnedLines(returns)),
  );

const allOf = (returns: readonly Return[]): WriteRows => {
  const insert = insertReturns(returns);
  return async (db, schema) => {
    const found = await insert(db, schema);
    if (found === returns.length) return found;
    throw new Error(`${returns.length - found} returns name no purchase: rebuild the read model.`);
  };
};

const purchaseKey = ({ tenant, owner, purchaseId }: Return): string =>
  `${tenant}/${owner}/${purchaseId}`;

const sumsOf = (returns: readonly Return[]): Sum[] => {
  const sums = new Map<string, Sum>();
  for (const given of returns) {
    const key = purchaseKey(given);
    let sum = sums.get(key);
    if (!sum) {
      const { tenant, purchaseId, owner } = given;
      sum = { tenant, purchaseId, owner, amount: 0, refund: 0, complete: false, cancelled: false };
      sums.set(key, sum);
    }
    sum.amount += given.amount;
    sum.refund += given.refund;
    sum.complete ||= given.complete;
    sum.cancelled ||= given.kind === 'cancellation';
  }
  return [...sums.values()];
};

const returnedLines = (returns: readonly Return[]): ReturnedLine[] => {
  const lines = new Map<string, ReturnedLine>();
  const add = (given: Return, { position, quantity, amount }: GivenBackLine): void => {
    const key = `${purchaseKey(given)}/${position}`;
    const known = lines.get(key);
    if (known) {
      known.quantity += quantity;
      known.amount += amount;
      return;
    }
    const { tenant, purchaseId, owner } = given;
    lines.set(key, { tenant, purchaseId, owner, line: position, quantity, amount });
  };
  for (const given of returns) for (const line of given.lines) add(given, line);
  return [...lines.values()];
};
