/** The settlement between merchants, campaign results and liability in a real PostgreSQL. */
import { expect } from 'chai';
import type pg from 'pg';
import type { LotPart } from '../../../domain/account/events.js';
import type { Fact } from '../../../domain/fact.js';
import { balances } from '../../../projections/balances/balances.js';
import { campaigns } from '../../../projections/campaigns/campaigns.js';
import { couponDays } from '../../../projections/campaigns/couponUse.js';
import { campaignDays, campaignTotals } from '../../../projections/campaigns/results.js';
import { fill } from '../../../projections/fill.js';
import { liabilityOf } from '../../../projections/liability/liability.js';
import { openProjection } from '../../../projections/open.js';
import type { Page } from '../../../projections/pages.js';
import { settlement } from '../../../projections/settlement/settlement.js';
import { entriesOf, netPositions, statementOf } from '../../../projections/settlement/statement.js';
import { verify } from '../../../projections/verify.js';
import { coalition } from '../../unit/projections/coalition.js';
import { createMemoryFeed } from '../../unit/projections/memoryFeed.js';
import { tenant } from '../../unit/projections/simulation.js';
import { type Database, type Server, startServer } from './database.js';

const seeded = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return below < 1 ? 0 : (state >>> 8) % below;
  };
};

/** As tills bring them where campaigns are active: receipts with what applied, returns with what they reversed. */
const withCampaigns = (facts: readonly Fact[]): Fact[] =>
  facts.map((fact, index) => {
    const data = fact.data as { total: number; amount: number };
    if (fact.type === 'PurchaseConfirmed') {
      const campaignId = index % 3 === 0 ? 'dairy_week' : 'fridays';
      const applied = [{ campaignId, version: 1 + (index % 2), discount: data.total, points: 7 }];
      const coupons = [
        {
          code: 'x',
          series: 'spring',
          campaigns: [],
          refusal: index % 5 ? null : 'coupon-expired',
        },
      ];
      return { ...fact, data: { ...data, applied, coupons } };
    }
    if (fact.type === 'PurchaseReturned') {
      const back = { campaignId: 'fridays', version: 1, discount: data.amount, points: 3, uses: 1 };
      return { ...fact, data: { ...data, reversed: [back] } };
    }
    return fact;
  });

const all = async <Row>(read: (after: string | null) => Promise<Page<Row>>): Promise<Row[]> => {
  const rows: Row[] = [];
  for (let after: string | null = null; ;) {
    const page: Page<Row> = await read(after);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = page.next;
  }
};

describe('read models of a coalition', function () {
  this.timeout(120_000);
  const facts = withCampaigns(coalition(seeded(20), 400));
  const head = facts.at(-1)?.position ?? 0n;
  const feed = createMemoryFeed(facts);
  const signal = new AbortController().signal;
  let server: Server;
  let database: Database;
  let pool: pg.Pool;

  before(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    const targets = [];
    for (const projection of [balances, settlement, campaigns]) {
      targets.push(await openProjection(pool, projection));
    }
    let n = 0;
    const batchSize = () => 1 + ((n += 7) % 50);
    await fill({ feed, pool, targets, until: { position: head }, batchSize, signal });
  });
  after(async () => {
    await database.close();
    await server.stop();
  });

  const months = async (): Promise<string[]> => {
    const { rows } = await pool.query<{ month: string }>(
      `select distinct to_char(month, 'YYYY-MM') as month from read.settlement_months order by 1`,
    );
    return rows.map(({ month }) => month);
  };

  it('carry each pair from month to month, and the whole adds up to zero', async () => {
    const known = await months();
    expect(known.length).to.be.greaterThan(5);
    const closings = new Map<string, number>();
    for (const month of known) {
      const question = { tenant, month, merchantId: null, limit: 2 };
      const statement = await all((after) => statementOf(pool, { ...question, after }));
      for (const row of statement) {
        const pair = `${row.issuerId}>${row.takerId}`;
        expect(row.opening, `${pair} ${month}`).to.equal(closings.get(pair) ?? 0);
        const { opening, redeemed, restored, clawedBack, giftCards } = row;
        expect(row.closing).to.equal(opening + redeemed + restored + clawedBack + giftCards);
        closings.set(pair, row.closing);
      }
      const entries = await all((after) => entriesOf(pool, { ...question, after }));
      const moved = statement.reduce((sum, row) => sum + row.closing - row.opening, 0);
      expect(entries.reduce((sum, { value }) => sum + value, 0)).to.equal(moved);
      const net = await all((after) => netPositions(pool, { tenant, month, limit: 2, after }));
      expect(net.reduce((sum, one) => sum + one.net, 0)).to.equal(0);
      const one = await statementOf(pool, { ...question, merchantId: 2, limit: 100 });
      expect(one.rows).to.deep.equal(
        statement.filter(({ issuerId, takerId }) => issuerId === 2 || takerId === 2),
      );
    }
    const taken = facts.filter(({ type }) => type === 'PointsRedeemed');
    const foreign = taken.filter(({ data }) => {
      const { lots, merchantId } = data as { lots: LotPart[]; merchantId: number };
      return lots.some((lot) => (lot.merchantId ?? 0) !== merchantId);
    });
    const { rows } = await pool.query<{ count: string }>(
      `select count(distinct position) from read.settlement_entries where kind = 'redeemed'`,
    );
    expect(Number(rows[0]?.count)).to.equal(foreign.length);
    const nobody = { tenant: 'other', month: known[0] ?? '', merchantId: null, limit: 10 };
    expect((await statementOf(pool, nobody)).rows).to.deep.equal([]);
  });

  it('are exactly what a whole replay makes of the log', async () => {
    for (const projection of [settlement, campaigns]) {
      const { differences, rows } = await verify({ feed, pool, projection, signal });
      expect(differences, projection.name).to.deep.equal([]);
      expect(Math.min(...Object.values(rows)), projection.name).to.be.greaterThan(0);
    }
  });

  it('add up what each campaign gave and got back', async () => {
    const bought = facts.filter(({ type }) => type === 'PurchaseConfirmed');
    const back = facts.filter(({ type }) => type === 'PurchaseReturned');
    const sum = (of: readonly Fact[], figure: 'total' | 'amount') =>
      of.reduce((total, { data }) => total + (data as Record<typeof figure, number>)[figure], 0);
    const every = { tenant, campaignId: null, merchantId: null, from: null, to: null };
    expect(await campaignTotals(pool, every)).to.deep.equal({
      receipts: bought.length,
      discount: sum(bought, 'total'),
      points: 7 * bought.length,
      uses: bought.length,
      returnedReceipts: back.length,
      returnedDiscount: sum(back, 'amount'),
      returnedPoints: 3 * back.length,
      returnedUses: back.length,
    });
    const days = await all((after) => campaignDays(pool, { ...every, limit: 7, after }));
    expect(days.reduce((total, { receipts }) => total + receipts, 0)).to.equal(bought.length);
    expect(new Set(days.map((d) => JSON.stringify(d))).size).to.equal(days.length);
    const [first] = days;
    const narrow = { ...every, from: first?.day ?? '', to: first?.day ?? '' };
    expect((await campaignDays(pool, { ...narrow, limit: 100 })).rows).to.deep.include(first);
    const coupons = { tenant, series: null, merchantId: null, from: null, to: null };
    const shown = await all((after) => couponDays(pool, { ...coupons, limit: 5, after }));
    expect(shown.reduce((total, one) => total + one.shown, 0)).to.equal(bought.length);
    expect(new Set(shown.map(({ refusal }) => refusal))).to.deep.equal(
      new Set([null, 'coupon-expired']),
    );
  });

  it('say what is outstanding, which is the sum of all balances', async () => {
    const owed = await all((after) =>
      liabilityOf(pool, { tenant, merchantId: null, limit: 1, after }),
    );
    const { rows } = await pool.query<{ points: string }>(
      'select sum(active + pending) as points from read.balances',
    );
    const points = owed.reduce((sum, { active, pending }) => sum + active + pending, 0);
    expect(points).to.equal(Number(rows[0]?.points)).and.to.be.greaterThan(0);
    expect(owed.map(({ merchantId }) => merchantId)).to.include(0);
    const own = await liabilityOf(pool, { tenant, merchantId: 2, limit: 100 });
    expect(own.rows).to.deep.equal(owed.filter(({ merchantId }) => merchantId === 2));
  });
});
