/**
 * Who carries a message: pure, so that a decision can be repeated over last month's traffic, and told with every provider that was looked
 * at and what spoke for or against it.
 *
 * Invariants: a provider whose breaker is open is never chosen, but for one message that finds out; what may have been sent already is never
 * given to anybody; what nobody will carry is not tried elsewhere.
 */
import type { ProviderId } from '../ids.js';
import type { RoutingDecision } from '../message/events.js';
import type { ErrorClass } from '../message/kinds.js';
import { healthy } from './health.js';
import { ruleFor } from './match.js';
import type { Cost, RoutableProvider, RouteQuestion, Tried } from './question.js';
import { candidatesMax, type RoutingRule } from './rules.js';
import { standingOf } from './standing.js';

export type { Cost, RoutableProvider, RouteQuestion, Tried } from './question.js';

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
  /** Nobody else found out for long. */
  readonly isOverdue: boolean;
  readonly until: number | null;
  /** How often it failed this message before. */
  readonly failed: number;
}

const forGood: ReadonlySet<ErrorClass | null> = new Set<ErrorClass>([
  'recipientPermanent',
  'contentPermanent',
  'expired',
]);

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
  known: readonly RoutableProvider[],
): readonly Entry[] => {
  if (pinned !== undefined) {
    const ruled = rule?.providers.find(({ providerId }) => providerId === pinned);
    return [{ weight: equalWeight, ...ruled, providerId: pinned }];
  }
  if (rule) return rule.providers;
  return known
    .filter((provider) => provider.channel === channel)
    .slice(0, candidatesMax)
    .map(({ providerId }) => ({ providerId, weight: equalWeight }));
};

/** Where there is nothing but one-time passwords, one of them finds out in the end. */
const overdueMs = 180_000;

const runnerOf = (
  question: RouteQuestion,
  { providerId, weight, cost }: Entry,
  known: readonly RoutableProvider[],
): Runner => {
  const provider = known.find((one) => one.providerId === providerId);
  const health = question.health.get(providerId) ?? healthy;
  let failed = 0;
  for (const one of question.tried) if (one.providerId === providerId) failed += 1;
  const { against, until, isProbe } = standingOf(question, provider, health);
  return {
    providerId,
    failed,
    share: weight * (100 - health.handicap),
    cost: cost ?? provider?.cost ?? null,
    against,
    until,
    isProbe,
    isOverdue: question.now >= (health.breaker?.until ?? Infinity) + overdueMs,
  };
};

/** By shares; where all are without, the first. */
const drawn = (runners: readonly Runner[], random: number): Runner | undefined => {
  let total = 0;
  for (const { share } of runners) total += share;
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
const turnOf = (runners: readonly Runner[], isProbe: boolean): readonly Runner[] => {
  const may = (runner: Runner): boolean => runner.against === null && runner.isProbe === isProbe;
  let least = Infinity;
  for (const runner of runners) if (may(runner)) least = Math.min(least, runner.failed);
  const fresh = runners.filter((runner) => may(runner) && runner.failed === least);
  const sharing = fresh.filter(({ share }) => share > 0);
  return sharing.length > 0 ? sharing : fresh;
};

const candidateOf = ({ providerId, share }: Runner, verdict: string): Candidate => ({
  providerId,
  weight: Math.round(share / 100),
  verdict,
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

/** What an attempt before says for every provider. */
const refusedBy = (tried: readonly Tried[]): NoRoute | null => {
  let found: NoRoute | null = null;
  for (const { errorClass } of tried) {
    if (errorClass === null || errorClass === 'unknownOutcome') return 'unknown-outcome';
    if (forGood.has(errorClass)) found = 'refused-for-good';
  }
  return found;
};

export const route = (question: RouteQuestion): Route => {
  const { rules, random } = question;
  const rule = ruleFor(rules.rules, question);
  const refused = refusedBy(question.tried);
  if (refused !== null) {
    const none = { rule: rule?.ruleId ?? null, candidates: [], until: null };
    return { kind: 'none', reason: refused, ...none };
  }
  const known = [...question.providers];
  const runners = entriesOf(question, rule, known).map((entry) => runnerOf(question, entry, known));
  const sure = turnOf(runners, false);
  // A password for one time finds nothing out for others where somebody is well.
  const isSpared = question.class === 'otp' && sure.length > 0;
  const probing = turnOf(runners, true).filter(({ isOverdue }) => !isSpared || isOverdue);
  const turn = probing.length > 0 ? probing : sure;
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
    version: rules.version,
    rule: rule?.ruleId ?? null,
    chosen: chosen.providerId,
    candidates: runners.map((runner) => candidateOf(runner, verdictOf(runner))),
  };
  return { kind: 'chosen', decision, cost: chosen.cost, isProbe: chosen.isProbe };
};
