/** The statements that bring a batch of settlements into the tables, and what they look up before. */
import {
  bigint,
  inOrder,
  instant,
  integer,
  jsonText,
  rowsInsert,
  rowsSource,
  rowsStatement,
  rowsValues,
  type Shape,
  text,
} from '../columns.js';
import type { Db, Write } from '../projection.js';
import { insertTimeZones } from '../timeZones.js';
import {
  type Entry,
  type IssuedLot,
  lotKey,
  type Movement,
  type PointValue,
  type PurchaseKey,
  purchaseKey,
  type Redemption,
  type SettlementChanges,
  type TakenPart,
} from './changes.js';
import { type Before, nothingBefore, settle } from './settle.js';

const insertPointValues = rowsInsert<PointValue>('point_values', {
  tenant: text((r) => r.tenant),
  position: bigint((r) => r.position),
  point_value: bigint((r) => r.pointValue),
});

const insertLots = rowsInsert<IssuedLot>('issued_lots', {
  tenant: text((l) => l.tenant),
  user_id: text((l) => l.userId),
  lot_id: text((l) => l.lotId),
  purchase_id: text((l) => l.purchaseId),
  issuer_id: integer((l) => l.issuer),
});

const putRedemptions = rowsInsert<Redemption>(
  'redemptions',
  {
    tenant: text((r) => r.tenant),
    user_id: text((r) => r.userId),
    purchase_id: text((r) => r.purchaseId),
    taker_id: integer((r) => r.taker),
    parts: jsonText((r) => r.parts),
  },
  '(tenant, user_id, purchase_id) do update set parts = excluded.parts',
);

const entryShape: Shape<Entry> = {
  position: bigint((e) => e.position),
  part: integer((e) => e.part),
  tenant: text((e) => e.tenant),
  issuer_id: integer((e) => e.issuer),
  taker_id: integer((e) => e.taker),
  kind: text((e) => e.kind),
  points: bigint((e) => e.points),
  value: bigint((e) => e.value),
  user_id: text((e) => e.userId),
  purchase_id: text((e) => e.purchaseId),
  occurred_at: instant((e) => e.occurredAt),
};

const kinds = { redeemed: 'redeemed', restored: 'restored', clawed_back: 'clawedBack' } as const;
const sums = [
  ...Object.keys(kinds).flatMap((name) => [`${name}_points`, `${name}_value`]),
  'gift_card_value',
];
const sumOf = (figure: string, kind: string): string =>
  `coalesce(sum(${figure}) filter (where kind = '${kind}'), 0)`;
const sumsOf = [
  ...Object.values(kinds).flatMap((kind) => [sumOf('points', kind), sumOf('value', kind)]),
  sumOf('value', 'giftCard'),
];

// The month is told once, when the entry is written, and the sums are made of the very rows that were written.
const addEntries = rowsStatement<Entry>(
  'settlement_entries.add',
  entryShape,
  `with written as (
      insert into {schema}.settlement_entries (month, ${Object.keys(entryShape).join(', ')})
      select date_trunc('month', e.occurred_at at time zone coalesce(z.time_zone, 'UTC'))::date, e.*
      from ({rows}) as e
      left join {schema}.time_zones as z on z.tenant = e.tenant and z.merchant_id = e.taker_id
      returning tenant, month, issuer_id, taker_id, kind, points, value)
    insert into {schema}.settlement_months as stored
      (tenant, month, issuer_id, taker_id, ${sums.join(', ')})
    select tenant, month, issuer_id, taker_id, ${sumsOf.join(', ')}
    from written group by tenant, month, issuer_id, taker_id
    on conflict (tenant, month, issuer_id, taker_id) do update set
      ${sums.map((name) => `${name} = stored.${name} + excluded.${name}`).join(', ')}`,
);

export const writeSettlement = (changes: SettlementChanges): Write => {
  const first = [
    insertTimeZones(changes.timeZones),
    insertPointValues(changes.pointValues),
    insertLots(changes.lots),
  ];
  const after = (before: Before) => {
    const { entries, redemptions } = settle(changes, before);
    return [putRedemptions(redemptions), addEntries(entries)];
  };
  if (!needsBefore(changes)) return inOrder(...first, ...after(nothingBefore));
  return async (db, schema) => {
    const before = await lookBefore(db, schema, changes.movements);
    await inOrder(...first, ...after(before))(db, schema);
  };
};

/** Not of most batches: only returns leave anything open. */
const needsBefore = ({ movements }: SettlementChanges): boolean =>
  movements.some(({ kind }) => kind === 'restored' || kind === 'clawedBack');

const lookBefore = async (
  db: Db,
  schema: string,
  movements: readonly Movement[],
): Promise<Before> => {
  const clawedBack = movements.filter(({ kind }) => kind === 'clawedBack');
  return {
    redemptions: await redemptionsOf(
      db,
      schema,
      movements.filter(({ kind }) => kind === 'restored'),
    ),
    issuers: await issuersOf(db, schema, clawedBack),
    pointValues: await pointValuesOf(db, schema, clawedBack),
  };
};

const purchaseShape: Shape<PurchaseKey> = {
  tenant: text((p) => p.tenant),
  user_id: text((p) => p.userId),
  purchase_id: text((p) => p.purchaseId),
};

const redemptionsOf = async (db: Db, schema: string, of: readonly PurchaseKey[]) => {
  const found = new Map<string, Redemption>();
  if (of.length === 0) return found;
  const { rows } = await db.query<Record<'tenant' | 'user_id' | 'purchase_id' | 'parts', string>>(
    `select stored.* from (select distinct * from (${rowsSource(purchaseShape)}) as asked) as c
      join ${schema}.redemptions as stored using (tenant, user_id, purchase_id)`,
    rowsValues(purchaseShape, of),
  );
  for (const row of rows as ((typeof rows)[number] & { taker_id: number })[]) {
    const key = { tenant: row.tenant, userId: row.user_id, purchaseId: row.purchase_id };
    const parts = JSON.parse(row.parts) as TakenPart[];
    found.set(purchaseKey(key), { ...key, taker: row.taker_id, parts });
  }
  return found;
};

/** Of all lots of the customers: which of them a claw-back reaches for is told by it, which its purchase made is not. */
const issuersOf = async (db: Db, schema: string, of: readonly Movement[]) => {
  const issuers = new Map<string, number>();
  const asked = of.flatMap((movement) =>
    movement.kind === 'clawedBack'
      ? [
          { ...movement, lotId: null },
          ...movement.lots.map(({ lotId }) => ({ ...movement, lotId: lotId as string | null })),
        ]
      : [],
  );
  if (asked.length === 0) return issuers;
  const shape: Shape<PurchaseKey & { readonly lotId: string | null }> = {
    ...purchaseShape,
    lot_id: text((l) => l.lotId),
  };
  type Row = Record<'tenant' | 'user_id' | 'lot_id' | 'purchase_id', string>;
  const { rows } = await db.query<Row & { issuer_id: number }>(
    `select distinct stored.* from (${rowsSource(shape)}) as c
      join ${schema}.issued_lots as stored on stored.tenant = c.tenant and stored.user_id = c.user_id
        and (stored.lot_id = c.lot_id or (c.lot_id is null and stored.purchase_id = c.purchase_id))`,
    rowsValues(shape, asked),
  );
  for (const row of rows) {
    const key = { tenant: row.tenant, userId: row.user_id, purchaseId: row.purchase_id };
    issuers.set(lotKey(key, row.lot_id), row.issuer_id);
    issuers.set(purchaseKey(key), row.issuer_id);
  }
  return issuers;
};

const pointValuesOf = async (db: Db, schema: string, of: readonly Movement[]) => {
  if (of.length === 0) return [];
  const { rows } = await db.query<Record<'tenant' | 'position' | 'point_value', string>>(
    `select tenant, position, point_value from ${schema}.point_values
      where tenant = any($1) order by position`,
    [[...new Set(of.map(({ tenant }) => tenant))]],
  );
  return rows.map((row) => ({
    tenant: row.tenant,
    position: BigInt(row.position),
    pointValue: Number(row.point_value),
  }));
};
