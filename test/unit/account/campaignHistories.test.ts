/**
 * Random receipts over random campaigns, given back in random parts: together the parts are the receipt as recorded, and nothing of
 * it is left on the account.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { assertValid } from '../../../commands/validation.js';
import { account } from '../../../domain/account/account.js';
import { accountEvents, type AccountEvent } from '../../../domain/account/events.js';
import { pointsIn } from '../../../domain/account/lots.js';
import { fullLine } from '../../../domain/account/recordedLine.js';
import { fromSnapshot, toSnapshot } from '../../../domain/account/snapshot.js';
import type { Coupon } from '../../../domain/pricing/facts.js';
import { unitsWithPoints } from '../../../domain/pricing/unitPoints.js';
import { Rejected } from '../../../domain/rejected.js';
import { basket, campaigns } from '../pricing/arbitrary.js';
import { onOffer } from './offers.js';
import { buy, cancel, type Decide, enrolled, giveBack, item, record, rule, under } from './spec.js';

const shown = ['W1', 'T1'];
const coupons = new Map<string, Coupon>([
  ['W1', { code: 'W1', series: 'welcome' }],
  ['T1', { code: 'T1', series: 'ten' }],
]);
const offers = campaigns.chain((made) =>
  fc
    .record({
      pointsTerms: fc.constantFrom(undefined, { activationDelayDays: 3 }, { lifetimeDays: 9 }),
    })
    .map(({ pointsTerms }) =>
      onOffer(
        made.map((one, index) => (pointsTerms && index % 2 === 0 ? { ...one, pointsTerms } : one)),
        { shown, coupons },
      ),
    ),
);
const lines = basket.map((given) =>
  given.map(({ position, productId, quantity, price, amount }) => ({
    ...{ position, productId, quantity, price, amount },
  })),
);
const parts = fc.array(
  fc.record({
    line: fc.integer({ min: 1, max: 8 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 8 },
);

const tell = () => {
  const history = record(enrolled);
  let state = history.reduce(account.evolve, account.initial());
  const schemas = new Map(accountEvents.map(({ type, schema }) => [type as string, schema]));
  return {
    history,
    state: () => state,
    attempt: (decide: Decide): readonly AccountEvent[] | null => {
      let events: readonly AccountEvent[];
      try {
        events = decide(state, history);
      } catch (error) {
        if (error instanceof Rejected) return null;
        throw error;
      }
      for (const { type, data } of events) assertValid(schemas.get(type) ?? ({} as never), data);
      const recorded = record(events, history.length);
      history.push(...recorded);
      state = recorded.reduce(account.evolve, state);
      const { active, activeTotal, pending, pendingTotal } = state.points;
      expect([pointsIn(active), pointsIn(pending)]).to.deep.equal([activeTotal, pendingTotal]);
      expect(decide(state, history), 'a repeat decides nothing').to.deep.equal([]);
      return events;
    },
  };
};

describe('a receipt with campaigns', () => {
  it('split in two by a return is worth what its units were recorded with, on both sides', () => {
    const saved = { ...rule, clawback: 'allowDeficit' as const, pointValue: 7 };
    const whole = lines.map((given) =>
      given.map((line) => {
        const quantity = Math.max(1, Math.round(line.quantity / 1_000) % 9) * 1_000;
        return { ...line, quantity, amount: (line.price * quantity) / 1_000 };
      }),
    );
    const kept = fc.array(fc.nat(8), { minLength: 8, maxLength: 8 });
    let split = 0;
    fc.assert(
      fc.property(whole, offers, kept, fc.nat(400), (bought, offer, keeps, spend) => {
        const story = tell();
        story.attempt(buy('s', [item(90_000)], { rule: under(saved) }));
        const options = { rule: under(saved), offer };
        if (!story.attempt(buy('p', bought, { ...options, redeemPoints: spend * 100 }))) {
          story.attempt(buy('p', bought, options));
        }
        const confirmed = story.history.find(
          (event) =>
            event.type === 'PurchaseConfirmed' && event.data.purchaseId === ('p' as string),
        );
        if (confirmed?.type !== 'PurchaseConfirmed') return;
        // Those that campaigns touched are kept unit by unit; the others in proportion (parts.test.ts).
        const cut = confirmed.data.lines.flatMap((line, index) => {
          const stays = (keeps[index] ?? 0) * 1_000;
          const touched = line.discounts ?? line.points;
          return touched && stays < line.quantity ? [{ line, stays }] : [];
        });
        if (cut.length === 0) return;
        const request = cut.map(({ line: { position, quantity }, stays }) => ({
          position,
          quantity: quantity - stays,
        }));
        const [given] = story.attempt(giveBack('p', 'r', request)) ?? [];
        if (given?.type !== 'PurchaseReturned') throw new Error('it was not returned');
        for (const { line, stays } of cut) {
          const back = given.data.lines.find(({ position }) => position === line.position);
          const units = unitsWithPoints(fullLine(line)).flatMap((unit) =>
            Array.from({ length: unit.count }, () => unit),
          );
          const stay = units.slice(0, stays / 1_000);
          for (const figure of [
            'amount',
            'paidByPoints',
            'pointsRedeemed',
            'pointsEarned',
          ] as const) {
            const worth = stay.reduce((sum, unit) => sum + unit[figure], 0);
            expect(line[figure] - (back?.[figure] ?? 0), figure).to.equal(worth);
          }
          const net = stay.reduce((sum, unit) => sum + unit.net, 0);
          const netBack = back?.net ?? back?.amount ?? 0;
          expect((line.net ?? line.amount) - netBack, 'net').to.equal(net);
          split += stay.length;
        }
      }),
      { numRuns: 80 },
    );
    expect(split, 'something was kept').to.be.greaterThan(20);
  });

  it('comes back in parts that are the receipt as recorded, and leaves nothing behind', () => {
    const saved = { ...rule, clawback: 'withinBalance' as const, pointValue: 7 };
    let discounted = 0;
    fc.assert(
      fc.property(
        lines,
        offers,
        parts,
        fc.nat(400),
        fc.boolean(),
        (bought, offer, split, spend, cancels) => {
          const story = tell();
          story.attempt(buy('s', [item(90_000)], { rule: under(saved) }));
          const before = structuredClone(story.state().points);
          const options = { rule: under(saved), offer };
          if (!story.attempt(buy('p', bought, { ...options, redeemPoints: spend * 100 }))) {
            story.attempt(buy('p', bought, options));
          }
          const confirmed = story.history.find(
            (event) =>
              event.type === 'PurchaseConfirmed' && event.data.purchaseId === ('p' as string),
          );
          if (confirmed?.type !== 'PurchaseConfirmed') return;
          const {
            applied = [],
            discount = 0,
            net = confirmed.data.total,
            paidByPoints,
          } = confirmed.data;
          discounted += discount;
          split.forEach(({ line, share }, index) => {
            const quantity = Math.ceil((bought[line - 1]?.quantity ?? 0) * share);
            if (quantity > 0)
              story.attempt(giveBack('p', `r${index}`, [{ position: line, quantity }]));
          });
          story.attempt(cancels ? cancel('p') : giveBack('p', 'rest'));

          expect(story.state().points, 'as if nothing had been bought').to.deep.equal(before);
          const undone = story.history.flatMap((event) =>
            event.type === 'PurchaseReturned' || event.type === 'PurchaseCancelled'
              ? [event.data]
              : [],
          );
          const sum = (of: (data: (typeof undone)[number]) => number) =>
            undone.reduce((total, data) => total + of(data), 0);
          expect(sum(({ refund }) => refund)).to.equal(net - paidByPoints);
          expect(sum((data) => data.discount ?? 0)).to.equal(discount);
          for (const { campaignId, discount: off, points } of applied) {
            const back = undone
              .flatMap(({ reversed = [] }) => reversed)
              .filter((one) => one.campaignId === campaignId);
            const total = { discount: 0, points: 0, uses: 0 };
            for (const one of back) {
              total.discount += one.discount;
              total.points += one.points;
              total.uses += one.uses;
            }
            expect(total, campaignId).to.deep.equal({ discount: off, points, uses: 1 });
            expect(story.state().uses.get(campaignId)?.ever, 'no use is left').to.equal(0);
          }
          expect(story.state().counts.purchases, 'only the first is left').to.equal(1);
          const json: unknown = JSON.parse(JSON.stringify(toSnapshot(story.state())));
          expect(fromSnapshot(json)).to.deep.equal(story.state());
        },
      ),
      { numRuns: 150 },
    );
    expect(discounted, 'something was discounted').to.be.greaterThan(0);
  });
});
