/** Points, out of the views `read.balances`, `read.lots` and `read.ledger`. */
import type { BalanceView, LedgerEntry, LotView, PosQueries } from '../queries.js';
import { amount, type Asked, columns, instant, plain, position } from './columns.js';

const lotsMax = 100;

const totals = ['earned', 'redeemed', 'restored', 'clawedBack', 'adjusted', 'expired', 'forfeited'];
const totalsObject = totals
  .map((name) => {
    const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return `'${name}', ${column}_total`;
  })
  .join(', ');

const balance = `select ${columns(
  plain('userId'),
  plain('status'),
  amount('active'),
  amount('pending'),
  amount('deficit'),
  amount('purchases'),
  instant('lastPurchaseAt'),
)}, json_build_object(${totalsObject}) as totals
  from read.balances where tenant = $1 and user_id = $2`;

// In the order that redemptions use them up (domain/account/lots.ts).
const lots = `select ${columns(
  plain('lotId'),
  plain('merchantId'),
  amount('remaining'),
  plain('activated'),
  instant('earnedAt'),
  instant('activatesAt'),
  instant('expiresAt'),
)} from read.lots where tenant = $1 and user_id = $2 and remaining > 0
  order by read.lots.expires_at nulls last, read.lots.earned_at, read.lots.lot_id limit ${lotsMax}`;

const ledger = `select ${columns(
  amount('revision'),
  position(),
  instant('occurredAt'),
  plain('kind'),
  amount('points'),
  amount('activeChange'),
  amount('pendingChange'),
  amount('deficitChange'),
  plain('purchaseId'),
  plain('lotId'),
  plain('merchantId'),
  plain('note'),
)} from read.ledger as entries where tenant = $1 and user_id = $2 and ($3::bigint is null or entries.revision < $3)
  order by entries.revision desc limit $4`;

type BalanceQueries = Pick<PosQueries, 'balance' | 'ledger'>;

export const balanceQueries = (db: Asked): BalanceQueries => ({
  balance: async (tenant, userId) => {
    const values = [tenant, userId];
    const [found, open] = await Promise.all([
      db.query<BalanceView>({ name: 'pos.balance', text: balance, values }),
      db.query<LotView>({ name: 'pos.lots', text: lots, values }),
    ]);
    const [row] = found.rows;
    return row ? { ...row, lots: open.rows } : null;
  },
  ledger: async (tenant, userId, { limit, before }) => {
    const { rows } = await db.query<Omit<LedgerEntry, 'position'> & { position: string }>({
      name: 'pos.ledger',
      text: ledger,
      values: [tenant, userId, before, limit],
    });
    return rows.map((row) => ({ ...row, position: BigInt(row.position) }));
  },
});
