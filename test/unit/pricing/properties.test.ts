import { expect } from 'chai';
import fc from 'fast-check';
import type { BasketLine } from '../../../domain/pricing/basketLines.js';
import type { CampaignId } from '../../../domain/pricing/discount.js';
import type { Campaign } from '../../../domain/pricing/campaign.js';
import { type CampaignSet, compileCampaigns } from '../../../domain/pricing/campaignSet.js';
import { price, type PricingRequest } from '../../../domain/pricing/price.js';
import {
  Applied,
  PricedLine,
  type PricedReceipt,
  Refusal,
} from '../../../domain/pricing/priced.js';
import { unitsWithPoints, type UnitWithPoints } from '../../../domain/pricing/unitPoints.js';
import { unitsIn } from '../../../domain/pricing/units.js';
import {
  basket,
  campaignOf,
  campaigns,
  caps,
  customer,
  discount,
  named,
  numbered,
  receipt,
  rule,
} from './arbitrary.js';
import { checkSchema } from './checkSchema.js';

type Given = Omit<PricingRequest, 'campaigns' | 'tooManyPoints'> & { campaigns: Campaign[] };

const given: fc.Arbitrary<Given> = fc.record({
  receipt,
  customer: fc.option(customer, { nil: null }),
  campaigns,
  rule,
  redeemPoints: fc.nat(1_000_000),
});

const priceGiven = (request: Given, set?: CampaignSet): PricedReceipt =>
  price({
    ...request,
    campaigns: set ?? compileCampaigns(request.campaigns),
    tooManyPoints: 'limit',
  });

const sum = (figures: Iterable<number>): number => [...figures].reduce((a, b) => a + b, 0);

const assertAddsUp = (priced: PricedReceipt): void => {
  for (const line of priced.lines) {
    const off = sum(line.discounts.map(({ amount }) => amount));
    expect(line.net + off, 'net and discounts of a line').to.equal(line.amount);
    expect(line.net).to.be.at.least(0);
    expect(line.paidByPoints).to.be.within(0, line.net);
    expect(sum(line.points.map(({ points }) => points))).to.equal(line.pointsEarned);
    if (line.amount === 0) expect(line.paidByPoints + line.pointsEarned).to.equal(0);
    const units = unitsWithPoints(line);
    const overUnits = (figure: (unit: UnitWithPoints) => number): number =>
      sum(units.map((unit) => unit.count * figure(unit)));
    expect(overUnits(({ quantity }) => quantity)).to.equal(line.quantity);
    expect(sum(units.map(({ count }) => count))).to.equal(unitsIn(line));
    for (const figure of [
      'amount',
      'net',
      'paidByPoints',
      'pointsRedeemed',
      'pointsEarned',
    ] as const) {
      expect(
        overUnits((unit) => unit[figure]),
        figure,
      ).to.equal(line[figure]);
    }
    for (const { campaignId, amount } of line.discounts) {
      const ofUnits = overUnits((unit) =>
        sum(unit.discounts.flatMap((one) => (one.campaignId === campaignId ? [one.amount] : []))),
      );
      expect(ofUnits).to.equal(amount);
    }
    for (const unit of units) {
      expect(unit.net).to.be.at.least(0);
      expect(unit.net + sum(unit.discounts.map(({ amount }) => amount))).to.equal(unit.amount);
      expect(unit.paidByPoints).to.be.at.most(unit.net);
    }
  }
  const over = (figure: 'amount' | 'net' | 'paidByPoints' | 'pointsRedeemed' | 'pointsEarned') =>
    sum(priced.lines.map((line) => line[figure]));
  expect(over('amount')).to.equal(priced.total);
  expect(over('net')).to.equal(priced.net);
  expect(over('paidByPoints')).to.equal(priced.paidByPoints);
  expect(over('pointsRedeemed')).to.equal(priced.pointsRedeemed);
  expect(over('pointsEarned')).to.equal(priced.pointsEarned);
  expect(priced.total - priced.discount).to.equal(priced.net);
  expect(sum(priced.applied.map((one) => one.discount))).to.equal(priced.discount);
  expect(sum(priced.points.map(({ points }) => points))).to.equal(priced.pointsEarned);
};

const capOf = (cap: { amount?: number; basisPoints?: number } | undefined, full: number): number =>
  Math.min(cap?.amount ?? Infinity, Math.floor((full * (cap?.basisPoints ?? 10_000)) / 10_000));

const shuffled = <Value>(values: readonly Value[]) =>
  fc.shuffledSubarray([...values], { minLength: values.length, maxLength: values.length });

const withoutPosition = ({ position: _, ...line }: BasketLine) => line;

/** What no order of the lines may change. */
const totals = ({
  toPay,
  discount: off,
  pointsEarned,
  most,
  atMost,
  atNone,
  applied,
}: PricedReceipt) => ({
  toPay,
  off,
  pointsEarned,
  most,
  atMost,
  atNone,
  applied: applied.map((one) => [one.campaignId, one.discount, one.points]),
});

const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
};

describe('pricing, whatever the receipt and the campaigns', () => {
  it('adds up to the minor unit at the receipt, the lines and the units, and no unit costs less than nothing', () => {
    fc.assert(
      fc.property(given, (request) => assertAddsUp(priceGiven(request))),
      { numRuns: 150 },
    );
  });

  it('fits the schemas that events record it with', () => {
    fc.assert(
      fc.property(given, (request) => {
        const { lines, applied, refused } = priceGiven(request);
        const faults = [
          ...lines.flatMap((line) => checkSchema(PricedLine, line)),
          ...applied.flatMap((one) => checkSchema(Applied, one)),
          ...refused.flatMap((one) => checkSchema(Refusal, one)),
        ];
        expect(faults).to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });

  it('never exceeds the caps of a campaign nor those of all together', () => {
    fc.assert(
      fc.property(given, caps, (request, all) => {
        const priced = priceGiven(request, compileCampaigns(request.campaigns, all));
        expect(priced.discount).to.be.at.most(capOf(all.perReceipt, priced.total));
        for (const line of priced.lines) {
          expect(line.amount - line.net).to.be.at.most(capOf(all.perLine, line.amount));
        }
        for (const { campaignId, discount: off, points } of priced.applied) {
          const own = request.campaigns.find((one) => one.campaignId === campaignId)?.caps;
          expect(off).to.be.at.most(capOf(own?.perReceipt, priced.total));
          expect(points).to.be.at.most(own?.pointsPerReceipt ?? Infinity);
          for (const line of priced.lines) {
            const cut = line.discounts.find((one) => one.campaignId === campaignId);
            expect(cut?.amount ?? 0).to.be.at.most(capOf(own?.perLine, line.amount));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('comes to the same in every order of the lines', () => {
    const withOrder = given.chain((request) =>
      shuffled(request.receipt.lines.map(withoutPosition)).map((lines) => ({ request, lines })),
    );
    fc.assert(
      fc.property(withOrder, ({ request, lines }) => {
        const other = { ...request, receipt: { ...request.receipt, lines: numbered(lines) } };
        expect(totals(priceGiven(other))).to.deep.equal(totals(priceGiven(request)));
      }),
      { numRuns: 250 },
    );
  });

  it('is decided by its inputs alone, which it leaves as they are', () => {
    fc.assert(
      fc.property(given, receipt, (request, another) => {
        const set = compileCampaigns(deepFreeze(request.campaigns));
        const first = priceGiven(deepFreeze(request), set);
        priceGiven({ ...request, receipt: another }, set);
        expect(priceGiven(request, set)).to.deep.equal(first);
        const backwards = compileCampaigns([...request.campaigns].reverse());
        expect(priceGiven(request, backwards)).to.deep.equal(first);
      }),
      { numRuns: 60 },
    );
  });

  it('finds every campaign that would apply by what the receipt holds', () => {
    fc.assert(
      fc.property(given, (request) => {
        const set = compileCampaigns(request.campaigns);
        const always = set.campaigns.map(({ place }) => place);
        const tried = priceGiven(request, {
          ...set,
          index: { size: always.length, always, drawers: new Map() },
        });
        const found = priceGiven(request, set);
        expect(found.applied).to.deep.equal(tried.applied);
        expect(found.lines).to.deep.equal(tried.lines);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the customer of a best group at least what each member alone would', () => {
    const members = fc
      .array(campaignOf(fc.array(discount, { minLength: 1, maxLength: 2 })), {
        minLength: 1,
        maxLength: 5,
      })
      .map((list) =>
        named(list.map((one) => ({ ...one, group: { name: 'g', rule: 'best' as const } }))),
      );
    fc.assert(
      fc.property(given, members, (request, list) => {
        const best = priceGiven({ ...request, campaigns: list });
        for (const alone of list) {
          expect(best.net).to.be.at.most(priceGiven({ ...request, campaigns: [alone] }).net);
        }
        expect(best.applied.filter((one) => one.discount > 0)).to.have.length.at.most(1);
      }),
      { numRuns: 80 },
    );
  });

  it('lets no more than one of a first group apply, and nothing beside an exclusive campaign', () => {
    fc.assert(
      fc.property(given, (request) => {
        const { applied } = priceGiven(request);
        const rules = applied.map(
          ({ campaignId }: { campaignId: CampaignId }) =>
            request.campaigns.find((one) => one.campaignId === campaignId)?.group?.rule,
        );
        for (const only of ['best', 'first']) {
          expect(rules.filter((one) => one === only)).to.have.length.at.most(1);
        }
        if (rules.includes('exclusive')) expect(applied).to.have.length(1);
      }),
      { numRuns: 150 },
    );
  });

  it('never spends more of a budget than there is', () => {
    fc.assert(
      fc.property(given, fc.nat(3_000), fc.nat(3_000), (request, amount, points) => {
        const remaining = Object.fromEntries(
          request.campaigns.map(({ campaignId }) => [campaignId, { amount, points }]),
        );
        for (const one of priceGiven({ ...request, remaining }).applied) {
          expect(one.discount).to.be.at.most(amount);
          expect(one.points).to.be.at.most(points);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('prices a line of many units as fast as one of few', () => {
    fc.assert(
      fc.property(basket, (lines) => {
        const million = lines.map((line) => ({
          ...line,
          quantity: 1_000_000_000,
          amount: line.price * 1_000_000,
        }));
        const cut: Campaign[] = named([
          {
            version: 1,
            name: 'x',
            priority: 1,
            rewards: [
              { kind: 'nth-unit', nth: 3, basisPoints: 3_333 },
              { kind: 'percent', basisPoints: 777, per: 'receipt' },
            ],
          },
        ]);
        const priced = priceGiven({
          receipt: {
            lines: million,
            merchantId: 1 as never,
            pointOfSaleId: 1 as never,
            at: 0,
            timeZone: 'UTC',
          },
          customer: { activePoints: 12_345 },
          campaigns: cut,
          rule: {
            currency: 'GBP',
            earn: { points: 7, per: 1_000 },
            pointValue: 3,
            redeemMaxBasisPoints: 5_000,
            earnOnRedeemed: false,
            activationDelayDays: 0,
            lifetimeDays: null,
            clawback: 'allowDeficit',
          },
          redeemPoints: 12_345,
        });
        assertAddsUp(priced);
      }),
      { numRuns: 10 },
    );
  });
});
