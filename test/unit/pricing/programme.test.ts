import { expect } from 'chai';
import fc from 'fast-check';
import { type BasketLine as TillLine, countBasket } from '../../../domain/account/basket.js';
import { quotePurchase } from '../../../domain/account/quote.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import type { MerchantId, PointOfSaleId, ProductId } from '../../../domain/ids.js';
import { compileCampaigns } from '../../../domain/pricing/campaignSet.js';
import { price } from '../../../domain/pricing/price.js';
import { Rejected } from '../../../domain/rejected.js';
import { enrolled, fold, noon, record } from '../account/spec.js';
import { rule } from './arbitrary.js';

const line: fc.Arbitrary<TillLine> = fc.record({
  productId: fc.constantFrom('b', 'a', 'c') as fc.Arbitrary<ProductId>,
  quantity: fc.oneof(fc.integer({ min: 1, max: 9_999 }), fc.constantFrom(1_000, 2_000, 3_000)),
  price: fc.oneof(fc.nat(20), fc.nat(100_000)),
});

const holding = (points: number): AccountEvent[] =>
  points === 0
    ? enrolled
    : [
        ...enrolled,
        {
          type: 'PointsAdjusted',
          data: {
            adjustmentId: 'gift',
            points,
            reason: '',
            lot: {
              lotId: 'by-hand.gift' as never,
              points,
              repaid: 0,
              activatesAt: 0,
              expiresAt: null,
            },
            lots: [],
          },
        },
      ];

const noCampaigns = compileCampaigns([]);

const request = (lines: readonly TillLine[], activePoints: number, redeemPoints: number) => ({
  receipt: {
    lines: countBasket(lines).lines,
    merchantId: 1 as MerchantId,
    pointOfSaleId: 1 as PointOfSaleId,
    at: noon,
    timeZone: 'Europe/London',
  },
  customer: { activePoints },
  campaigns: noCampaigns,
  redeemPoints,
});

describe('pricing without campaigns', () => {
  it("comes to exactly what the programme's rule comes to, line by line", () => {
    const lines = fc.array(line, { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        lines,
        rule,
        fc.nat(500_000),
        fc.nat(500_000),
        (basket, given, points, redeemPoints) => {
          const account = fold(record(holding(points)));
          const quote = quotePurchase({ lines: basket, redeemPoints, now: noon }, account, {
            version: 1,
            rule: given,
          });
          const priced = price({
            ...request(basket, points, redeemPoints),
            rule: given,
            tooManyPoints: 'limit',
          });
          const { outcome, most, atNone, asAsked, atMost } = quote;
          const figures = priced.lines.map(
            ({ net: _net, discounts: _discounts, points: _points, units: _units, ...figure }) =>
              figure,
          );
          expect(figures).to.deep.equal(outcome.lines);
          expect(priced).to.containSubset({
            total: outcome.total,
            net: outcome.total,
            discount: 0,
            eligible: outcome.eligible,
            paidByPoints: outcome.paidByPoints,
            pointsRedeemed: outcome.pointsRedeemed,
            pointsEarned: outcome.pointsEarned,
            most,
            atNone,
            asAsked,
            atMost,
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  const code = (redeemPoints: number, activePoints: number): string => {
    const basket: TillLine[] = [{ productId: 'a' as ProductId, quantity: 1_000, price: 1_000 }];
    const half = {
      currency: 'GBP',
      earn: { points: 100, per: 100 },
      pointValue: 1,
      redeemMaxBasisPoints: 5_000,
      earnOnRedeemed: false,
      activationDelayDays: 0,
      lifetimeDays: null,
      clawback: 'allowDeficit' as const,
    };
    try {
      price({
        ...request(basket, activePoints, redeemPoints),
        rule: half,
        tooManyPoints: 'refuse',
      });
      return 'priced';
    } catch (error) {
      if (error instanceof Rejected) return error.code;
      throw error;
    }
  };

  it('refuses a confirmation that asks for more points than there are', () => {
    expect(code(40_001, 40_000)).to.equal('not-enough-points');
  });

  it('refuses a confirmation that asks for more than the programme allows', () => {
    expect(code(50_100, 90_000)).to.equal('redemption-over-limit');
    expect(code(50_000, 90_000)).to.equal('priced');
  });
});
