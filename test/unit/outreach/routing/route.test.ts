import { expect } from 'chai';
import fc from 'fast-check';
import type { MessageId, ProviderId } from '../../../../domain/ids.js';
import { errorClasses } from '../../../../domain/message/kinds.js';
import { drawOf } from '../../../../domain/routing/draw.js';
import { type Health, healthy, readiness } from '../../../../domain/routing/health.js';
import {
  type RoutableProvider,
  route,
  type RouteQuestion,
} from '../../../../domain/routing/route.js';
import type { RoutingRule } from '../../../../domain/routing/rules.js';

const id = (name: string) => name as ProviderId;
const sms = (name: string, changes: Partial<RoutableProvider> = {}): RoutableProvider => ({
  ...{ providerId: id(name), channel: 'sms', status: 'active', ...changes },
});
const rule = (
  weights: Readonly<Record<string, number>>,
  changes: Partial<RoutingRule> = {},
): RoutingRule => ({
  ...{ ruleId: 'all_sms', channel: 'sms', by: 'weight', ...changes },
  providers: Object.entries(weights).map(([name, weight]) => ({ providerId: id(name), weight })),
});
type Generated<A> = A extends fc.Arbitrary<infer Value> ? Value : never;
const now = 1_000_000;
const eur = (micros: number) => ({ micros, currency: 'EUR' });

const question = (changes: Partial<RouteQuestion> = {}): RouteQuestion => ({
  ...{ channel: 'sms', class: 'service', destination: '+77011234567' },
  rules: { version: 3, rules: [rule({ north: 70, south: 30 })] },
  providers: [sms('north'), sms('south')],
  ...{ health: new Map(), tried: [], random: 0, now, ...changes },
});
const withRule = (one: RoutingRule) => ({ rules: { version: 3, rules: [one] } });
const withHealth = (...entries: readonly (readonly [string, Partial<Health>])[]) => ({
  health: new Map(entries.map(([name, health]) => [id(name), { ...healthy, ...health }])),
});
const breaker = (until: number) => ({ breaker: { until, openings: 1 } });

const chosenOf = (asked: RouteQuestion): string | null => {
  const found = route(asked);
  return found.kind === 'chosen' ? found.decision.chosen : null;
};
const verdictsOf = (asked: RouteQuestion): Record<string, string> => {
  const found = route(asked);
  const { candidates } = found.kind === 'chosen' ? found.decision : found;
  return Object.fromEntries(candidates.map(({ providerId, verdict }) => [providerId, verdict]));
};

describe('the choice of a provider', () => {
  it('names the rule, its version and why each was taken or not', () => {
    expect(route(question())).to.deep.equal({
      ...{ kind: 'chosen', cost: null, isProbe: false },
      decision: {
        ...{ version: 3, rule: 'all_sms', chosen: 'north' },
        candidates: [
          { providerId: 'north', weight: 70, verdict: 'chosen' },
          { providerId: 'south', weight: 30, verdict: 'weighed-less' },
        ],
      },
    });
  });

  it('takes the first rule that fits by prefix and class', () => {
    const rules = [
      rule({ south: 1 }, { ruleId: 'kz', prefixes: ['+7701'], classes: ['otp'] }),
      rule({ north: 1 }, { ruleId: 'rest' }),
    ];
    const asked = (changes: Partial<RouteQuestion>) =>
      chosenOf(question({ rules: { version: 1, rules }, ...changes }));
    expect(asked({ class: 'otp' })).to.equal('south');
    expect(asked({ class: 'marketing' })).to.equal('north');
    expect(asked({ class: 'otp', destination: '+4912345' })).to.equal('north');
  });

  it('takes a domain with what is below it, and nothing that only ends alike', () => {
    const providers = [sms('mail', { channel: 'email' }), sms('own', { channel: 'email' })];
    const rules = [
      rule({ own: 1 }, { ruleId: 'own', channel: 'email', domains: ['corp.example'] }),
      rule({ mail: 1 }, { channel: 'email' }),
    ];
    const asked = (destination: string) =>
      chosenOf(
        question({ channel: 'email', destination, providers, rules: { version: 1, rules } }),
      );
    expect(asked('a@Corp.Example')).to.equal('own');
    expect(asked('a@it.corp.example')).to.equal('own');
    expect(asked('a@notcorp.example')).to.equal('mail');
  });

  it('shares equally among all of the channel where no rule fits', () => {
    const asked = (random: number) =>
      question({ rules: { version: 0, rules: [] }, random, providers: [sms('a'), sms('b')] });
    expect([0, 0.49, 0.51, 0.99].map((random) => chosenOf(asked(random)))).to.deep.equal([
      ...['a', 'a', 'b', 'b'],
    ]);
  });

  it('takes the cheapest that can, by what the rule or the provider says it costs', () => {
    const cheap = withRule({
      ...rule({}, { by: 'cost' }),
      providers: [
        { providerId: id('north'), weight: 1, cost: eur(500) },
        { providerId: id('south'), weight: 1 },
      ],
    });
    const providers = [sms('north', { cost: eur(100) }), sms('south', { cost: eur(400) })];
    const asked = question({ ...cheap, providers });
    expect(route(asked)).to.deep.include({ cost: eur(400) });
    expect(verdictsOf(asked)).to.deep.equal({ north: 'dearer', south: 'chosen' });
    const away = question({ ...cheap, providers, ...withHealth(['south', breaker(now + 1)]) });
    expect(chosenOf(away)).to.equal('north');
  });

  it('takes them in order where the rule says so', () => {
    const asked = question({
      ...withRule(rule({ south: 0, north: 9 }, { by: 'order' })),
      random: 0.9,
    });
    expect(verdictsOf(asked)).to.deep.equal({ south: 'in-reserve', north: 'chosen' });
    const both = question({
      ...withRule(rule({ south: 1, north: 9 }, { by: 'order' })),
      random: 0.9,
    });
    expect(verdictsOf(both)).to.deep.equal({ south: 'chosen', north: 'later-in-order' });
  });

  it('takes one with weight 0 only where no other can', () => {
    const reserve = withRule(rule({ north: 100, south: 0 }));
    expect(verdictsOf(question({ ...reserve, random: 0.999 }))).to.deep.equal({
      north: 'chosen',
      south: 'in-reserve',
    });
    const asked = question({ ...reserve, ...withHealth(['north', breaker(now + 1)]) });
    expect(chosenOf(asked)).to.equal('south');
  });

  it('takes no other than the one that the step names', () => {
    const asked = (name: string, changes: Partial<RouteQuestion> = {}) =>
      chosenOf(question({ pinned: id(name), ...changes }));
    expect(asked('south')).to.equal('south');
    expect(asked('south', withHealth(['south', breaker(now + 1)]))).to.equal(null);
    expect(asked('nobody')).to.equal(null);
  });

  it('says when it may be otherwise', () => {
    const asked = question(
      withHealth(['north', breaker(now + 500)], ['south', { throttledUntil: now + 200 }]),
    );
    expect(route(asked)).to.deep.include({ kind: 'none', reason: 'unavailable', until: now + 200 });
    expect(verdictsOf(asked)).to.deep.equal({ north: 'breaker-open', south: 'throttled' });
    const full = question({
      tokens: new Map([
        [id('north'), 1],
        [id('south'), 2],
      ]),
      needs: 3,
    });
    expect(route(full)).to.include({ kind: 'none', reason: 'no-tokens' });
    expect(route(question({ providers: [], rules: { version: 0, rules: [] } }))).to.include({
      reason: 'no-provider',
    });
  });

  it('passes over who is disabled, cannot be opened, carries something else or has no room', () => {
    const providers = [
      sms('off', { status: 'disabled' }),
      sms('broken'),
      sms('mail', { channel: 'email' }),
      sms('full'),
      sms('able'),
    ];
    const asked = question({
      ...withRule(rule({ off: 1, broken: 1, mail: 1, full: 1, gone: 1, able: 1 })),
      providers,
      unusable: new Set([id('broken')]),
      tokens: new Map([[id('full'), 0]]),
    });
    expect(verdictsOf(asked)).to.deep.equal({
      ...{ off: 'disabled', broken: 'cannot-carry', mail: 'cannot-carry', full: 'no-tokens' },
      ...{ gone: 'not-registered', able: 'chosen' },
    });
  });

  describe('after an attempt that failed', () => {
    const tried = (errorClass: RouteQuestion['tried'][number]['errorClass'], name = 'north') =>
      question({ tried: [{ providerId: id(name), errorClass }] });

    it('goes to another for the time being, and back where all failed', () => {
      expect(verdictsOf(tried('transient'))).to.deep.equal({
        north: 'failed-before',
        south: 'chosen',
      });
      const both = ['north', 'south'].map((name) => ({
        ...{ providerId: id(name), errorClass: 'transient' as const },
      }));
      expect(chosenOf(question({ tried: both }))).to.equal('north');
    });

    it('goes back to who refused the account when that may be mended, later each time', () => {
      const refusedAt = (...times: readonly number[]) => ({
        ...withRule(rule({ north: 1 })),
        tried: times.map((at) => ({
          ...{ providerId: id('north'), errorClass: 'accountPermanent' as const, at },
        })),
      });
      const minutes = 60_000;
      const asked = (...ago: readonly number[]) =>
        verdictsOf(question(refusedAt(...ago.map((one) => now - one * minutes))))['north'];
      expect(asked(4)).to.equal('account-refused');
      expect(asked(5)).to.equal('chosen');
      expect(asked(15, 9)).to.equal('account-refused');
      expect(asked(20, 10)).to.equal('chosen');
    });

    it('does not go back at once to who refused the account', () => {
      expect(chosenOf(tried('accountPermanent'))).to.equal('south');
      const alone = { ...tried('accountPermanent'), ...withRule(rule({ north: 1 })) };
      expect(verdictsOf(alone)).to.deep.equal({ north: 'account-refused' });
    });

    it('is not made again where it may have arrived, by whomever', () => {
      for (const errorClass of ['unknownOutcome', null] as const) {
        expect(route(tried(errorClass))).to.include({ kind: 'none', reason: 'unknown-outcome' });
      }
    });

    it('is not made again where nobody will carry it', () => {
      for (const errorClass of ['recipientPermanent', 'contentPermanent', 'expired'] as const) {
        expect(route(tried(errorClass))).to.include({ kind: 'none', reason: 'refused-for-good' });
      }
    });
  });

  describe('while a breaker is open', () => {
    it('sends one message to find out once its time is over', () => {
      const due = withHealth(['south', breaker(now)]);
      expect(route(question(due))).to.deep.include({ isProbe: true });
      expect(verdictsOf(question(due))).to.deep.equal({
        north: 'waits-for-probe',
        south: 'chosen-to-probe',
      });
      const underWay = withHealth(['south', { ...breaker(now), probedAt: now - 1 }]);
      expect(verdictsOf(question(underWay))).to.deep.equal({
        north: 'chosen',
        south: 'breaker-probing',
      });
    });

    it('finds out with a password for one time only where nobody else is there', () => {
      const due = withHealth(['south', breaker(now)]);
      expect(chosenOf(question({ ...due, class: 'otp' }))).to.equal('north');
      const alone = { ...due, ...withRule(rule({ south: 1 })) };
      expect(route(question({ ...alone, class: 'otp' }))).to.include({ isProbe: true });
      const overdue = withHealth(['south', breaker(now - 180_000)]);
      expect(chosenOf(question({ ...overdue, class: 'otp' })), 'nobody else did').to.equal('south');
    });
  });

  describe('whatever is asked', () => {
    const names = ['a', 'b', 'c', 'd'];
    const healths = fc.record({
      breaker: fc.option(
        fc.record({
          until: fc.integer({ min: now - 50, max: now + 50 }),
          openings: fc.constant(1),
        }),
      ),
      probedAt: fc.option(fc.integer({ min: now - 60_000, max: now })),
      throttledUntil: fc.integer({ min: now - 50, max: now + 50 }),
      handicap: fc.integer({ min: 0, max: 9 }).map((tens) => tens * 10),
    });
    const asked = fc.record({
      weights: fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 4 }),
      healths: fc.array(healths, { minLength: 4, maxLength: 4 }),
      disabled: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      by: fc.constantFrom('weight' as const, 'cost' as const, 'order' as const),
      class: fc.constantFrom('otp' as const, 'marketing' as const),
      tried: fc.array(
        fc.record({
          name: fc.constantFrom(...names),
          errorClass: fc.constantFrom(...errorClasses),
        }),
        { maxLength: 3 },
      ),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });

    it('nobody is chosen who may not be, and somebody is where one may', () => {
      const check = (given: Generated<typeof asked>) => {
        const all = given.weights.map((weight, i) => ({ name: names[i]!, weight, i }));
        const tried = given.tried.map(({ name, errorClass }) => ({
          providerId: id(name),
          errorClass,
        }));
        const found = route(
          question({
            ...withRule(
              rule(Object.fromEntries(all.map(({ name, weight }) => [name, weight])), {
                by: given.by,
              }),
            ),
            providers: all.map(({ name, i }) =>
              sms(name, { status: given.disabled[i] ? 'disabled' : 'active' }),
            ),
            ...withHealth(...all.map(({ name, i }) => [name, given.healths[i]!] as const)),
            ...{ class: given.class, tried, random: given.random },
          }),
        );
        const may = all.filter(({ name, i }) => {
          const kind = readiness({ ...healthy, ...given.healths[i] }, now).kind;
          const refused = tried.some(
            (one) => one.providerId === name && one.errorClass === 'accountPermanent',
          );
          return !given.disabled[i] && !refused && (kind === 'ready' || kind === 'probe');
        });
        const over = tried.some(
          ({ errorClass }) => !['throttled', 'transient', 'accountPermanent'].includes(errorClass),
        );
        if (over || may.length === 0) return void expect(found.kind).to.equal('none');
        if (found.kind !== 'chosen') throw new Error('somebody could have carried it');
        expect(may.map(({ name }) => name)).to.include(found.decision.chosen);
        const verdicts = found.decision.candidates.map(({ verdict }) => verdict);
        expect(verdicts.filter((verdict) => verdict.startsWith('chosen'))).to.have.length(1);
        expect(found.decision.candidates).to.have.length(all.length);
      };
      fc.assert(fc.property(asked, check), { numRuns: 500 });
    });

    it('shares hold, with what a handicap takes away', () => {
      const shares = fc.array(
        fc.record({
          weight: fc.integer({ min: 0, max: 1_000 }),
          tens: fc.integer({ min: 0, max: 9 }),
        }),
        { minLength: 1, maxLength: 4 },
      );
      const check = (given: readonly { weight: number; tens: number }[]) => {
        const total = given.reduce((sum, { weight, tens }) => sum + weight * (10 - tens), 0);
        fc.pre(total > 0);
        const draws = 200;
        const counts = new Map<string, number>();
        const base = question({
          ...withRule(rule(Object.fromEntries(given.map(({ weight }, i) => [names[i]!, weight])))),
          providers: given.map((_one, i) => sms(names[i]!)),
          ...withHealth(
            ...given.map(({ tens }, i) => [names[i]!, { handicap: tens * 10 }] as const),
          ),
        });
        for (let i = 0; i < draws; i += 1) {
          const chosen = chosenOf({ ...base, random: (i + 0.5) / draws }) ?? '';
          counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
        }
        for (const [i, { weight, tens }] of given.entries()) {
          const expected = (draws * weight * (10 - tens)) / total;
          expect(counts.get(names[i]!) ?? 0).to.be.closeTo(expected, 1.001);
        }
      };
      fc.assert(fc.property(shares, check), { numRuns: 50 });
    });
  });
});

describe('the draw of a message', () => {
  it('is the same for the same attempt and even over many', () => {
    const one = 'f'.repeat(32) as MessageId;
    expect(drawOf(one, 1)).to.equal(drawOf(one, 1)).and.not.equal(drawOf(one, 2));
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const draw = drawOf(i.toString(16).padStart(32, '0') as MessageId, 1);
      tenths[Math.floor(draw * 10)]! += 1;
    }
    for (const count of tenths) expect(count).to.be.within(880, 1_120);
  });
});
