/**
 * Receipts as they were recorded, in the order in which they were made out, from the read model of the purchases.
 *
 * Not from the log, though it is the truth: the official client takes some 16 µs to decode an event and the receipts of one
 * programme lie among the events of all, where this is an index scan of just the rows that are wanted, their lines in the very JSON
 * that was recorded. `kopilka verify purchases` proves that they are the log's. All pages are of one snapshot, so receipts
 * that come in meanwhile are no part of it.
 */
import type pg from 'pg';
import type { MerchantId, PointOfSaleId, TenantId, UserId } from '../../domain/ids.js';
import { readCheckpoints } from '../checkpoints.js';
import { schemaOf } from '../schema.js';
import type { RecordedLine, RecordedReceipt } from '../../domain/simulation/world.js';
import { linesIn } from './recordedLines.js';

export interface ReceiptWindow {
  readonly tenant: TenantId;
  /** Milliseconds, inclusive and exclusive; null: from the first. */
  readonly since: number | null;
  readonly until: number;
  /** Of the tables: the views make JSON of the recorded text, which would be parsed twice. */
  readonly schema: string;
}

type Db = Pick<pg.ClientBase, 'query'>;

/** A page is a tenth of a second of work, which is how soon a cancellation is noticed. */
const pageRows = 1_000;
const returnsPage = 10_000;

/** A place in the order of the receipts; positions begin with 0, so that before the first is -1. */
type Place = readonly [at: string, position: string];

const timeOf = (ms: number | null): string =>
  ms === null ? '-infinity' : new Date(ms).toISOString();

/** One condition for every page, and one that an index of time and position is made for: an OR would scan from the start each time. */
const inWindow = `tenant = $1 and (occurred_at, position) > ($2::timestamptz, $3::bigint)
  and occurred_at < $4::timestamptz`;
const valuesAfter = ({ tenant, since, until }: ReceiptWindow, place: Place | null) => [
  tenant,
  ...(place ?? [timeOf(since), '-1']),
  timeOf(until),
];
const epochMs = '(extract(epoch from occurred_at) * 1000)::double precision';

/** Where the live purchases are. @throws Error where there are none. */
export const livePurchases = async (db: Db): Promise<string> => {
  const checkpoints = await readCheckpoints(db);
  const live = checkpoints.find((one) => one.projection === 'purchases' && one.status === 'live');
  if (!live) throw new Error('There are no purchases to read: start the projections.');
  return schemaOf({ name: live.projection, version: live.version });
};

export const countReceipts = async (db: Db, window: ReceiptWindow): Promise<number> => {
  const { schema } = window;
  const { rows } = await db.query<{ count: string }>(
    `select count(*) from ${schema}.purchases where ${inWindow}`,
    valuesAfter(window, null),
  );
  return Number(rows[0]?.count ?? 0);
};

/** A query by pages, the next one asked for while the last is worked on. `after` are the last row's first columns, null at first. */
async function* pages<Row extends readonly unknown[]>(
  read: (after: Place | null) => Promise<Row[]>,
  size: number,
  keyOf: (row: Row) => Place,
): AsyncGenerator<Row[]> {
  let next = read(null);
  for (;;) {
    const rows = await next;
    const last = rows.at(-1);
    const more = rows.length === size && last !== undefined;
    if (more) {
      next = read(keyOf(last));
      next.catch(() => undefined); // seen at the next await
    }
    yield rows;
    if (!more) return;
  }
}

type ReceiptRow = readonly [
  at: number,
  position: string,
  userId: string | null,
  merchantId: number,
  pointOfSaleId: number,
  ruleVersion: number | null,
  total: string,
  discount: string,
  pointsRedeemed: string,
  pointsEarned: string,
  lines: string,
];

/** A row, its lines read when they are asked for: that is half of the work, and a draft looks at few receipts' lines. */
class StoredReceipt implements RecordedReceipt {
  readonly at: number;
  readonly userId: UserId | null;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly ruleVersion: number | null;
  readonly total: number;
  readonly discount: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
  private parsed: readonly RecordedLine[] | null = null;

  constructor(private readonly row: ReceiptRow) {
    this.at = row[0];
    this.userId = row[2] as UserId | null;
    this.merchantId = row[3] as MerchantId;
    this.pointOfSaleId = row[4] as PointOfSaleId;
    this.ruleVersion = row[5];
    this.total = Number(row[6]);
    this.discount = Number(row[7]);
    this.pointsRedeemed = Number(row[8]);
    this.pointsEarned = Number(row[9]);
  }

  get lines(): readonly RecordedLine[] {
    return (this.parsed ??= linesIn(this.row[10]));
  }
}

export async function* readReceipts(
  db: Db,
  window: ReceiptWindow,
): AsyncGenerator<Iterable<RecordedReceipt>> {
  const { schema } = window;
  const read = async (after: Place | null): Promise<ReceiptRow[]> => {
    const { rows } = await db.query<ReceiptRow[]>({
      rowMode: 'array',
      name: `${schema}.simulation.receipts`,
      text: `select ${epochMs}, position, user_id, merchant_id, point_of_sale_id, rule_version,
          total, discount, points_redeemed, points_earned, lines
        from ${schema}.purchases where ${inWindow}
        order by occurred_at, position limit ${pageRows}`,
      values: valuesAfter(window, after),
    } as never);
    return rows as unknown as ReceiptRow[];
  };
  for await (const rows of pages(read, pageRows, ([at, position]) => [timeOf(at), position])) {
    yield parsed(rows);
  }
}

/**
 * One by one, so that no more than one receipt's lines are held at a time. The page is emptied then: V8 has put it among the old
 * objects by now, and would carry what it names through every young collection until the next full one.
 */
function* parsed(rows: ReceiptRow[]): Generator<RecordedReceipt> {
  for (const row of rows) yield new StoredReceipt(row);
  rows.length = 0;
}

/** How many purchases each customer had before the window, without those that were undone by then. */
export const purchasesBefore = async (
  db: Db,
  { tenant, since, schema }: ReceiptWindow,
): Promise<ReadonlyMap<UserId, number>> => {
  if (since === null) return new Map();
  const { rows } = await db.query<{ user_id: UserId; count: string }>(
    `select p.user_id, count(*) - count(r.purchase_position) as count
      from ${schema}.purchases as p
      left join ${schema}.returns as r on r.purchase_position = p.position and r.complete
        and r.occurred_at < $2::timestamptz
      where p.tenant = $1 and p.user_id is not null
        and p.occurred_at < $2::timestamptz
      group by p.user_id`,
    [tenant, timeOf(since)],
  );
  return new Map(rows.map((row) => [row.user_id, Number(row.count)]));
};

export interface Undone {
  readonly at: number;
  readonly userId: UserId;
}

/** Purchases of customers that were cancelled or wholly returned in the window, in order. */
export async function* readUndone(db: Db, window: ReceiptWindow): AsyncGenerator<Undone> {
  const { schema } = window;
  type Row = readonly [at: number, position: string, owner: UserId];
  const read = async (after: Place | null): Promise<Row[]> => {
    const { rows } = await db.query<Row[]>({
      rowMode: 'array',
      name: `${schema}.simulation.undone`,
      text: `select ${epochMs}, position, owner from ${schema}.returns
        where ${inWindow} and complete and owner not like 'till:%'
        order by occurred_at, position limit ${returnsPage}`,
      values: valuesAfter(window, after),
    } as never);
    return rows as unknown as Row[];
  };
  for await (const rows of pages(read, returnsPage, ([at, position]) => [timeOf(at), position])) {
    for (const [at, , userId] of rows) yield { at, userId };
  }
}

/** Reads in one snapshot, however long it takes. */
export const inSnapshot = async <T>(pool: pg.Pool, work: (db: Db) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    await client.query(
      'set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0',
    );
    return await work(client);
  } finally {
    const broken = await client.query('rollback').then(
      () => undefined,
      (error: Error) => error,
    );
    client.release(broken);
  }
};
