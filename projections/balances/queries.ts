/** Questions to the balances. Points are hundredths, times milliseconds since the epoch. */
import type { Position } from '../../domain/fact.js';
import {
  fetchLimit,
  live,
  numberOf,
  type Page,
  type PageRequest,
  type Reader,
  timeOf,
  timeOrNull,
} from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';
import type { MovementKind } from './changes.js';

export interface BalanceView {
  readonly tenant: string;
  readonly userId: string;
  readonly status: 'active' | 'closed' | 'erased';
  readonly active: number;
  readonly pending: number;
  readonly deficit: number;
  readonly earnedTotal: number;
  readonly redeemedTotal: number;
  readonly restoredTotal: number;
  readonly clawedBackTotal: number;
  readonly adjustedTotal: number;
  readonly expiredTotal: number;
  readonly forfeitedTotal: number;
  readonly purchases: number;
  readonly lastPurchaseAt: number | null;
  readonly enrolledAt: number | null;
  readonly position: Position;
}

export interface AccountKey {
  readonly tenant: string;
  readonly userId: string;
}

type Row = Readonly<Record<string, unknown>>;

export const balanceOf = async (
  db: Reader,
  { tenant, userId }: AccountKey,
  schema = live,
): Promise<BalanceView | null> => {
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.balances where tenant = $1 and user_id = $2`,
    [tenant, userId],
  );
  return rows[0] ? toBalance(rows[0]) : null;
};

const toBalance = (row: Row): BalanceView => ({
  tenant: String(row['tenant']),
  userId: String(row['user_id']),
  status: row['status'] as BalanceView['status'],
  active: numberOf(row['active']),
  pending: numberOf(row['pending']),
  deficit: numberOf(row['deficit']),
  earnedTotal: numberOf(row['earned_total']),
  redeemedTotal: numberOf(row['redeemed_total']),
  restoredTotal: numberOf(row['restored_total']),
  clawedBackTotal: numberOf(row['clawed_back_total']),
  adjustedTotal: numberOf(row['adjusted_total']),
  expiredTotal: numberOf(row['expired_total']),
  forfeitedTotal: numberOf(row['forfeited_total']),
  purchases: numberOf(row['purchases']),
  lastPurchaseAt: timeOrNull(row['last_purchase_at']),
  enrolledAt: timeOrNull(row['enrolled_at']),
  position: BigInt(row['position'] as string),
});

export interface LedgerLine {
  readonly revision: number;
  readonly position: Position;
  readonly occurredAt: number;
  readonly kind: MovementKind;
  /** Signed: what it did to active + pending - deficit. */
  readonly points: number;
  readonly activeChange: number;
  readonly pendingChange: number;
  readonly deficitChange: number;
  readonly purchaseId: string | null;
  readonly lotId: string | null;
  readonly merchantId: number | null;
  readonly note: string | null;
}

/** Latest first, in the order in which it was recorded. @throws BadCursor */
export const ledgerOf = async (
  db: Reader,
  { tenant, userId, ...page }: AccountKey & PageRequest,
  schema = live,
): Promise<Page<LedgerLine>> => {
  return readPage(db, page, {
    key: { revision: 'bigint' },
    descending: true,
    values: [tenant, userId],
    sql: (after, limit) =>
      `select * from ${checkedSchema(schema)}.ledger
        where tenant = $1 and user_id = $2 and ${after}
        order by revision desc limit ${limit}`,
    toView: toLedgerLine,
  });
};

const toLedgerLine = (row: Row): LedgerLine => ({
  revision: numberOf(row['revision']),
  position: BigInt(row['position'] as string),
  occurredAt: timeOf(row['occurred_at']),
  kind: row['kind'] as MovementKind,
  points: numberOf(row['points']),
  activeChange: numberOf(row['active_change']),
  pendingChange: numberOf(row['pending_change']),
  deficitChange: numberOf(row['deficit_change']),
  purchaseId: row['purchase_id'] as string | null,
  lotId: row['lot_id'] as string | null,
  merchantId: row['merchant_id'] as number | null,
  note: row['note'] as string | null,
});

export interface LotView {
  readonly lotId: string;
  /** Null: given by hand. */
  readonly merchantId: number | null;
  readonly purchaseId: string | null;
  readonly earned: number;
  readonly remaining: number;
  readonly activated: boolean;
  readonly earnedAt: number;
  readonly activatesAt: number;
  readonly expiresAt: number | null;
}

/** Lots that hold points, in the order in which they are used up. At most `limit`, which is at most 1,000. */
export const lotsOf = async (
  db: Reader,
  { tenant, userId, limit }: AccountKey & Pick<PageRequest, 'limit'>,
  schema = live,
): Promise<LotView[]> => {
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.lots
      where tenant = $1 and user_id = $2 and remaining > 0
      order by activated desc, expires_at nulls last, earned_at, lot_id limit $3`,
    [tenant, userId, fetchLimit({ limit }) - 1],
  );
  return rows.map((row) => ({
    lotId: String(row['lot_id']),
    merchantId: row['merchant_id'] as number | null,
    purchaseId: row['purchase_id'] as string | null,
    earned: numberOf(row['earned']),
    remaining: numberOf(row['remaining']),
    activated: row['activated'] === true,
    earnedAt: timeOf(row['earned_at']),
    activatesAt: timeOf(row['activates_at']),
    expiresAt: timeOrNull(row['expires_at']),
  }));
};

/** Accounts whose lots or ledger do not add up to their balance: there must be none. */
export const imbalances = async (
  db: Reader,
  limit: number,
  schema = live,
): Promise<AccountKey[]> => {
  const from = checkedSchema(schema);
  const { rows } = await db.query<{ tenant: string; user_id: string }>(
    `select b.tenant, b.user_id from ${from}.balances as b
      left join (select tenant, user_id, sum(remaining) filter (where activated) as active,
          sum(remaining) filter (where not activated) as pending
        from ${from}.lots group by 1, 2) as l using (tenant, user_id)
      left join (select tenant, user_id, sum(points) as net from ${from}.ledger group by 1, 2) as g
        using (tenant, user_id)
      where b.active <> coalesce(l.active, 0) or b.pending <> coalesce(l.pending, 0)
        or b.active + b.pending - b.deficit <> coalesce(g.net, 0)
        or b.active < 0 or b.pending < 0 or b.deficit < 0
      order by 1, 2 limit $1`,
    [fetchLimit({ limit }) - 1],
  );
  return rows.map((row) => ({ tenant: row.tenant, userId: row.user_id }));
};
