/** However newcomers buy and bring back, and whenever the worker comes to it: no limit is passed, and what is undone is undone. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { AccountEvent } from '../../../domain/account/events.js';
import { after, buy, cancel, day, enrolled, fold, item, noon, record } from '../account/spec.js';
import type { ReferralProgramme } from '../../../domain/referral/programme.js';
import { brought, programme, reward, takeBack } from './spec.js';

const turn = fc.record({
  newcomer: fc.integer({ min: 1, max: 6 }),
  amount: fc.integer({ min: 1_500, max: 3_000 }),
  days: fc.integer({ min: 0, max: 4 }),
  back: fc.boolean(),
  twice: fc.boolean(),
});
const turns = fc.array(turn, { maxLength: 25 });
/** By one large receipt, or by several. */
const terms = fc.constantFrom(programme.qualifies, {
  ...{ kind: 'spent' as const, amount: 4_000, withinDays: 30 },
});

interface Told {
  readonly referrer: AccountEvent[];
  readonly newcomers: Map<number, AccountEvent[]>;
}

/** Each turn a newcomer buys, and perhaps brings it all back; what that decides is carried out on the referrer's account. */
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;
const tell = (steps: readonly Turn[], qualifies: ReferralProgramme['qualifies']): Told => {
  let referrer: AccountEvent[] = enrolled;
  let now = noon;
  const newcomers = new Map<number, AccountEvent[]>();
  const follow = (n: number, from: number): void => {
    for (const event of (newcomers.get(n) ?? []).slice(from)) {
      if (event.type === 'ReferralQualified') {
        referrer = after(referrer, reward(n, { at: now, round: event.data.round }));
      }
      if (event.type === 'ReferralDisqualified') {
        referrer = after(referrer, takeBack(n, { at: now, round: event.data.round }));
      }
    }
  };
  for (const [index, { newcomer, amount, days, back, twice }] of steps.entries()) {
    now += days * day;
    const past = newcomers.get(newcomer) ?? brought({ qualifies });
    const id = `p${index}`;
    const bought = after(past, buy(id, [item(amount)], { now }));
    newcomers.set(newcomer, back ? after(bought, cancel(id, { now })) : bought);
    follow(newcomer, past.length);
    if (twice) follow(newcomer, past.length); // the log is read again
  }
  return { referrer, newcomers };
};

describe('referrals, whatever happens', () => {
  it('never reward more newcomers than the limits say', () => {
    fc.assert(
      fc.property(turns, terms, (steps, qualifies) => {
        const { rewards } = fold(record(tell(steps, qualifies).referrer)).referrals;
        const given = [...rewards.values()].filter(({ outcome }) => outcome === 'given');
        expect(given.length).to.be.at.most(programme.limits.total);
        expect(new Set(given.map(({ other }) => other)).size).to.equal(given.length);
      }),
      { numRuns: 200 },
    );
  });

  it('leave the referrer with just the points of those who stayed qualified', () => {
    fc.assert(
      fc.property(turns, terms, (steps, qualifies) => {
        const { referrer, newcomers } = tell(steps, qualifies);
        const { points, referrals } = fold(record(referrer));
        const given = [...referrals.rewards.values()].filter(({ outcome }) => outcome === 'given');
        expect(points.activeTotal).to.equal(given.length * 500);
        expect(points.deficit).to.equal(0);
        for (const { other, round } of given) {
          const stayed = [...newcomers.values()].some((events) => {
            const { own } = fold(record(events)).referrals;
            return own?.qualified != null && own.round === round;
          });
          expect(stayed, other).to.equal(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
