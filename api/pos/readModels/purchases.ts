/** Receipts, out of the views `read.purchases`, `read.purchase_lines` and `read.returns`. */
import type {
  PosQueries,
  PurchaseDetail,
  PurchaseLine,
  PurchaseOwner,
  PurchaseReturnView,
  PurchaseSummary,
} from '../queries.js';
import { amount, type Asked, columns, instant, plain, position } from './columns.js';

const summary = columns(
  position(),
  plain('purchaseId'),
  plain('userId'),
  plain('cardNumber'),
  plain('merchantId'),
  plain('pointOfSaleId'),
  plain('tillId'),
  plain('currency'),
  amount('total'),
  amount('paidByPoints'),
  amount('pointsRedeemed'),
  amount('pointsEarned'),
  amount('deficitRepaid'),
  plain('status'),
  amount('returnedAmount'),
  amount('refunded'),
  plain('lineCount'),
  plain('offline'),
  instant('occurredAt'),
);

const page = `($3::float8 is null or (receipts.occurred_at, receipts.position) < (to_timestamp($3 / 1000), $4::bigint))
  and ($5::integer is null or merchant_id = $5)
  order by receipts.occurred_at desc, receipts.position desc limit $6`;
const listOfUser = `select ${summary} from read.purchases receipts where tenant = $1 and user_id = $2 and ${page}`;
const listOfTill = `select ${summary} from read.purchases receipts where tenant = $1 and till_id = $2 and user_id is null and ${page}`;

const detail = `select ${summary}, ${columns(plain('ruleVersion'), plain('why'))}
  from read.purchases where tenant = $1 and owner = $2 and purchase_id = $3`;

const lines = `select ${columns(
  'line as "position"',
  plain('productId'),
  amount('quantity'),
  amount('price'),
  amount('amount'),
  amount('paidByPoints'),
  amount('pointsRedeemed'),
  amount('pointsEarned'),
  amount('returnedQuantity'),
  amount('returnedAmount'),
)} from read.purchase_lines where purchase_position = $1::bigint order by line`;

const returns = `select ${columns(
  plain('returnId'),
  plain('kind'),
  plain('tillId'),
  amount('amount'),
  amount('refund'),
  amount('paidByPoints'),
  plain('complete'),
  plain('reason'),
  plain('why'),
  instant('occurredAt'),
)} from read.returns events where purchase_position = $1::bigint order by events.position`;

type Row<View extends { readonly position: bigint }> = Omit<View, 'position'> & {
  position: string;
};
type PurchaseQueries = Pick<PosQueries, 'purchases' | 'purchase'>;

/** As the projection writes it: anonymous receipts are owned by their till. */
const ownerOf = (owner: PurchaseOwner): string =>
  'userId' in owner ? owner.userId : `till:${owner.tillId}`;

export const purchaseQueries = (db: Asked): PurchaseQueries => ({
  purchases: async (tenant, owner, { limit, before, merchantId }) => {
    const ofUser = 'userId' in owner;
    const { rows } = await db.query<Row<PurchaseSummary>>({
      name: ofUser ? 'pos.purchases.user' : 'pos.purchases.till',
      text: ofUser ? listOfUser : listOfTill,
      values: [
        tenant,
        ofUser ? owner.userId : owner.tillId,
        before?.occurredAt ?? null,
        before === null ? null : String(before.position),
        merchantId,
        limit,
      ],
    });
    return rows.map((row) => ({ ...row, position: BigInt(row.position) }));
  },
  purchase: async (tenant, owner, purchaseId) => {
    const found = await db.query<Row<Omit<PurchaseDetail, 'lines' | 'returns'>>>({
      name: 'pos.purchase',
      text: detail,
      values: [tenant, ownerOf(owner), purchaseId],
    });
    const [row] = found.rows;
    if (!row) return null;
    const values = [row.position];
    const [ofLines, ofReturns] = await Promise.all([
      db.query<PurchaseLine>({ name: 'pos.purchase.lines', text: lines, values }),
      db.query<PurchaseReturnView>({ name: 'pos.purchase.returns', text: returns, values }),
    ]);
    const position = BigInt(row.position);
    return { ...row, position, lines: ofLines.rows, returns: ofReturns.rows };
  },
});
