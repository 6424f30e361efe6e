/**
 * RFM over real purchases: all of CDNOW, by SQL and by the pure functions. The file is not part of the project: KOPILKA_DATA_DIR names
 * the folder that holds it (docs/guides/import-receipts.md says where the original is to be had).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type pg from 'pg';
import { openLines } from '../../../cli/import/fileLines.js';
import type { TenantId } from '../../../domain/ids.js';
import { cellOf, type Rfm, type RfmFigures, scalesOf } from '../../../domain/segment/rfm.js';
import { allProjections } from '../../../projections/all.js';
import { fill } from '../../../projections/fill.js';
import { openProjection } from '../../../projections/open.js';
import { previewOf } from '../../../projections/segments/evaluate.js';
import { createMemoryFeed } from '../../unit/projections/memoryFeed.js';
import { type Database, type Server, startServer } from '../projections/database.js';
import { type History, tellFacts } from './histories.js';

const file = join(process.env['KOPILKA_DATA_DIR'] ?? '', 'cdnow-purchases.txt.gz');
const there = process.env['KOPILKA_DATA_DIR'] !== undefined && existsSync(file);
const why = ' (pending: set KOPILKA_DATA_DIR to the folder of the real receipts)';

const tenant = 'cdnow' as TenantId;
const rfm: Rfm = { kind: 'analytic', by: 'rfm' };
/** The day after the last purchase. */
const asOf = Date.UTC(1998, 6, 1);

interface Bought {
  readonly at: number;
  readonly cents: number;
}

/** Purchases of each customer that cost something. */
const readCustomers = async (): Promise<Bought[][]> => {
  const customers = new Map<string, Bought[]>();
  for await (const lines of (await openLines(file)).batches()) {
    for (const line of lines) {
      const [customer, date = '', , dollars] = line.trim().split(/\s+/);
      const cents = Math.round(Number(dollars) * 100);
      if (customer === undefined || !(cents > 0)) continue;
      const at = Date.UTC(+date.slice(0, 4), +date.slice(4, 6) - 1, +date.slice(6, 8));
      customers.set(customer, [...(customers.get(customer) ?? []), { at, cents }]);
    }
  }
  return [...customers.values()];
};

const historyOf = (bought: readonly Bought[]): History => ({
  ...{ enrolledAt: bought[0]?.at ?? 0, points: 0, tiers: [], languages: [], closed: false },
  purchases: bought.map(({ at, cents }) => ({
    ...{ at, merchantId: 1, back: [] },
    lines: [{ productId: 'cd', amount: cents }],
  })),
});

describe(`RFM of CDNOW${there ? '' : why}`, function () {
  this.timeout(120_000);
  let server: Server;
  let database: Database;
  let pool: pg.Pool;
  let customers: Bought[][];

  before(async function () {
    if (!there) return this.skip();
    customers = await readCustomers();
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    const facts = tellFacts(new Map([[tenant, customers.map(historyOf)]]));
    const wanted = ['balances', 'purchases', 'tills', 'segments'];
    const targets = [];
    for (const projection of allProjections.filter(({ name }) => wanted.includes(name))) {
      targets.push(await openProjection(pool, projection));
    }
    const until = { position: facts.at(-1)?.position ?? 0n };
    const { signal } = new AbortController();
    await fill({ feed: createMemoryFeed(facts), pool, targets, until, signal });
  });
  after(async () => {
    await database?.close();
    await server?.stop();
  });

  it('has as many customers in every cell by SQL as by the domain', async () => {
    const figures = customers.map((bought): RfmFigures => ({
      lastPurchaseAt: Math.max(...bought.map(({ at }) => at)),
      purchases: bought.length,
      net: bought.reduce((sum, { cents }) => sum + cents, 0),
    }));
    const scales = scalesOf(rfm, figures, asOf);
    const expected = new Map<string, number>();
    for (const one of figures) {
      const cell = cellOf(one, scales);
      expected.set(cell, (expected.get(cell) ?? 0) + 1);
    }
    const asked = { tenant, definition: rfm, asOf, withinMs: 60_000 };
    const preview = await previewOf(pool, asked);
    expect(new Map(preview.cells.map(({ cell, members }) => [cell, members]))).to.deep.equal(
      new Map([...expected].sort()),
    );
    expect(preview.members).to.equal(23_502);
    expect(preview.cells.find(({ cell }) => cell === '5_5_5')?.members).to.equal(2_348);
    expect(preview.groups).to.deep.include({ group: 'champions', members: 6_299 });
  });
});
