/** A draft over receipts of the past, against the same receipts priced with the campaign really among the active ones. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { MerchantId, PointOfSaleId, ProductId, UserId } from '../../../domain/ids.js';
import type { Campaign, CampaignId } from '../../../domain/pricing/campaign.js';
import { compileCampaigns } from '../../../domain/pricing/campaignSet.js';
import { faultsOf } from '../../../domain/pricing/faults.js';
import { price } from '../../../domain/pricing/price.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';
import { createSimulation } from '../../../domain/simulation/simulation.js';
import type { RecordedReceipt, World } from '../../../domain/simulation/world.js';
import { rule as plain } from '../account/spec.js';
import { checkSchema } from '../pricing/checkSchema.js';

const rule: ProgrammeRule = { ...plain, pointValue: 2, redeemMaxBasisPoints: 9_900 };
const categories = ['dairy/cheese', 'dairy', 'bread', null] as const;
const start = Date.UTC(2026, 1, 27, 22);

const other: Campaign = {
  campaignId: 'fridays' as CampaignId,
  version: 4,
  name: 'Fridays',
  priority: 5,
  group: { name: 'offers', rule: 'best' },
  when: { kind: 'weekday', days: ['fri'] },
  rewards: [{ kind: 'percent', basisPoints: 700 }],
};

const draftOf = (more: Partial<Campaign>): Campaign => ({
  campaignId: 'draft' as CampaignId,
  version: 1,
  name: 'Draft',
  priority: 10,
  rewards: [{ kind: 'percent', basisPoints: 1_000 }],
  ...more,
});

const drafts: readonly Campaign[] = [
  draftOf({
    rewards: [
      { kind: 'percent', basisPoints: 1_500, lines: { kind: 'category', categories: ['dairy'] } },
    ],
  }),
  draftOf({
    rewards: [{ kind: 'cheapest-free', every: 3 }],
    group: { name: 'offers', rule: 'best' },
  }),
  draftOf({
    when: { kind: 'segment', segments: ['loyal'] },
    rewards: [{ kind: 'points-multiplier', basisPoints: 30_000 }],
  }),
  draftOf({ when: { kind: 'first-purchase' }, rewards: [{ kind: 'percent', basisPoints: 2_000 }] }),
  draftOf({
    when: { kind: 'nth-purchase', nth: 3, every: true },
    rewards: [{ kind: 'points-bonus', points: 500 }],
  }),
] as unknown as Campaign[];

const users = ['1', '2', '3'] as unknown as UserId[];

const receipts = fc.array(
  fc.record({
    gapMs: fc.integer({ min: 1, max: 30 * 3_600_000 }),
    user: fc.option(fc.constantFrom(...users), { nil: null }),
    merchantId: fc.constantFrom(1, 2),
    spend: fc.integer({ min: 0, max: 3_000 }),
    lines: fc.array(
      fc.record({
        sku: fc.constantFrom('A', 'B', 'C', 'D'),
        pieces: fc.integer({ min: 1, max: 5 }),
        price: fc.integer({ min: 0, max: 900 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  { minLength: 1, maxLength: 25 },
);

type Made = typeof receipts extends fc.Arbitrary<infer T> ? T : never;

const goods = (productId: ProductId) => ({
  category: categories['ABCD'.indexOf(productId)] ?? null,
});

/** As they were recorded: priced with nothing but Fridays, spending what half of the receipt allows. */
const record = (made: Made): RecordedReceipt[] => {
  let at = start;
  const set = compileCampaigns([other]);
  return made.map(({ gapMs, user, merchantId, spend, lines }) => {
    at += gapMs;
    const where = { merchantId: merchantId as MerchantId, pointOfSaleId: 10 as PointOfSaleId };
    const counted = lines.map(({ sku, pieces, price: each }, index) => ({
      ...{ position: index + 1, productId: sku as ProductId, quantity: pieces * 1_000 },
      ...{ price: each, amount: pieces * each },
    }));
    const priced = price({
      receipt: { ...where, at, timeZone: 'Europe/London', lines: counted },
      customer: user === null ? null : { activePoints: spend },
      campaigns: set,
      rule,
      redeemPoints: user === null ? 0 : spend,
      tooManyPoints: 'limit',
    });
    const { pointsRedeemed, pointsEarned } = priced;
    const recorded = { ...where, at, userId: user, ruleVersion: 1, pointsRedeemed, pointsEarned };
    return { ...recorded, lines: priced.lines };
  });
};

const segmentsOf = (userId: UserId) => (userId === users[0] ? ['loyal', 'all'] : ['all']);
const tierOf = (userId: UserId, at: number) =>
  userId === users[1] && at > start + 3 * 86_400_000 ? 'gold' : null;

const worldOf = (draft: Campaign): World => {
  const set = compileCampaigns([other, draft]);
  return {
    rule: () => rule,
    timeZone: () => 'Europe/London',
    goods,
    tier: tierOf,
    segments: segmentsOf,
    campaigns: () => set,
  };
};

describe('a simulated campaign', () => {
  it('gives the figures that it has when it is really applied to the same receipts', () => {
    let touched = 0;
    fc.assert(
      fc.property(receipts, fc.constantFrom(...drafts), (made, draft) => {
        const recorded = record(made);
        const simulation = createSimulation(draft, worldOf(draft));
        for (const one of recorded) simulation.receipt(one);
        const { totals, byDay, byMerchant, byTier, bySegment, recorded: was } = simulation.report();
        touched += totals.touched;

        const set = compileCampaigns([other, draft]);
        const counts = new Map<UserId, number>();
        const sums = { discount: 0, points: 0, touched: 0, all: 0, earned: 0 };
        for (const { userId, at, merchantId, pointOfSaleId, lines, pointsRedeemed } of recorded) {
          const before = userId === null ? 0 : (counts.get(userId) ?? 0);
          if (userId !== null) counts.set(userId, before + 1);
          const really = price({
            receipt: {
              ...{ merchantId, pointOfSaleId, at, timeZone: 'Europe/London' },
              lines: lines.map(({ position, productId, quantity, price: each, amount }) => ({
                ...{ position, productId, quantity, price: each, amount },
                ...goods(productId),
              })),
            },
            customer:
              userId === null
                ? null
                : {
                    ...{ activePoints: pointsRedeemed, purchases: before },
                    ...{ tier: tierOf(userId, at), segments: segmentsOf(userId) },
                  },
            campaigns: set,
            rule,
            redeemPoints: pointsRedeemed,
            tooManyPoints: 'limit',
          });
          const own = really.applied.find(({ campaignId }) => campaignId === 'draft');
          sums.discount += own?.discount ?? 0;
          sums.points += own?.points ?? 0;
          sums.touched += own ? 1 : 0;
          sums.all += really.discount;
          sums.earned += really.pointsEarned;
        }
        expect(totals).to.include({
          receipts: recorded.length,
          ...{ touched: sums.touched, discount: sums.discount, points: sums.points },
          discountChange: sums.all - was.discount,
          pointsChange: sums.earned - was.pointsEarned,
        });
        for (const parts of [byDay, byMerchant, byTier]) {
          for (const name of ['receipts', 'touched', 'discount', 'points', 'liability'] as const) {
            expect(parts.reduce((sum, part) => sum + part[name], 0)).to.equal(totals[name]);
          }
        }
        const known = recorded.filter(({ userId }) => userId !== null).length;
        expect(bySegment.find(({ key }) => key === 'all')?.receipts ?? 0).to.equal(known);
      }),
      { numRuns: 150 },
    );
    expect(touched).to.be.greaterThan(100);
  });

  it('is tried with drafts that are campaigns', () => {
    for (const draft of [...drafts, other]) expect(faultsOf(draft, checkSchema)).to.deep.equal([]);
  });

  it('leaves a draft that nothing fits without any effect at all', () => {
    const draft = draftOf({ when: { kind: 'merchant', merchantIds: [77 as MerchantId] } });
    fc.assert(
      fc.property(receipts, (made) => {
        const simulation = createSimulation(draft, worldOf(draft));
        for (const one of record(made)) simulation.receipt(one);
        const { totals } = simulation.report();
        expect(totals).to.deep.equal({
          receipts: made.length,
          ...{ touched: 0, discount: 0, points: 0, liability: 0 },
          ...{ discountChange: 0, pointsChange: 0 },
        });
      }),
      { numRuns: 60 },
    );
  });

  const bread = (day: number, user: UserId | null, amount: number): RecordedReceipt => ({
    at: Date.UTC(2026, 2, day, 12),
    merchantId: 1 as MerchantId,
    pointOfSaleId: 10 as PointOfSaleId,
    userId: user,
    ruleVersion: 1,
    pointsRedeemed: 0,
    pointsEarned: 0,
    lines: [{ position: 1, productId: 'C' as ProductId, quantity: 1_000, price: amount, amount }],
  });
  const [ann, ben] = users as [UserId, UserId];

  it('spends its budget no further than it goes, day by day', () => {
    const draft = draftOf({ limits: { budgets: [{ of: 'amount', most: 150, per: 'day' }] } });
    const simulation = createSimulation(draft, worldOf(draft));
    for (const day of [2, 2, 2, 3]) simulation.receipt(bread(day, ann, 1_000));
    const { byDay, refused } = simulation.report();
    expect(byDay.map(({ key, discount }) => [key, discount])).to.deep.equal([
      ['2026-03-02', 100],
      ['2026-03-03', 100],
    ]);
    expect(refused).to.deep.equal({ 'budget-spent': 2 });
  });

  it('is used by a customer no more often than it may be', () => {
    const draft = draftOf({ limits: { perCustomer: { uses: 1, per: 'month' } } });
    const simulation = createSimulation(draft, worldOf(draft));
    for (const user of [ann, ann, ben]) simulation.receipt(bread(2, user, 1_000));
    simulation.receipt({ ...bread(2, ann, 1_000), at: Date.UTC(2026, 3, 2) });
    const { totals, refused } = simulation.report();
    expect(totals.touched).to.equal(3);
    expect(refused).to.deep.equal({ 'limit-reached': 1 });
  });

  it('knows purchases from before its first receipt, and forgets those that came back', () => {
    const draft = draftOf({ when: { kind: 'first-purchase' } });
    const simulation = createSimulation(draft, worldOf(draft));
    simulation.begin(ann, 1);
    simulation.receipt(bread(2, ann, 1_000));
    simulation.receipt(bread(2, ben, 1_000));
    simulation.undone(ben);
    simulation.receipt(bread(3, ben, 1_000));
    expect(simulation.report().totals.touched).to.equal(2);
  });

  it('says why a receipt could not be priced', () => {
    const draft = draftOf({});
    const simulation = createSimulation(draft, { ...worldOf(draft), rule: () => null });
    expect(simulation.receipt(bread(2, ann, 1_000))).to.equal(null);
    expect(simulation.report().unpriced).to.deep.equal({ 'no-programme-rule': 1 });
  });
});
