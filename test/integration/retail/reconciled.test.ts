/**
 * What campaigns gave, by their read model, against SQL over what was bought: made-up receipts, and the beginning of Online Retail
 * where KOPILKA_DATA_DIR names the folder of the file. KOPILKA_RETAIL_LINES says how many lines are taken of it: `all` takes a few
 * minutes.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openLines } from '../../../cli/import/fileLines.js';
import type { RunResult } from '../../../cli/import/run.js';
import { campaignTotals } from '../../../projections/campaigns/results.js';
import { allProjections } from '../../../projections/all.js';
import { verify } from '../../../projections/verify.js';
import { type Database, type Server, startServer } from '../projections/database.js';
import { campaigns, type Planned } from './campaigns.js';
import { before as beginning, fileOf, importReceipts, prepare, schedule } from './importing.js';
import { madeUpReceipts, seeded } from './madeUpReceipts.js';
import { openPastShop, type PastShop, tenant } from './pastShop.js';
import { type Given, recomputed } from './recomputed.js';

const file = join(process.env['KOPILKA_DATA_DIR'] ?? '', 'online-retail.csv.gz');
const isThere = process.env['KOPILKA_DATA_DIR'] !== undefined && existsSync(file);
const wanted = process.env['KOPILKA_RETAIL_LINES'] ?? '3000';
const linesMax = wanted === 'all' ? Infinity : Number(wanted);

/** The header and the first `count` lines. */
const head = async (count: number): Promise<readonly string[]> => {
  const lines: string[] = [];
  for await (const batch of (await openLines(file)).batches()) {
    for (const line of batch) lines.push(line);
    if (lines.length > count) return lines.slice(0, count + 1);
  }
  return lines;
};

const every = { tenant, merchantId: null, from: null, to: null };

const figuresOf = async (shop: PastShop): Promise<Given[]> => {
  const given = campaigns.map(async ({ campaignId }): Promise<Given> => {
    const totals = await campaignTotals(shop.pool, { ...every, campaignId });
    const { returnedReceipts: _returns, ...figures } = totals;
    return { campaignId, ...figures };
  });
  return (await Promise.all(given)).sort((a, b) => (a.campaignId < b.campaignId ? -1 : 1));
};

const sum = (given: readonly Given[], figure: Exclude<keyof Given, 'campaignId'>): number =>
  given.reduce((total, one) => total + one[figure], 0);

describe('what campaigns gave over imported receipts', function () {
  this.timeout(linesMax > 50_000 ? 1_800_000 : 120_000);
  let server: Server;
  const databases: Database[] = [];
  const shops: PastShop[] = [];

  before(async () => {
    server = await startServer({ work_mem: '256MB' });
  });
  after(async () => {
    for (const shop of shops) await shop.close();
    for (const database of databases) await database.close();
    await server.stop();
  });

  const imported = async (
    lines: readonly string[],
    active: readonly Planned[],
  ): Promise<{ shop: PastShop; result: RunResult }> => {
    const database = await server.database();
    databases.push(database);
    const shop = await openPastShop(database.pool(), beginning);
    shops.push(shop);
    await prepare(shop, fileOf(lines));
    for (const one of active) await schedule(shop, one);
    const result = await importReceipts(shop, fileOf(lines));
    expect(result.books.check()).to.equal(null);
    expect(result.counts.refused).to.equal(0);
    return { shop, result };
  };

  const reconciles = async (shop: PastShop, result: RunResult): Promise<readonly Given[]> => {
    const figures = await figuresOf(shop);
    expect(figures).to.deep.equal(await recomputed(shop.pool, tenant));
    for (const one of figures) {
      expect(one.discount + one.points, one.campaignId).to.be.greaterThan(0);
    }
    const { totals } = await shop.send<{ totals: Record<string, number> }>('GET', '/sales?limit=0');
    expect(totals).to.include({
      discount: sum(figures, 'discount'),
      returnedDiscount: sum(figures, 'returnedDiscount'),
      receipts: result.counts.purchases,
    });
    return figures;
  };

  it('is what SQL makes of the lines of made-up receipts, and what came back too', async () => {
    const { shop, result } = await imported(madeUpReceipts(seeded(3), 600), campaigns);
    const figures = await reconciles(shop, result);
    expect(result.counts.returns).to.be.greaterThan(50);
    for (const figure of ['returnedDiscount', 'returnedPoints', 'returnedUses'] as const) {
      expect(sum(figures, figure), figure).to.be.greaterThan(10);
    }
    const { signal } = new AbortController();
    for (const projection of allProjections) {
      if (!['campaigns', 'sales'].includes(projection.name)) continue;
      const { differences } = await verify({
        ...{ feed: shop.house.log, pool: shop.pool, projection, signal },
      });
      expect(differences, projection.name).to.deep.equal([]);
    }
  });

  const why = isThere ? '' : ' (pending: set KOPILKA_DATA_DIR to the folder of the real receipts)';
  it(`is what SQL makes of the lines of Online Retail${why}`, async function () {
    if (!isThere) return this.skip();
    const { shop, result } = await imported(await head(linesMax), campaigns);
    const figures = await reconciles(shop, result);
    expect(result.counts.purchases).to.be.greaterThan(100);
    if (linesMax > 50_000) report(result, figures);
  });
});

/** What docs/benchmarks.md shows. */
const report = ({ counts, books }: RunResult, figures: readonly Given[]): void => {
  const { lines } = books.imported();
  process.stdout.write(`${JSON.stringify({ lines, ...counts, figures }, null, 1)}\n`);
};
