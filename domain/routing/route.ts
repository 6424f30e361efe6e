/**
 * Who carries a message: pure, so that a decision can be repeated over last month's traffic, and told with every provider that was looked
 * at and what spoke for or against it.
 *
 * Invariants: a provider whose breaker is open is never chosen, but for one message that finds out; what may have been sent already is never
 * given to anybody; what nobody will carry is not tried elsewhere.
 */
import type { ProviderId } from '../ids.js';
import type { RoutingDecision } from '../message/events.js';
import type { Channel, ErrorClass } from '../message/kinds.js';
import type { EventOf } from '../event.js';
import type { ProviderRegistered } from '../provider/events.js';
import { type Health, healthy, readiness } from './health.js';
import { type Routed, ruleFor } from './match.js';
import { candidatesMax, type RoutingRule, type RoutingRules } from './rules.js';

export type Cost = NonNullable<EventOf<typeof ProviderRegistered>['data']['cost']>;

export interface RoutableProvider {
  readonly providerId: ProviderId;
  readonly channel: Channel;
  readonly status: 'active' | 'disabled';
  readonly cost?: Cost;
}

/** An attempt before this one, of the same step. Null: it was taken, or nothing is known of it yet. */
export interface Tried {
  readonly providerId: ProviderId;
  readonly errorClass: ErrorClass | null;
}

export interface RouteQuestion extends Routed {
  readonly rules: RoutingRules;
  /** All of the programme. */
  readonly providers: Iterable<RoutableProvider>;
  /** Left out: healthy. */
  readonly health: ReadonlyMap<ProviderId, Health>;
  /** Room in the pace of providers now; left out: as much as is wanted. */
  readonly tokens?: ReadonlyMap<ProviderId, number>;
  /** Tokens that it takes: segments of an SMS. */
  readonly needs?: number;
  /** The step names it; no other will do. */
  readonly pinned?: ProviderId;
  /** Those that cannot be opened as they are registered. */
  readonly unusable?: ReadonlySet<ProviderId>;
  readonly tried: readonly Tried[];
  /** From 0 up to, not with, 1. */
  readonly random: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Candidate = RoutingDecision['candidates'][number];

export type NoRoute =
  | 'no-provider'
  | 'unavailable'
  | 'no-tokens'
  /** An attempt may have arrived: it is found out first. */
  | 'unknown-outcome'
  /** Nobody will carry it, or it is too late. */
  | 'refused-for-good';

export type Route =
  | {
      readonly kind: 'chosen';
      readonly decision: RoutingDecision;
      /** For a message, of SMS for a segment. */
      readonly cost: Cost | null;
      /** It finds out whether the provider is well again: tell its health. */
      readonly isProbe: boolean;
    }
  | {
      readonly kind: 'none';
      readonly reason: NoRoute;
      readonly rule: string | null;
      readonly candidates: readonly Candidate[];
      /** When it may be otherwise; null: nobody knows. */
      readonly until: number | null;
    };

interface Runner {
  readonly providerId: ProviderId;
  /** Its share, with its handicap; times a hundred. */
  readonly share: number;
  readonly cost: Cost | null;
  /** What speaks against it; null: it can. */
  readonly against: string | null;
  readonly isProbe: boolean;
  readonly until: number | null;
  /** How often it failed this message before. */
  readonly failed: number;
}

const forGood: ReadonlySet<ErrorClass | null> = new Set<ErrorClass>([
  'recipientPermanent',
  'contentPermanent',
  'expired',
]);

const againstOf = (
  question: RouteQuestion,
  provider: RoutableProvider | undefined,
  health: Health,
): Pick<Runner, 'against' | 'until' | 'isProbe'> => {
  const { tried, tokens, needs = 1, unusable, now } = question;
  const out = (against: string, until: number | null = null) => ({
    ...{ against, until, isProbe: false },
  });
  if (!provider) return out('not-registered');
  const { providerId } = provider;
  if (provider.channel !== question.channel || unusable?.has(providerId))
    return out('cannot-carry');
  if (provider.status === 'disabled') return out('disabled');
  const refusesUs = tried.some(
    (one) => one.providerId === providerId && one.errorClass === 'accountPermanent',
  );
  if (refusesUs) return out('account-refused');
  const ready = readiness(health, now);
  if (ready.kind === 'open') return out('breaker-open', ready.until);
  if (ready.kind === 'probing') return out('breaker-probing', ready.until);
  if (ready.kind === 'throttled') return out('throttled', ready.until);
  // More than there is room for goes when there is as much as there ever is: the caller's bucket says so.
  if (tokens && (tokens.get(providerId) ?? Infinity) < needs) return out('no-tokens');
  return { against: null, until: null, isProbe: ready.kind === 'probe' };
};

interface Entry {
  readonly providerId: ProviderId;
  readonly weight: number;
  readonly cost?: Cost;
}

const equalWeight = 100;

/** Those of the rule; without a rule every provider of the channel. A pinned one is alone. */
const entriesOf = (
  { pinned, channel }: RouteQuestion,
  rule: RoutingRule | undefined,
  known: ReadonlyMap<ProviderId, RoutableProvider>,
): readonly Entry[] => {
  if (pinned !== undefined) {
    const ruled = rule?.providers.find(({ providerId }) => providerId === pinned);
    return [{ weight: equalWeight, ...ruled, providerId: pinned }];
  }
  if (rule) return rule.providers;
  return [...known.values()]
    .filter((provider) => provider.channel === channel)
    .slice(0, candidatesMax)
    .map(({ providerId }) => ({ providerId, weight: equalWeight }));
};

const runnerOf = (
  question: RouteQuestion,
  { providerId, weight, cost }: Entry,
  provider: RoutableProvider | undefined,
): Runner => {
  const health = question.health.get(providerId) ?? healthy;
  const failed = question.tried.filter((one) => one.providerId === providerId).length;
  return {
    ...{ providerId, failed, share: weight * (100 - health.handicap) },
    cost: cost ?? provider?.cost ?? null,
    ...againstOf(question, provider, health),
  };
};

/** By shares; where all are without, the first. */
const drawn = (runners: readonly Runner[], random: number): Runner | undefined => {
  const total = runners.reduce((sum, { share }) => sum + share, 0);
  let left = random * total;
  for (const runner of runners) {
    left -= runner.share;
    if (left < 0) return runner;
  }
  return runners.findLast(({ share }) => share > 0) ?? runners[0];
};

const micros = ({ cost }: Runner): number => cost?.micros ?? Infinity;

const cheapest = (runners: readonly Runner[]): Runner | undefined =>
  runners.reduce<Runner | undefined>((best, runner) => {
    if (!best || micros(runner) < micros(best)) return runner;
    return micros(runner) === micros(best) && runner.share > best.share ? runner : best;
  }, undefined);

const better = {
  weight: (runners: readonly Runner[], random: number) => drawn(runners, random),
  cost: (runners: readonly Runner[]) => cheapest(runners),
  order: (runners: readonly Runner[]) => runners[0],
} as const;

const lost = { weight: 'weighed-less', cost: 'dearer', order: 'later-in-order' } as const;

/** Those whose turn it is: who failed this message least, and of them those that have a share at all. */
const turnOf = (able: readonly Runner[]): readonly Runner[] => {
  const least = Math.min(...able.map(({ failed }) => failed));
  const fresh = able.filter(({ failed }) => failed === least);
  const sharing = fresh.filter(({ share }) => share > 0);
  return sharing.length > 0 ? sharing : fresh;
};

const candidateOf = ({ providerId, share }: Runner, verdict: string): Candidate => ({
  ...{ providerId, weight: Math.round(share / 100), verdict },
});

const noneOf = (
  runners: readonly Runner[],
  rule: RoutingRule | undefined,
): Extract<Route, { kind: 'none' }> => {
  const candidates = runners.map((runner) => candidateOf(runner, runner.against ?? 'able'));
  const times = runners.flatMap(({ until }) => until ?? []);
  const waits = runners.some(({ against }) => against === 'no-tokens');
  const reason = runners.length === 0 ? 'no-provider' : waits ? 'no-tokens' : 'unavailable';
  const until = waits || times.length === 0 ? null : Math.min(...times);
  return { kind: 'none', reason, rule: rule?.ruleId ?? null, candidates, until };
};

export const route = (question: RouteQuestion): Route => {
  const { rules, tried, random } = question;
  const rule = ruleFor(rules.rules, question);
  const refused = (reason: NoRoute): Route => ({
    ...{ kind: 'none', reason, rule: rule?.ruleId ?? null, candidates: [], until: null },
  });
  if (tried.some(({ errorClass }) => errorClass === null || errorClass === 'unknownOutcome')) {
    return refused('unknown-outcome');
  }
  if (tried.some(({ errorClass }) => forGood.has(errorClass))) return refused('refused-for-good');

  const known = new Map([...question.providers].map((one) => [one.providerId, one]));
  const runners = entriesOf(question, rule, known).map((entry) =>
    runnerOf(question, entry, known.get(entry.providerId)),
  );
  const able = runners.filter(({ against }) => against === null);
  const sure = able.filter(({ isProbe }) => !isProbe);
  const probing = able.filter(({ isProbe }) => isProbe);
  // A password for one time finds nothing out for others where somebody is well.
  const mayProbe = probing.length > 0 && (question.class !== 'otp' || sure.length === 0);
  const turn = turnOf(mayProbe ? probing : sure);
  const by = question.pinned === undefined ? (rule?.by ?? 'weight') : 'order';
  const chosen = turn.length === 0 ? undefined : better[by](turn, random);
  if (!chosen) return noneOf(runners, rule);

  const verdictOf = (runner: Runner): string => {
    if (runner === chosen) return chosen.isProbe ? 'chosen-to-probe' : 'chosen';
    if (runner.against !== null) return runner.against;
    if (runner.isProbe) return 'breaker-open';
    if (chosen.isProbe) return 'waits-for-probe';
    if (runner.failed > chosen.failed) return 'failed-before';
    return runner.share === 0 && chosen.share > 0 ? 'in-reserve' : lost[by];
  };
  const decision: RoutingDecision = {
    ...{ version: rules.version, rule: rule?.ruleId ?? null, chosen: chosen.providerId },
    candidates: runners.map((runner) => candidateOf(runner, verdictOf(runner))),
  };
  return { kind: 'chosen', decision, cost: chosen.cost, isProbe: chosen.isProbe };
};
