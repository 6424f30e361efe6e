import { expect } from 'chai';
import fc from 'fast-check';
import { compileCampaigns } from '../../../domain/pricing/campaignSet.js';
import { price } from '../../../domain/pricing/price.js';
import type { PricedLine } from '../../../domain/pricing/priced.js';
import { type ReturnedPart, returnedPart } from '../../../domain/pricing/returnedPart.js';
import { campaigns, customer, receipt, rule } from './arbitrary.js';

const figures = ['amount', 'net', 'paidByPoints', 'pointsRedeemed', 'pointsEarned'] as const;

const sums = (parts: readonly (ReturnedPart | PricedLine)[]) => {
  const byKey = new Map<string, number>();
  const add = (key: string, figure: number) => byKey.set(key, (byKey.get(key) ?? 0) + figure);
  for (const part of parts) {
    for (const figure of figures) add(figure, part[figure]);
    for (const { campaignId, amount } of part.discounts) add(`off by ${campaignId}`, amount);
    for (const { campaignId, points } of part.points) add(`points of ${campaignId}`, points);
  }
  return Object.fromEntries([...byKey].sort());
};

const lineOfThree: PricedLine = {
  position: 1,
  productId: 'milk' as PricedLine['productId'],
  quantity: 3_000,
  price: 120,
  amount: 360,
  net: 240,
  paidByPoints: 0,
  pointsRedeemed: 0,
  pointsEarned: 340,
  discounts: [{ campaignId: 'free' as never, version: 1, amount: 120 }],
  points: [
    { campaignId: null, points: 240 },
    { campaignId: 'bonus' as never, points: 100 },
  ],
  units: [
    {
      count: 2,
      quantity: 1_000,
      amount: 120,
      net: 120,
      discounts: [],
    },
    {
      count: 1,
      quantity: 1_000,
      amount: 120,
      net: 0,
      discounts: [{ campaignId: 'free' as never, version: 1, amount: 120 }],
    },
  ],
};

describe('the part of a line that is returned', () => {
  it('begins with the units that were free', () => {
    expect(returnedPart(lineOfThree, 0, 1_000)).to.containSubset({
      amount: 120,
      net: 0,
      pointsEarned: 0,
    });
    expect(returnedPart(lineOfThree, 1_000, 2_000)).to.containSubset({
      amount: 120,
      net: 120,
      discounts: [],
    });
  });

  it('takes the points of campaigns back before those of the programme', () => {
    const { points } = returnedPart(lineOfThree, 0, 2_000);
    expect(points).to.deep.equal([
      { campaignId: 'bonus', points: 100 },
      { campaignId: null, points: 70 },
    ]);
  });

  it('adds up to the line, however the line is cut', () => {
    const priced = fc
      .record({ receipt, customer, campaigns, rule, redeemPoints: fc.nat(1_000_000) })
      .map((request) =>
        price({
          ...request,
          campaigns: compileCampaigns(request.campaigns),
          tooManyPoints: 'limit',
        }),
      );
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
    fc.assert(
      fc.property(priced, cuts, ({ lines }, given) => {
        for (const line of lines) {
          const places = [0, ...given.map((cut) => Math.floor(cut * line.quantity)), line.quantity];
          places.sort((a, b) => a - b);
          const parts = places
            .slice(1)
            .map((place, index) => returnedPart(line, places[index] as number, place));
          const all = sums(parts);
          for (const part of parts) {
            expect(part.net).to.be.at.least(part.paidByPoints);
            expect(Math.min(...figures.map((figure) => part[figure]))).to.be.at.least(0);
          }
          expect(all).to.deep.equal(sums([line]));
        }
      }),
      { numRuns: 120 },
    );
  });

  it('is the unit itself where whole units go back', () => {
    const unit = returnedPart(lineOfThree, 2_000, 3_000);
    expect(unit).to.containSubset({ quantity: 1_000, amount: 120, net: 120, pointsEarned: 170 });
  });
});
