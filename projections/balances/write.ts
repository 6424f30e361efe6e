/** The statements that bring a batch of balance changes into the tables. */
import {
  bigint,
  boolean,
  inOrder,
  instant,
  integer,
  rowsInsert,
  rowsSource,
  rowsStatement,
  rowsValues,
  type Shape,
  text,
} from '../columns.js';
import type { Db, Write } from '../projection.js';
import {
  type AccountChange,
  type BalanceChanges,
  lotKey,
  type LotChange,
  type Movement,
  type NewLot,
} from './changes.js';
import { type Before, closures, nothingBefore, openMovements, settle } from './settle.js';

const insertAccounts = rowsInsert<AccountChange>(
  'balances',
  {
    tenant: text((a) => a.tenant),
    user_id: text((a) => a.userId),
    // Empty where this batch does not say; an account's first fact always does.
    status: text((a) => a.status ?? ''),
    active: bigint((a) => a.active),
    pending: bigint((a) => a.pending),
    deficit: bigint((a) => a.deficit),
    earned_total: bigint((a) => a.earned),
    redeemed_total: bigint((a) => a.redeemed),
    restored_total: bigint((a) => a.restored),
    clawed_back_total: bigint((a) => a.clawedBack),
    adjusted_total: bigint((a) => a.adjusted),
    expired_total: bigint((a) => a.expired),
    forfeited_total: bigint((a) => a.forfeited),
    purchases: bigint((a) => a.purchases),
    last_purchase_at: instant((a) => a.lastPurchaseAt),
    enrolled_at: instant((a) => a.enrolledAt),
    position: bigint((a) => a.position),
  },
  `(tenant, user_id) do update set
    status = case excluded.status when '' then stored.status else excluded.status end,
    active = stored.active + excluded.active,
    pending = stored.pending + excluded.pending,
    deficit = stored.deficit + excluded.deficit,
    earned_total = stored.earned_total + excluded.earned_total,
    redeemed_total = stored.redeemed_total + excluded.redeemed_total,
    restored_total = stored.restored_total + excluded.restored_total,
    clawed_back_total = stored.clawed_back_total + excluded.clawed_back_total,
    adjusted_total = stored.adjusted_total + excluded.adjusted_total,
    expired_total = stored.expired_total + excluded.expired_total,
    forfeited_total = stored.forfeited_total + excluded.forfeited_total,
    purchases = stored.purchases + excluded.purchases,
    last_purchase_at = greatest(stored.last_purchase_at, excluded.last_purchase_at),
    enrolled_at = coalesce(stored.enrolled_at, excluded.enrolled_at),
    position = excluded.position`,
);

const insertMovements = rowsInsert<Movement>('ledger', {
  tenant: text((m) => m.tenant),
  user_id: text((m) => m.userId),
  revision: bigint((m) => m.revision),
  position: bigint((m) => m.position),
  occurred_at: instant((m) => m.occurredAt),
  kind: text((m) => m.kind),
  points: bigint((m) => m.points),
  active_change: bigint((m) => m.active),
  pending_change: bigint((m) => m.pending),
  deficit_change: bigint((m) => m.deficit),
  purchase_id: text((m) => m.purchaseId),
  lot_id: text((m) => m.lotId),
  merchant_id: integer((m) => m.merchantId),
  note: text((m) => m.note),
});

type CreatedLot = LotChange & { readonly created: NewLot };

const insertLots = rowsInsert<CreatedLot>('lots', {
  tenant: text((l) => l.tenant),
  user_id: text((l) => l.userId),
  lot_id: text((l) => l.lotId),
  merchant_id: integer((l) => l.created.merchantId),
  purchase_id: text((l) => l.created.purchaseId),
  earned: bigint((l) => l.created.earned),
  remaining: bigint((l) => l.remaining),
  activated: boolean((l) => l.activated),
  earned_at: instant((l) => l.created.earnedAt),
  activates_at: instant((l) => l.created.activatesAt),
  expires_at: instant((l) => l.created.expiresAt),
  position: bigint((l) => l.created.position),
});

const updateLots = rowsStatement<LotChange>(
  'lots.update',
  {
    tenant: text((l) => l.tenant),
    user_id: text((l) => l.userId),
    lot_id: text((l) => l.lotId),
    remaining: bigint((l) => l.remaining),
    activated: boolean((l) => l.activated ?? false),
  },
  `update {schema}.lots as stored
    set remaining = stored.remaining + c.remaining, activated = stored.activated or c.activated
    from ({rows}) as c
    where stored.tenant = c.tenant and stored.user_id = c.user_id and stored.lot_id = c.lot_id`,
);

interface AccountKey {
  readonly tenant: string;
  readonly userId: string;
}

const accountKey: Shape<AccountKey> = {
  tenant: text((a) => a.tenant),
  user_id: text((a) => a.userId),
};

const emptyLots = rowsStatement<AccountKey>(
  'lots.empty',
  accountKey,
  `update {schema}.lots as stored set remaining = 0 from ({rows}) as c
    where stored.tenant = c.tenant and stored.user_id = c.user_id and stored.remaining <> 0`,
);

const isCreated = (lot: LotChange): lot is CreatedLot => lot.created !== null;

export const writeBalances = (changes: BalanceChanges): Write => {
  if (!needsBefore(changes)) return encode(settle(changes, nothingBefore));
  return async (db, schema) => {
    const before = await lookBefore(db, schema, changes);
    await encode(settle(changes, before))(db, schema);
  };
};

const encode = (changes: BalanceChanges): Write => {
  const lots = [...changes.lots.values()];
  return inOrder(
    emptyLots(closures(changes)),
    insertLots(lots.filter(isCreated)),
    updateLots(lots.filter((lot) => !isCreated(lot))),
    insertMovements(changes.movements),
    insertAccounts([...changes.accounts.values()]),
  );
};

/** Not of most batches: only returns, corrections, expiries and closings leave anything open. */
const needsBefore = (changes: BalanceChanges): boolean =>
  openMovements(changes).length > 0 || closures(changes).length > 0;

const lookBefore = async (db: Db, schema: string, changes: BalanceChanges): Promise<Before> => ({
  lots: await lotsBefore(db, schema, openMovements(changes)),
  accounts: await accountsBefore(db, schema, closures(changes)),
});

interface LotKey extends AccountKey {
  readonly account: string;
  readonly lotId: string;
}

const lotKeyColumns: Shape<LotKey> = {
  account: text((l) => l.account),
  tenant: text((l) => l.tenant),
  user_id: text((l) => l.userId),
  lot_id: text((l) => l.lotId),
};

const lotsBefore = async (db: Db, schema: string, open: readonly Movement[]) => {
  const wanted = open.flatMap((line): LotKey[] =>
    line.open.map(({ lotId }) => ({ ...line, lotId })),
  );
  const { rows } = await db.query<{ account: string; lot_id: string; activated: boolean }>(
    `select c.account, c.lot_id, stored.activated from (${rowsSource(lotKeyColumns)}) as c
      join ${schema}.lots as stored using (tenant, user_id, lot_id)`,
    rowsValues(lotKeyColumns, wanted),
  );
  return new Map(rows.map((row) => [lotKey(row.account, row.lot_id), row.activated]));
};

const accountsBefore = async (db: Db, schema: string, closed: readonly Movement[]) => {
  const shape: Shape<Movement> = { account: text((m) => m.account), ...accountKey };
  type Row = Record<'account' | 'active' | 'pending' | 'deficit', string>;
  const { rows } = await db.query<Row>(
    `select c.account, stored.active, stored.pending, stored.deficit
      from (${rowsSource(shape)}) as c join ${schema}.balances as stored using (tenant, user_id)`,
    rowsValues(shape, closed),
  );
  return new Map(
    rows.map(({ account, active, pending, deficit }) => [
      account,
      { active: Number(active), pending: Number(pending), deficit: Number(deficit) },
    ]),
  );
};
