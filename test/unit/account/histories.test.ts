/**
 * Whatever happens to an account, and in whatever order: the figures stay right. Random histories of purchases, returns,
 * cancellations, adjustments and settlements, under random rules, as time goes by.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { assertValid } from '../../../commands/validation.js';
import { adjustPoints } from '../../../domain/account/adjust.js';
import { account } from '../../../domain/account/account.js';
import { accountEvents, type AccountEvent } from '../../../domain/account/events.js';
import { byActivation, byConsumption, pointsIn } from '../../../domain/account/lots.js';
import { balanceOf } from '../../../domain/account/points.js';
import { quotePurchase } from '../../../domain/account/quote.js';
import { settlePoints } from '../../../domain/account/settle.js';
import { fromSnapshot, toSnapshot } from '../../../domain/account/snapshot.js';
import type { Account } from '../../../domain/account/state.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';
import { Rejected } from '../../../domain/rejected.js';
import {
  buy,
  cancel,
  day,
  type Decide,
  enrolled,
  giveBack,
  type History,
  item,
  noon,
  record,
  rule,
  under,
} from './spec.js';

type Step =
  | { readonly kind: 'buy'; readonly amounts: readonly number[]; readonly spend: number }
  | { readonly kind: 'late'; readonly amounts: readonly number[]; readonly daysAgo: number }
  | {
      readonly kind: 'giveBack';
      readonly of: number;
      readonly line: number;
      readonly share: number;
    }
  | { readonly kind: 'giveAllBack'; readonly of: number }
  | { readonly kind: 'cancel'; readonly of: number }
  | { readonly kind: 'adjust'; readonly points: number }
  | { readonly kind: 'settle' }
  | { readonly kind: 'wait'; readonly days: number };

const amounts = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 4 });
const of = fc.integer({ min: 0, max: 12 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('buy'), amounts, spend: fc.nat({ max: 9_000 }) }),
  },
  fc.record({ kind: fc.constant('late'), amounts, daysAgo: fc.nat({ max: 40 }) }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('giveBack'),
      of,
      line: fc.integer({ min: 1, max: 4 }),
      share: fc.integer({ min: 1, max: 2_000 }),
    }),
  },
  fc.record({ kind: fc.constant('giveAllBack'), of }),
  fc.record({ kind: fc.constant('cancel'), of }),
  fc.record({ kind: fc.constant('adjust'), points: fc.integer({ min: -3_000, max: 3_000 }) }),
  fc.record({ kind: fc.constant('settle') }),
  fc.record({ kind: fc.constant('wait'), days: fc.integer({ min: 1, max: 12 }) }),
) as fc.Arbitrary<Step>;

const rules: fc.Arbitrary<ProgrammeRule> = fc.record({
  currency: fc.constant('GBP'),
  earn: fc.record({ points: fc.nat({ max: 900 }), per: fc.integer({ min: 1, max: 300 }) }),
  pointValue: fc.integer({ min: 1, max: 250 }),
  redeemMaxBasisPoints: fc.constantFrom(0, 3_333, 5_000, 10_000),
  earnOnRedeemed: fc.boolean(),
  activationDelayDays: fc.constantFrom(0, 0, 3, 14),
  lifetimeDays: fc.constantFrom(null, 5, 30),
  clawback: fc.constantFrom('pendingOnly', 'withinBalance', 'allowDeficit'),
});

/** Tells an account's story step by step and checks it after each. */
const tell = (script: readonly Step[], programme: readonly ProgrammeRule[]) => {
  const history: History = record(enrolled);
  let state = history.reduce(account.evolve, account.initial());
  let now = noon;
  let decisions = 0;
  const attempt = (decide: Decide, occurredAt: number): void => {
    const before = JSON.stringify(toSnapshot(state));
    let events: AccountEvent[];
    try {
      events = decide(state, history);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      expect(JSON.stringify(toSnapshot(state)), 'a refusal changes nothing').to.equal(before);
      return;
    }
    expect(JSON.stringify(toSnapshot(state)), 'a decision changes nothing').to.equal(before);
    decisions += events.length > 0 ? 1 : 0;
    const recorded = record(events, history.length, occurredAt);
    history.push(...recorded);
    state = recorded.reduce(account.evolve, state);
    checkState(state);
    checkEvents(events, state);
    const repeat = decide(state, history);
    expect(repeat, 'a repeat decides nothing').to.deep.equal([]);
  };
  script.forEach((step, index) => {
    const current = programme[index % programme.length] as ProgrammeRule;
    if (step.kind === 'wait') now += step.days * day;
    else {
      const daysAgo = step.kind === 'late' ? step.daysAgo : 0;
      attempt(command(step, index, now, current), now - daysAgo * day);
    }
  });
  return { history, state, decisions };
};

const command = (
  step: Exclude<Step, { kind: 'wait' }>,
  index: number,
  now: number,
  current: ProgrammeRule,
): Decide => {
  const versioned = { version: 1, rule: current };
  switch (step.kind) {
    case 'buy': {
      const basket = step.amounts.map((amount, line) => item(amount, line + 1));
      let redeemPoints: number | null = null; // asked once, and the same again
      return (state, history) => {
        const order = { lines: basket, redeemPoints: step.spend, now };
        redeemPoints ??= quotePurchase(order, state, versioned).outcome.pointsRedeemed;
        return buy(`p${index}`, basket, { rule: versioned, redeemPoints, now })(state, history);
      };
    }
    case 'late': {
      const basket = step.amounts.map((amount) => item(amount));
      const occurredAt = now - step.daysAgo * day;
      return buy(`p${index}`, basket, { rule: versioned, offline: true, occurredAt, now });
    }
    case 'giveBack':
      return giveBack(`p${step.of}`, `r${index}`, [{ position: step.line, quantity: step.share }], {
        now,
      });
    case 'giveAllBack':
      return giveBack(`p${step.of}`, `r${index}`, 'all', { now });
    case 'cancel':
      return cancel(`p${step.of}`, { now });
    case 'adjust':
      return (state, history) => {
        const id = `a${index}`;
        const place = state.adjustments.get(id);
        const event = place === undefined ? undefined : history[place];
        const known = event?.type === 'PointsAdjusted' ? event.data : null;
        const { points } = step;
        return adjustPoints(
          { adjustmentId: id, points, reason: 'test', at: now },
          state,
          current,
          known,
        );
      };
    case 'settle':
      return (state) => settlePoints({ asOf: now }, state);
  }
};

const checkState = ({ points }: Account): void => {
  const { active, pending, activeTotal, pendingTotal, deficit } = points;
  expect(activeTotal, 'active is the sum of the lots').to.equal(pointsIn(active));
  expect(pendingTotal, 'pending is the sum of the lots').to.equal(pointsIn(pending));
  expect(deficit).to.be.at.least(0);
  expect(Math.min(deficit, activeTotal + pendingTotal), 'who owes has nothing').to.equal(0);
  for (const lot of [...active, ...pending]) expect(lot.points).to.be.greaterThan(0);
  expect([...active].sort(byConsumption)).to.deep.equal(active);
  expect([...pending].sort(byActivation)).to.deep.equal(pending);
  expect(new Set([...active, ...pending].map(({ lotId }) => lotId)).size).to.equal(
    active.length + pending.length,
  );
};

const sum = <Line>(lines: readonly Line[], figure: (line: Line) => number): number =>
  lines.reduce((total, line) => total + figure(line), 0);

const schemaOf = new Map(accountEvents.map(({ type, schema }) => [type as string, schema]));

const checkEvents = (events: readonly AccountEvent[], state: Account): void => {
  for (const event of events) {
    assertValid(schemaOf.get(event.type) as (typeof accountEvents)[number]['schema'], event.data);
    switch (event.type) {
      case 'PurchaseConfirmed': {
        const { lines, total, paidByPoints, pointsRedeemed, pointsEarned, balance } = event.data;
        expect(sum(lines, ({ amount }) => amount)).to.equal(total);
        expect(sum(lines, (line) => line.paidByPoints)).to.equal(paidByPoints);
        expect(sum(lines, (line) => line.pointsRedeemed)).to.equal(pointsRedeemed);
        expect(sum(lines, (line) => line.pointsEarned)).to.equal(pointsEarned);
        for (const line of lines) expect(line.paidByPoints).to.be.at.most(line.amount);
        expect(balance, 'the recorded balance is the folded one').to.deep.equal(
          balanceOf(state.points),
        );
        break;
      }
      case 'PurchaseReturned': {
        const { lines, amount, refund, paidByPoints, balance } = event.data;
        expect(refund + paidByPoints).to.equal(amount);
        expect(sum(lines, (line) => line.amount)).to.equal(amount);
        expect(sum(lines, (line) => line.paidByPoints)).to.equal(paidByPoints);
        for (const line of lines) {
          expect(line.amount - line.paidByPoints, 'a refund').to.be.at.least(0);
          for (const figure of Object.values(line)) {
            if (typeof figure === 'number') expect(figure).to.be.at.least(0);
          }
        }
        expect(balance).to.deep.equal(balanceOf(state.points));
        break;
      }
      case 'PurchaseCancelled':
        expect(event.data.refund + event.data.paidByPoints).to.equal(event.data.amount);
        expect(event.data.balance).to.deep.equal(balanceOf(state.points));
        break;
      case 'PointsClawedBack': {
        const { points, lots, deficit, forgiven } = event.data;
        expect(pointsIn(lots) + deficit + forgiven).to.equal(points);
        break;
      }
      case 'PointsRestored':
        expect(pointsIn(event.data.lots) + event.data.repaid).to.equal(event.data.points);
        break;
      case 'PointsRedeemed':
      case 'PointsActivated':
      case 'PointsExpired':
        expect(pointsIn(event.data.lots)).to.equal(event.data.points);
        break;
      default:
        break;
    }
  }
};

describe('random histories of an account', () => {
  it('keep the balance the sum of its lots, and every repeat a no-op', () => {
    let decisions = 0;
    const script = fc.array(steps, { minLength: 15, maxLength: 40, size: 'max' });
    const programme = fc.array(rules, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(script, programme, (told, ruled) => {
        decisions += tell(told, ruled).decisions;
      }),
      { numRuns: 150 },
    );
    expect(decisions, 'the histories are not made of refusals').to.be.greaterThan(1_000);
  });

  it('come out of a snapshot as they went in', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), rules, (told, ruled) => {
        const { state } = tell(told, [ruled]);
        const json: unknown = JSON.parse(JSON.stringify(toSnapshot(state)));
        expect(fromSnapshot(json)).to.deep.equal(state);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a purchase returned in arbitrary parts', () => {
  const parts = fc.array(
    fc.record({
      line: fc.integer({ min: 1, max: 3 }),
      quantity: fc.integer({ min: 1, max: 2_500 }),
    }),
    { maxLength: 12 },
  );
  const lines = fc.array(
    fc.record({ amount: fc.nat({ max: 7_000 }), pieces: fc.integer({ min: 1, max: 7 }) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );

  it('gives every redeemed point back to its lot, every unit of money back, and takes all it earned', () => {
    fc.assert(
      fc.property(
        lines,
        parts,
        fc.nat({ max: 300 }),
        fc.boolean(),
        (bought, split, spend, cancels) => {
          const saved = { ...rule, pointValue: 37, clawback: 'withinBalance' } as const;
          const tills: Decide[] = [
            buy('s1', [item(5_000)], { rule: under({ ...saved, lifetimeDays: 50 }) }),
            buy('s2', [item(5_000)], { rule: under({ ...saved, lifetimeDays: 30 }) }),
          ];
          let history = record(enrolled);
          let state = history.reduce(account.evolve, account.initial());
          const carryOut = (decide: Decide): boolean => {
            try {
              const recorded = record(decide(state, history), history.length);
              history = [...history, ...recorded];
              state = recorded.reduce(account.evolve, state);
              return true;
            } catch (error) {
              if (!(error instanceof Rejected)) throw error;
              return false;
            }
          };
          tills.forEach(carryOut);
          const before = structuredClone(state.points);
          const basket = bought.map(({ amount, pieces }) => item(amount, pieces));
          const spends = carryOut(
            buy('p', basket, { rule: under(saved), redeemPoints: spend * 10 }),
          );
          if (!spends) carryOut(buy('p', basket, { rule: under(saved) }));
          split.forEach(({ line, quantity }, index) =>
            carryOut(giveBack('p', `r${index}`, [{ position: line, quantity }])),
          );
          carryOut(cancels ? cancel('p') : giveBack('p', 'rest'));

          expect(state.points, 'as if nothing had been bought').to.deep.equal(before);
          const refunded = sum(history, (event) =>
            event.type === 'PurchaseReturned' || event.type === 'PurchaseCancelled'
              ? event.data.refund
              : 0,
          );
          const paid = sum(history, (event) =>
            event.type === 'PurchaseConfirmed' && event.data.purchaseId === ('p' as string)
              ? event.data.total - event.data.paidByPoints
              : 0,
          );
          expect(refunded).to.equal(paid);
        },
      ),
      { numRuns: 300 },
    );
  });
});
