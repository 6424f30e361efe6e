import { expect } from 'chai';
import fc from 'fast-check';
import { type ErrorClass, errorClasses } from '../../../../domain/message/kinds.js';
import { shifted, shiftOf } from '../../../../domain/routing/handicap.js';
import {
  type CallOutcome,
  heard,
  type Health,
  healthy,
  observed,
  probed,
  readiness,
  recalled,
  sums,
} from '../../../../domain/routing/health.js';

type Generated<A> = A extends fc.Arbitrary<infer Value> ? Value : never;
const start = 10_000_000;
const second = 1_000;
const minute = 60 * second;

const call = (
  at: number,
  errors: readonly (ErrorClass | null)[],
  changes: Partial<CallOutcome> = {},
): CallOutcome => ({ at, ms: 100, errors, ...changes });
const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);
const after = (...calls: readonly CallOutcome[]): Health =>
  calls.reduce((health, one) => observed(health, one).health, healthy);

describe('a breaker', () => {
  const failing = [...times(7, 'transient' as const), ...times(3, null)];

  it('opens for 30 s where 7 of 10 fail, and not where 6 do', () => {
    const { health, change } = observed(healthy, call(start, failing, { code: '500' }));
    expect(change).to.deep.equal({
      ...{ kind: 'opened', reason: 'failing', until: start + 30 * second },
      ...{ attempts: 10, failures: 7, code: '500' },
    });
    expect(readiness(health, start)).to.deep.equal({ kind: 'open', until: start + 30 * second });
    const six = [...times(6, 'transient' as const), ...times(4, null)];
    expect(observed(healthy, call(start, six)).change).to.equal(null);
  });

  it('does not open for less than ten calls, nor for what lies five minutes back', () => {
    expect(observed(healthy, call(start, times(9, 'transient'))).change).to.equal(null);
    const health = after(call(start, times(9, 'transient')));
    const later = call(start + 6 * minute, times(5, 'transient'));
    expect(observed(health, later).change).to.equal(null);
    expect(sums(health, start + 6 * minute).attempts).to.equal(0);
  });

  it('does not open for what the address or the text is refused for, or for being asked to slow down', () => {
    const harmless = ['recipientPermanent', 'contentPermanent', 'expired', 'throttled'] as const;
    for (const one of harmless) {
      expect(observed(healthy, call(start, times(50, one))).change).to.equal(null);
    }
  });

  it('is open here too once another process told so, who is the first to find out whether it is well', () => {
    const breaker = { until: start + 30 * second, openings: 1 };
    const told = heard(after(call(start, times(5, null))), breaker, start);
    expect(readiness(told, start).kind).to.equal('open');
    expect(readiness(told, start + 30 * second).kind).to.equal('open');
    expect(readiness(told, start + 31 * second).kind).to.equal('probe');
    const longer = heard(told, { until: start + 90 * second, openings: 2 }, start + 30 * second);
    expect(readiness(longer, start + 60 * second).kind).to.equal('open');
    expect(readiness(heard(longer, null, start), start).kind).to.equal('ready');
  });

  it('heeds no word of what it opened for itself, nor one that came too late', () => {
    const { health } = observed(healthy, call(start, failing));
    const breaker = { until: start + 30 * second, openings: 1 };
    expect(heard(health, breaker, start)).to.equal(health);
    expect(heard(healthy, breaker, start + minute)).to.equal(healthy);
    expect(heard(healthy, null, start)).to.equal(healthy);
  });

  it('counts nothing of before against a provider that another process found to be well', () => {
    const { health } = observed(healthy, call(start, failing));
    const closed = heard(health, null, start + 31 * second);
    const next = observed(closed, call(start + 31 * second, ['transient']));
    expect(next.change).to.equal(null);
  });

  it('opens at once where the account is refused', () => {
    const { change } = observed(healthy, call(start, ['accountPermanent']));
    expect(change).to.include({ reason: 'account', until: start + 5 * minute });
  });

  it('closes by one message that found out, and opens for twice as long by one that failed', () => {
    let health = after(call(start, failing));
    const due = start + 30 * second;
    expect(readiness(health, due)).to.deep.equal({ kind: 'probe' });
    health = probed(health, due);
    expect(readiness(health, due + 1)).to.deep.equal({ kind: 'probing', until: due + 30 * second });
    const failed = observed(health, call(due + 1, ['transient'], { isProbe: true }));
    expect(failed.change).to.include({ reason: 'probe-failed', until: due + 1 + minute });
    const well = observed(health, call(due + 1, [null], { isProbe: true }));
    expect(well.change).to.deep.equal({ kind: 'closed' });
    expect(readiness(well.health, due + 2)).to.deep.equal({ kind: 'ready' });
    expect(sums(well.health, due + 2).attempts).to.equal(0);
  });

  it('lets another find out where the first was only asked to slow down, or nothing came of it', () => {
    const health = probed(after(call(start, failing)), start + 30 * second);
    const slowed = observed(
      health,
      call(start + 31 * second, ['throttled'], { isProbe: true, retryAfterMs: 100 }),
    );
    expect(slowed.change).to.equal(null);
    expect(readiness(slowed.health, start + 31 * second).kind).to.equal('throttled');
    expect(readiness(slowed.health, start + 32 * second).kind).to.equal('probe');
    expect(readiness(health, start + 61 * second).kind).to.equal('probe');
  });

  it('hears nothing new from what was on its way when it opened', () => {
    const health = after(call(start, failing));
    const late = observed(health, call(start + second, [null, 'transient']));
    expect(late.change).to.equal(null);
    expect(late.health.breaker).to.deep.equal(health.breaker);
  });

  it('is as it was recorded after a restart', () => {
    const breaker = { until: start + minute, openings: 3 };
    const health = recalled({ breaker, handicap: 20, shiftedAt: start });
    expect(readiness(health, start).kind).to.equal('open');
    const probe = call(start + minute, ['transient'], { isProbe: true });
    expect(observed(probed(health, start + minute), probe).change).to.include({
      until: start + minute + 4 * minute,
    });
  });

  it('never stays open longer than ten minutes, and is always let out by one success', () => {
    const outcomes = fc.array(
      fc.record({
        gap: fc.integer({ min: 0, max: 2 * minute }),
        errors: fc.array(fc.constantFrom(null, ...errorClasses), { minLength: 1, maxLength: 30 }),
        ms: fc.integer({ min: 0, max: 20_000 }),
      }),
      { maxLength: 60 },
    );
    const check = (given: Generated<typeof outcomes>) => {
      let health = healthy;
      let now = start;
      for (const { gap, errors, ms } of given) {
        now += gap;
        const ready = readiness(health, now);
        if (ready.kind === 'open') expect(ready.until - now).to.be.at.most(10 * minute);
        const isProbe = ready.kind === 'probe';
        if (isProbe) health = probed(health, now);
        if (ready.kind !== 'ready' && !isProbe) continue;
        const { health: next, change } = observed(health, call(now, errors, { ms, isProbe }));
        expect(change?.kind === 'opened').to.equal(
          next.breaker !== null && next.breaker !== health.breaker,
        );
        expect(next.buckets.length).to.be.at.most(10);
        health = next;
      }
      const later = now + 20 * minute;
      const { health: well } = observed(
        probed(health, later),
        call(later, [null], { isProbe: true }),
      );
      expect(readiness(well, later).kind).to.equal('ready');
    };
    fc.assert(fc.property(outcomes, check), { numRuns: 200 });
  });
});

describe('a weight', () => {
  const slow = (at: number) => after(call(at, times(20, null), { ms: 9_000 }));
  const failingSome = (at: number) =>
    after(call(at, [...times(8, 'transient' as const), ...times(12, null)]));
  const fine = (at: number) => after(call(at, times(20, null)));

  it('gives ten points of a hundred away to others that do well', () => {
    expect(shiftOf(slow(start), [fine(start)], start)).to.deep.equal({
      handicap: 10,
      reason: 'slow',
    });
    expect(shiftOf(failingSome(start), [healthy], start)).to.deep.equal({
      handicap: 10,
      reason: 'failing',
    });
    expect(shiftOf(fine(start), [slow(start)], start)).to.equal(null);
  });

  it('stays where all are in trouble, or nobody else is there', () => {
    expect(shiftOf(slow(start), [slow(start), failingSome(start)], start)).to.equal(null);
    expect(shiftOf(slow(start), [], start)).to.equal(null);
    const away = { ...healthy, breaker: { until: start + minute, openings: 1 } };
    expect(shiftOf(slow(start), [away], start)).to.equal(null);
  });

  it('gives a step a minute to do something, and never all away', () => {
    let health = slow(start);
    let now = start;
    const steps: number[] = [];
    for (; now < start + 20 * minute; now += 10 * second) {
      health = observed(health, call(now, times(20, null), { ms: 9_000 })).health;
      const shift = shiftOf(health, [fine(now)], now);
      if (!shift) continue;
      health = shifted(health, shift, now);
      steps.push(now - start);
      expect(shift.handicap).to.be.at.most(90);
    }
    expect(health.handicap).to.equal(90);
    expect(steps.slice(0, 3)).to.deep.equal([0, minute, 2 * minute]);
  });

  it('comes back by ten after each quiet quarter of an hour', () => {
    let health = shifted(slow(start), { handicap: 20, reason: 'slow' }, start);
    expect(shiftOf(health, [healthy], start + 14 * minute)).to.equal(null);
    const first = shiftOf(health, [healthy], start + 15 * minute);
    expect(first).to.deep.equal({ handicap: 10, reason: 'calm' });
    health = shifted(health, first!, start + 15 * minute);
    expect(shiftOf(health, [healthy], start + 29 * minute)).to.equal(null);
    expect(shiftOf(health, [healthy], start + 30 * minute)).to.include({ handicap: 0 });
  });

  it('is not given back while there was trouble', () => {
    const troubled = shifted(slow(start), { handicap: 20, reason: 'slow' }, start);
    const again = observed(
      observed(troubled, call(start + 10 * minute, times(20, null), { ms: 9_000 })).health,
      call(start + 16 * minute, times(40, null)),
    ).health;
    expect(shiftOf(again, [healthy], start + 16 * minute)).to.equal(null);
    expect(shiftOf(again, [healthy], start + 26 * minute)).to.include({ reason: 'calm' });
  });
});
