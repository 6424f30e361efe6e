/**
 * A draft tried out on receipts, then really activated for the very same receipts: the simulation's figures are those of the read
 * model afterwards. Both shops import through the POS API; made-up receipts at random.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Campaign } from '../../../domain/pricing/campaign.js';
import { readPastProgramme } from '../../../platform/compose/pastProgramme.js';
import { campaignDays, campaignTotals } from '../../../projections/campaigns/results.js';
import type { SimulationReport } from '../../../domain/simulation/report.js';
import { simulate } from '../../../projections/simulation/simulate.js';
import { type Database, type Server, startServer } from '../projections/database.js';
import { kitchen, morePoints, type Planned } from './campaigns.js';
import {
  afterwards,
  before as beginning,
  fileOf,
  importReceipts,
  prepare,
  schedule,
} from './importing.js';
import { madeUpReceipts, seeded } from './madeUpReceipts.js';
import { openPastShop, type PastShop, tenant } from './pastShop.js';

const always = { from: kitchen.from, until: null };
const named = { name: 'Draft', priority: 10 };
const best = { group: { name: 'offers', rule: 'best' } };

/** In force all the time; some drafts have to be better than it. */
const other: Planned = {
  ...{ campaignId: 'paper_days', ...always },
  campaign: {
    name: 'Five percent',
    priority: 5,
    ...best,
    rewards: [{ kind: 'percent', basisPoints: 500 }],
  },
};

const drafts: readonly (readonly [string, object])[] = [
  [
    'a percentage by category',
    {
      rewards: [
        { kind: 'percent', basisPoints: 1_250, lines: { kind: 'category', categories: ['home'] } },
      ],
    },
  ],
  [
    'every third free, where that is the better offer',
    { ...best, rewards: [{ kind: 'cheapest-free', every: 3 }] },
  ],
  [
    'more points for a segment',
    {
      when: { kind: 'segment', segments: [morePoints.segment] },
      rewards: [{ kind: 'points-multiplier', basisPoints: 17_500 }],
    },
  ],
  [
    'something for the first purchase',
    { when: { kind: 'first-purchase' }, rewards: [{ kind: 'percent', basisPoints: 2_000 }] },
  ],
  [
    'a bonus for every third purchase',
    {
      when: { kind: 'nth-purchase', nth: 3, every: true },
      rewards: [{ kind: 'points-bonus', points: 500 }],
    },
  ],
];

describe('a simulated campaign, once it is activated', function () {
  this.timeout(120_000);
  const seed = fc.sample(fc.integer({ min: 1, max: 1_000_000 }), 1)[0] as number;
  const at = `seed ${seed}`;
  const lines = madeUpReceipts(seeded(seed), 120);
  const reports = new Map<string, SimulationReport>();
  let server: Server;

  before(async () => {
    server = await startServer();
    await withShop([other], async (shop) => {
      for (const [what, content] of drafts) reports.set(what, await simulated(shop, content));
    });
  });
  after(() => server.stop());

  /** Imports into a shop of its own, asks it something, and closes it. */
  const withShop = async <Answer>(
    active: readonly Planned[],
    ask: (shop: PastShop) => Promise<Answer>,
  ): Promise<Answer> => {
    const database: Database = await server.database();
    const shop = await openPastShop(database.pool(), beginning);
    try {
      await prepare(shop, fileOf(lines));
      for (const one of active) await schedule(shop, one);
      const { counts } = await importReceipts(shop, fileOf(lines));
      expect(counts.refused).to.equal(0);
      return await ask(shop);
    } finally {
      await shop.close();
      await database.close();
    }
  };

  const simulated = async (shop: PastShop, content: object): Promise<SimulationReport> => {
    const { signal } = new AbortController();
    const draft = { campaignId: 'draft', version: 1, ...named, ...content } as Campaign;
    const world = await readPastProgramme(shop.house.log, tenant, draft, signal);
    const receipts = { tenant, since: null, until: afterwards };
    const onProgress = () => undefined;
    return simulate({ pool: shop.pool, receipts, draft, world, signal, onProgress });
  };

  const every = { tenant, merchantId: null, from: null, to: null };
  const really = async (shop: PastShop) => {
    const own = { ...every, campaignId: 'draft' };
    const { rows } = await campaignDays(shop.pool, { ...own, limit: 1_000 });
    const { rows: sums } = await shop.pool.query<{ discount: string; points: string }>(
      'select sum(discount) as discount, sum(points_earned) as points from read.purchases',
    );
    return {
      totals: await campaignTotals(shop.pool, own),
      days: rows,
      discount: Number(sums[0]?.discount),
      points: Number(sums[0]?.points),
    };
  };

  for (const [what, content] of drafts) {
    it(`gives the figures of the simulation: ${what}`, async () => {
      const report = reports.get(what) as SimulationReport;
      const planned = { campaignId: 'draft', campaign: { ...named, ...content }, ...always };
      const { totals, days, ...all } = await withShop([other, planned], really);
      const { touched, discount, points, discountChange, pointsChange } = report.totals;
      expect({ receipts: touched, discount, points }, at).to.deep.equal({
        ...{ receipts: totals.receipts, discount: totals.discount, points: totals.points },
      });
      expect(discount + points, at).to.be.greaterThan(0);
      expect(report.recorded.discount + discountChange, at).to.equal(all.discount);
      expect(report.recorded.pointsEarned + pointsChange, at).to.equal(all.points);
      const simulatedDays = report.byDay.filter((day) => day.touched > 0);
      const realDays = days.filter((day) => day.receipts > 0); // on the others something came back
      expect(
        simulatedDays.map((day) => [day.key, day.touched, day.discount, day.points]),
        at,
      ).to.deep.equal(realDays.map((day) => [day.day, day.receipts, day.discount, day.points]));
    });
  }
});
