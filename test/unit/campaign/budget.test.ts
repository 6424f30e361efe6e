import { expect } from 'chai';
import fc from 'fast-check';
import { budget, type BudgetEvent } from '../../../domain/budget/budget.js';
import {
  type BudgetLimit,
  type Charge,
  dayOf,
  remainingIn,
} from '../../../domain/budget/charge.js';
import {
  type BudgetReservation,
  releaseBudget,
  reserveBudget,
  returnToBudget,
  spendBudget,
} from '../../../domain/budget/decide.js';
import type { Budget, ReceiptName } from '../../../domain/budget/state.js';
import type { MerchantId, PurchaseId, TillId, UserId } from '../../../domain/ids.js';
import type { CampaignId } from '../../../domain/pricing/campaign.js';
import { Rejected } from '../../../domain/rejected.js';
import { specification } from '../registry/spec.js';

const given = specification(budget);
const [one, two] = [1, 2] as [MerchantId, MerchantId];
const day = '2026-03-02';
const receipt = (purchaseId: string): ReceiptName => ({
  purchaseId: purchaseId as PurchaseId,
  userId: '8018000010000000000000013' as UserId,
  tillId: 'till1' as TillId,
});
const charge = (amount: number, at: Partial<Charge> = {}): Charge => ({
  ...{ amount, points: 0, uses: 1, merchantId: one, day },
  ...at,
});
const atMost = (most: number, more: Partial<BudgetLimit> = {}): BudgetLimit => ({
  ...{ of: 'amount', most },
  ...more,
});
const until = 1_000;
const reserved = (id: string, amount: number, at: Partial<Charge> = {}): BudgetEvent => ({
  type: 'BudgetReserved',
  data: { ...receipt(id), ...charge(amount, at), at: 0, until },
});
const spent = (id: string, amount: number, answers: number): BudgetEvent => ({
  type: 'BudgetSpent',
  data: { ...receipt(id), ...charge(amount), answers: String(answers) },
});
const released = (id: string, reason = 'why'): BudgetEvent => ({
  type: 'BudgetReleased',
  data: { ...receipt(id), reason },
});
const returned = (id: string, amount: number, answers: number): BudgetEvent => ({
  type: 'BudgetReturned',
  data: { ...receipt(id), ...charge(amount), cause: 'r', answers: String(answers) },
});
const asking = (
  id: string,
  amount: number,
  budgets: readonly BudgetLimit[],
  changes: Partial<BudgetReservation> = {},
): BudgetReservation => ({
  ...receipt(id),
  ...charge(amount),
  ...{ campaignId: 'spring' as CampaignId, budgets, at: 0, now: 0, until },
  ...changes,
});
const reserving = (...args: Parameters<typeof asking>) => {
  const command = asking(...args);
  return (state: Budget) => reserveBudget(command, state);
};

describe('a budget', () => {
  it('is reserved by a receipt, once', () => {
    given()
      .when(reserving('a', 100, [atMost(100)]))
      .then(reserved('a', 100));
    given(reserved('a', 100))
      .when(reserving('a', 100, [atMost(100)]))
      .thenNothing();
  });

  it('is reserved anew by the same receipt with other figures', () => {
    given(reserved('a', 60))
      .when(reserving('a', 100, [atMost(100)]))
      .then(reserved('a', 100));
  });

  it('that does not hold the receipt refuses it and says what remains', () => {
    const state = [reserved('a', 60)].reduce(
      (before, event) => budget.evolve(before, { ...event, revision: 0, occurredAt: 0 }),
      budget.initial(),
    );
    expect(() => reserving('b', 41, [atMost(100)])(state))
      .to.throw(Rejected)
      .that.deep.includes({
        code: 'budget-exhausted',
        details: { campaignId: 'spring', remaining: { amount: 40 } },
      });
    given(reserved('a', 60))
      .when(reserving('b', 40, [atMost(100)]))
      .then(reserved('b', 40));
  });

  it('counts uses and points as it counts amounts', () => {
    given(reserved('a', 1))
      .when(reserving('b', 1, [{ of: 'uses', most: 1 }]))
      .thenRejected('budget-exhausted');
    given(reserved('a', 0, { points: 500 }))
      .when(reserving('b', 0, [{ of: 'points', most: 900 }], { points: 500 }))
      .thenRejected('budget-exhausted');
  });

  it('is spent as the receipt was recorded, whatever had been reserved', () => {
    const spending = (state: Budget) =>
      spendBudget({ receipt: receipt('a'), charge: charge(70), answers: 7n }, state);
    given(reserved('a', 100))
      .when(spending)
      .then(spent('a', 70, 7));
    given()
      .when(spending)
      .then(spent('a', 70, 7));
    given(reserved('a', 100), spent('a', 70, 7))
      .when(spending)
      .thenNothing();
    given(reserved('a', 100), spent('a', 70, 7))
      .when(reserving('b', 30, [atMost(100)]))
      .then(reserved('b', 30));
  });

  it('has a reservation released that came to nothing, unless it was settled or made anew', () => {
    const releasing = (state: Budget) =>
      releaseBudget({ receipt: receipt('a'), until, reason: 'why' }, state);
    given(reserved('a', 100)).when(releasing).then(released('a'));
    given(reserved('a', 100), spent('a', 100, 7))
      .when(releasing)
      .thenNothing();
    given(reserved('a', 100), released('a')).when(releasing).thenNothing();
    given(reserved('a', 100), released('a'))
      .when(reserving('b', 100, [atMost(100)]))
      .then(reserved('b', 100));
  });

  it('gets back what was returned, each return once', () => {
    const answer = { receipt: receipt('a'), charge: charge(40), cause: 'r', answers: 9n };
    const returning = (state: Budget) => returnToBudget(answer, state);
    given(spent('a', 100, 7))
      .when(returning)
      .then(returned('a', 40, 9));
    given(spent('a', 100, 7), returned('a', 40, 9))
      .when(returning)
      .thenNothing();
    given(spent('a', 100, 7), returned('a', 40, 9))
      .when(reserving('b', 40, [atMost(100)]))
      .then(reserved('b', 40));
  });

  it('answers nothing twice that it answered before, however old it is', () => {
    given(spent('a', 10, 7), spent('b', 10, 8))
      .when((state) =>
        spendBudget({ receipt: receipt('a'), charge: charge(10), answers: 7n }, state),
      )
      .thenNothing();
  });

  it('releases by itself what nobody settled for a day', () => {
    given(reserved('a', 100))
      .when(reserving('b', 100, [atMost(100)], { now: until, until: until + 9 }))
      .then(released('a', 'it was not settled in time'), {
        type: 'BudgetReserved',
        data: { ...receipt('b'), ...charge(100), at: 0, until: until + 9 },
      });
  });
});

describe('the windows of a budget', () => {
  const full = (per: BudgetLimit['per'], on: string, at: Partial<Charge>) =>
    given(reserved('a', 100, { day: on })).when(
      reserving('b', 1, [atMost(100, per === undefined ? {} : { per })], at),
    );

  it('are days, weeks from Monday, months, and all time', () => {
    full('day', '2026-03-02', { day: '2026-03-02' }).thenRejected('budget-exhausted');
    full('day', '2026-03-02', { day: '2026-03-03' }).then(reserved('b', 1, { day: '2026-03-03' }));
    full('week', '2026-03-02', { day: '2026-03-08' }).thenRejected('budget-exhausted');
    full('week', '2026-03-02', { day: '2026-03-09' }).then(reserved('b', 1, { day: '2026-03-09' }));
    full('week', '2026-03-02', { day: '2026-03-01' }).then(reserved('b', 1, { day: '2026-03-01' }));
    full('month', '2026-03-01', { day: '2026-03-31' }).thenRejected('budget-exhausted');
    full('month', '2026-03-01', { day: '2026-04-01' }).then(
      reserved('b', 1, { day: '2026-04-01' }),
    );
    full('ever', '2026-03-01', { day: '2036-04-01' }).thenRejected('budget-exhausted');
    full(undefined, '2026-03-01', { day: '2036-04-01' }).thenRejected('budget-exhausted');
  });

  it('begin at midnight of the merchant, not of Greenwich', () => {
    const at = Date.parse('2026-03-01T22:30:00Z');
    expect(dayOf(at, 'Europe/London')).to.equal('2026-03-01');
    expect(dayOf(at, 'Europe/Moscow')).to.equal('2026-03-02');
    expect(dayOf(at, 'America/New_York')).to.equal('2026-03-01');
  });

  it('are each merchant’s own where the budget says so', () => {
    const each = [atMost(100, { eachMerchant: true })];
    given(reserved('a', 100))
      .when(reserving('b', 100, each, { merchantId: two }))
      .then(reserved('b', 100, { merchantId: two }));
    given(reserved('a', 100))
      .when(reserving('b', 1, each))
      .thenRejected('budget-exhausted');
    given(reserved('a', 100))
      .when(reserving('b', 1, [...each, atMost(100)], { merchantId: two }))
      .thenRejected('budget-exhausted');
  });

  it('that reach back further than days are kept count as spent', () => {
    const first = Date.parse('2026-01-01');
    const daily = Array.from({ length: 130 }, (_, index) =>
      reserved(`r${index}`, 1, { day: dayOf(first + index * 86_400_000, 'UTC') }),
    );
    const budgets = (per: 'day' | 'month' | 'ever') => [atMost(1_000, { per })];
    given(...daily)
      .when(reserving('b', 1, budgets('day'), { day: '2026-01-05' }))
      .thenRejected('budget-exhausted');
    given(...daily)
      .when(reserving('b', 1, budgets('month'), { day: '2026-01-31' }))
      .thenRejected('budget-exhausted');
    given(...daily)
      .when(reserving('b', 1, budgets('ever'), { day: '2026-01-05' }))
      .then(reserved('b', 1, { day: '2026-01-05' }));
    const state = daily.reduce(
      (before, event) => budget.evolve(before, { ...event, revision: 0, occurredAt: 0 }),
      budget.initial(),
    );
    const place = { merchantId: one, day: '2026-05-10' };
    expect(state.charged.days.size).to.equal(100);
    expect(remainingIn(state.charged, [atMost(1_000, { per: 'month' })], place)).to.deep.equal({
      amount: 990,
    });
  });
});

describe('any history of a budget', () => {
  const days = ['2026-02-28', '2026-03-01', '2026-03-02', '2026-03-09', '2026-04-01'];
  const limit = fc.record({
    of: fc.constantFrom('amount' as const, 'points' as const, 'uses' as const),
    most: fc.integer({ min: 1, max: 300 }),
    per: fc.constantFrom('ever' as const, 'month' as const, 'week' as const, 'day' as const),
    eachMerchant: fc.boolean(),
  });
  const act = fc.record({
    what: fc.constantFrom('reserve', 'reserve', 'spend', 'release', 'return'),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    amount: fc.integer({ min: 0, max: 120 }),
    points: fc.integer({ min: 0, max: 120 }),
    merchantId: fc.constantFrom(one, two),
    day: fc.constantFrom(...days),
    kept: fc.boolean(),
  });

  interface Held extends Charge {
    state: 'reserved' | 'spent';
  }
  /** What the budgets would say of receipts that are simply listed. */
  const overspent = (held: Iterable<Held>, limits: readonly BudgetLimit[]): boolean => {
    const list = [...held];
    const windowOf = (per: string, on: string) => {
      if (per === 'day') return on;
      if (per === 'month') return on.slice(0, 7);
      if (per !== 'week') return '';
      const date = new Date(on);
      date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
      return date.toISOString().slice(0, 10);
    };
    return limits.some(({ of, most, per = 'ever', eachMerchant }) =>
      list.some((one) => {
        const same = list.filter(
          (other) =>
            windowOf(per, other.day) === windowOf(per, one.day) &&
            (!eachMerchant || other.merchantId === one.merchantId),
        );
        return same.reduce((sum, other) => sum + other[of], 0) > most;
      }),
    );
  };

  it('never has more reserved and spent than the budgets allow, and ends at what is held', () => {
    fc.assert(
      fc.property(
        fc.array(limit, { minLength: 1, maxLength: 3 }),
        fc.array(act, { maxLength: 60 }),
        (limits, acts) => {
          let state = budget.initial();
          let answers = 0n;
          const held = new Map<string, Held>();
          const record = (events: readonly BudgetEvent[], kept: boolean) => {
            for (const event of events) {
              state = budget.evolve(state, { ...event, revision: 0, occurredAt: 0 });
            }
            if (kept) {
              state = budget.snapshot!.restore(
                JSON.parse(JSON.stringify(budget.snapshot!.take(state))),
              );
            }
          };
          for (const { what, id, kept, ...asked } of acts) {
            const own = held.get(id);
            const taken = { ...asked, uses: 1 };
            answers += 1n;
            if (what === 'reserve' && own?.state !== 'spent') {
              try {
                record(reserveBudget(asking(id, 0, limits, taken), state), kept);
                held.set(id, { ...taken, state: 'reserved' });
              } catch (error) {
                expect(error).to.be.instanceOf(Rejected);
                const others = [...held].filter(([other]) => other !== id).map(([, one]) => one);
                expect(overspent([...others, { ...taken, state: 'reserved' }], limits)).to.equal(
                  true,
                );
              }
            } else if (what === 'spend' && own?.state === 'reserved') {
              record(
                spendBudget({ receipt: receipt(id), charge: chargeOf(own), answers }, state),
                kept,
              );
              held.set(id, { ...own, state: 'spent' });
            } else if (what === 'release' && own?.state === 'reserved') {
              record(releaseBudget({ receipt: receipt(id), until, reason: '' }, state), kept);
              held.delete(id);
            } else if (what === 'return' && own?.state === 'spent') {
              const back = { receipt: receipt(id), charge: chargeOf(own), cause: 'r', answers };
              record(returnToBudget(back, state), kept);
              record(returnToBudget(back, state), kept);
              held.delete(id);
            }
            expect(overspent(held.values(), limits)).to.equal(false);
          }
          const sum = [...held.values()].reduce((total, one) => total + one.amount, 0);
          expect(state.charged.ever.all.amount).to.equal(sum);
          expect(state.open.size).to.equal(
            [...held.values()].filter((one) => one.state === 'reserved').length,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  const chargeOf = ({ state: _state, ...rest }: Held): Charge => rest;
});
