/**
 * Whatever is bought and given back, and whenever anybody looks: figures add up, and a level never flaps within its period.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { PurchaseId } from '../../../domain/ids.js';
import { dayMs, dayOf, figureBetween } from '../../../domain/tier/figures.js';
import { judgePurchase, judgeReturn, settleTier } from '../../../domain/tier/judge.js';
import { rankOf, type TierScheme, type VersionedScheme } from '../../../domain/tier/scheme.js';
import {
  initialStanding,
  type Standing,
  standingFromJson,
  standingToJson,
} from '../../../domain/tier/standing.js';

const start = Date.UTC(2026, 0, 1);
const purchaseId = 'p' as PurchaseId;

const schemes: fc.Arbitrary<VersionedScheme> = fc
  .record({
    basis: fc.constantFrom('spent' as const, 'earned' as const),
    window: fc.oneof(
      fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: 120 }) }),
      fc.constant({ kind: 'year' as const }),
      fc.constant({ kind: 'ever' as const }),
    ),
    steps: fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 4 }),
    graceDays: fc.constantFrom(0, 0, 5, 30),
    downgrade: fc.constantFrom('reached' as const, 'oneLevel' as const),
  })
  .map(({ steps, ...rest }): VersionedScheme => {
    let from = 0;
    const levels = steps.map((step, index) => ({ name: `level${index}`, from: (from += step) }));
    return { version: 1, scheme: { ...rest, levels } satisfies TierScheme };
  });

const steps = fc.array(
  fc.record({
    days: fc.integer({ min: 0, max: 60 }),
    spent: fc.integer({ min: 0, max: 1_500 }),
    earned: fc.integer({ min: 0, max: 1_500 }),
    /** Share of an earlier purchase that is given back instead. */
    back: fc.option(fc.nat({ max: 8 }), { freq: 3 }),
  }),
  { maxLength: 25 },
);

describe('tiers, whatever happens', () => {
  it('never fall within a period, unless a return took back what proved them', () => {
    fc.assert(
      fc.property(schemes, steps, (current, script) => {
        let standing: Standing = initialStanding;
        let now = start;
        const bought: { day: number; spent: number; earned: number }[] = [];
        const rank = () => rankOf(current.scheme, standing.level);
        for (const { days, spent, earned, back } of script) {
          now += days * dayMs;
          const promised = standing.until;
          const before = rank();
          standing = settleTier(standing, current, now).standing;
          if (promised === null || now < promised) expect(rank()).to.equal(before);
          expect(settleTier(standing, current, now).events, 'nothing is due twice').to.be.empty;
          const held = rank();
          const given = back === null ? undefined : bought[back];
          if (given) {
            const of = { purchaseId, cause: 'r', now, ...given };
            standing = judgeReturn(standing, current, of).standing;
            bought.splice(back as number, 1);
            expect(rank(), 'a return alone changes no level').to.equal(held);
          } else {
            const purchase = { day: dayOf(now), spent, earned };
            const { events, standing: after } = judgePurchase(standing, current, {
              purchaseId,
              now,
              ...purchase,
            });
            standing = after;
            bought.push(purchase);
            expect(events.length).to.be.at.most(1);
            expect(rank(), 'a purchase never takes a level away').to.be.at.least(held);
          }
          for (const basis of ['spent', 'earned'] as const) {
            const all = bought.reduce((sum, one) => sum + one[basis], 0);
            expect(figureBetween(standing.figures, basis, -Infinity, Infinity)).to.equal(all);
          }
          expect(
            standingFromJson(JSON.parse(JSON.stringify(standingToJson(standing)))),
          ).to.deep.equal(standing);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('have the figures they had before, once a purchase is returned in full, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 900 }), fc.integer({ min: 1, max: 999 })), {
          maxLength: 20,
        }),
        fc.nat({ max: 900 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 10_000 }),
        (others, day, spent, cut) => {
          let standing: Standing = initialStanding;
          const buy = (on: number, amount: number) =>
            (standing = judgePurchase(standing, null, {
              ...{ purchaseId, day: on, now: start, spent: amount, earned: 0 },
            }).standing);
          for (const [on, amount] of others) buy(on, amount);
          const { figures } = standing;
          buy(day, spent);
          const first = Math.min(cut, spent);
          for (const part of [first, spent - first]) {
            const of = { purchaseId, cause: 'r', day, now: start, spent: part, earned: 0 };
            standing = judgeReturn(standing, null, of).standing;
          }
          expect(standing.figures).to.deep.equal(figures);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are where they were the day after a purchase was returned in full', () => {
    const other = fc.record({
      days: fc.integer({ min: 0, max: 40 }),
      spent: fc.integer({ min: 0, max: 1_500 }),
    });
    const big = fc.integer({ min: 1, max: 9_000 });
    let raised = 0;
    fc.assert(
      fc.property(
        schemes,
        fc.array(other, { maxLength: 8 }),
        fc.array(big, { minLength: 1, maxLength: 3 }),
        (current, others, bigs) => {
          let standing: Standing = initialStanding;
          let now = start;
          const buy = (from: Standing, spent: number) =>
            judgePurchase(from, current, {
              ...{ purchaseId, now, day: dayOf(now), spent, earned: spent },
            }).standing;
          for (const { days, spent } of others) {
            now += days * dayMs;
            standing = buy(settleTier(standing, current, now).standing, spent);
          }
          // A period that ends within the day, and a grace, are judged with what is there then.
          fc.pre(
            !standing.inGrace && (standing.until === null || standing.until > now + 2 * dayMs),
          );
          let bought = standing;
          for (const spent of bigs) bought = buy(bought, spent);
          if (bought.level !== standing.level) raised += 1;
          for (const spent of bigs) {
            const of = { purchaseId, cause: 'r', day: dayOf(now), now, spent, earned: spent };
            bought = judgeReturn(bought, current, of).standing;
          }
          now += dayMs;
          const after = settleTier(bought, current, now).standing;
          expect(after.figures).to.deep.equal(standing.figures);
          expect([after.level, after.until]).to.deep.equal([standing.level, standing.until]);
          // Without a level there is nothing to prove.
          if (after.level !== null) expect(after.evidenceFrom).to.equal(standing.evidenceFrom);
        },
      ),
      { numRuns: 300 },
    );
    expect(raised, 'levels were reached and lost again').to.be.greaterThan(20);
  });

  it('stay small, however long the history', () => {
    let standing: Standing = initialStanding;
    for (let day = 0; day < 3_000; day += 1) {
      const purchase = { purchaseId, day, now: start, spent: 1, earned: 2 };
      standing = judgePurchase(standing, null, purchase).standing;
    }
    expect(standing.figures.days.length).to.be.at.most(1_100);
    expect(figureBetween(standing.figures, 'spent', -Infinity, Infinity)).to.equal(3_000);
  });
});
