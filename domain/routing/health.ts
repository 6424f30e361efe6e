/**
 * How a provider does, as a fold of the calls to it: a breaker that opens when most of them fail, and what weights are shifted by. Pure, and
 * cheap enough for every call: a few numbers for each half minute of the last five.
 *
 * What an address or a text is refused for is no failure of the provider, and being asked to slow down is none either.
 */
import type { ErrorClass } from '../message/kinds.js';

const second = 1_000;
const bucketMs = 30 * second;
const bucketsKept = 10;
export const windowMs = bucketMs * bucketsKept;

const attemptsMin = 10;
const failingShare = 0.7;
const troubledShare = 0.3;
const slowMs = 4 * second;
const openMs = { usual: 30 * second, account: 300 * second, most: 600 * second } as const;
/** A probe that nothing came back of in this time was one in vain. */
const probeMs = 30 * second;

interface Bucket {
  readonly from: number;
  readonly attempts: number;
  readonly failures: number;
  readonly slow: number;
}

export type BreakerReason = 'failing' | 'account' | 'probe-failed';

export interface Health {
  readonly buckets: readonly Bucket[];
  /** Null while it is closed. */
  readonly breaker: { readonly until: number; readonly openings: number } | null;
  /** When the message was sent that is to find out whether it is well again. */
  readonly probedAt: number | null;
  /** It asked not to be called until then. */
  readonly throttledUntil: number;
  /** Points of a hundred of its weight that are taken away. */
  readonly handicap: number;
  readonly shiftedAt: number | null;
  /** When it was last slow or failing. */
  readonly troubledAt: number | null;
}

export const healthy: Health = {
  buckets: [],
  breaker: null,
  probedAt: null,
  throttledUntil: 0,
  handicap: 0,
  shiftedAt: null,
  troubledAt: null,
};

/** After a restart: what was recorded of it. */
export const recalled = (recorded: Pick<Health, 'breaker' | 'handicap' | 'shiftedAt'>): Health => ({
  ...healthy,
  breaker: recorded.breaker && {
    until: recorded.breaker.until,
    openings: recorded.breaker.openings,
  },
  handicap: recorded.handicap,
  shiftedAt: recorded.shiftedAt,
});

/** Whoever opened it finds out first whether it is well again. */
const othersFirstMs = second;

/** What it did before it was found to be well says nothing any more. */
const well = (health: Health): Health => ({
  ...health,
  breaker: null,
  probedAt: null,
  buckets: [],
});

/** What was recorded of its breaker, here or in another process; late word of what is known here already changes nothing. */
export const heard = (health: Health, breaker: Health['breaker'], now: number): Health => {
  if (!breaker) return health.breaker ? well(health) : health;
  const { until, openings } = breaker;
  if (until <= Math.max(now, health.breaker?.until ?? 0)) return health;
  return { ...health, breaker: { until: until + othersFirstMs, openings }, probedAt: null };
};

/** A call that ended, for all of its messages. */
export interface CallOutcome {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly ms: number;
  /** What became of each message; null: it was taken. */
  readonly errors: readonly (ErrorClass | null)[];
  /** The longest that it asked to be left alone for. */
  readonly retryAfterMs?: number;
  /** The provider's, of the last failure. */
  readonly code?: string;
  /** Sent to find out. */
  readonly isProbe?: boolean;
}

/** What is to be recorded. */
export type BreakerChange =
  | {
      readonly kind: 'opened';
      readonly reason: BreakerReason;
      readonly until: number;
      readonly attempts: number;
      readonly failures: number;
      readonly code?: string;
    }
  | { readonly kind: 'closed' };

const failureClasses: ReadonlySet<ErrorClass | null> = new Set<ErrorClass>([
  'transient',
  'unknownOutcome',
  'accountPermanent',
]);

const throttleDefaultMs = second;

export interface Sums {
  readonly attempts: number;
  readonly failures: number;
  readonly slow: number;
}

/** Of the last five minutes. */
export const sums = ({ buckets }: Health, now: number): Sums => {
  let attempts = 0;
  let failures = 0;
  let slow = 0;
  for (const bucket of buckets) {
    if (bucket.from <= now - windowMs) continue;
    attempts += bucket.attempts;
    failures += bucket.failures;
    slow += bucket.slow;
  }
  return { attempts, failures, slow };
};

const counted = (buckets: readonly Bucket[], at: number, add: Sums): readonly Bucket[] => {
  if (add.attempts === 0) return buckets;
  const from = at - (at % bucketMs);
  const last = buckets.at(-1);
  if (last && last.from >= from) {
    const sum: Bucket = {
      from: last.from,
      attempts: last.attempts + add.attempts,
      failures: last.failures + add.failures,
      slow: last.slow + add.slow,
    };
    return [...buckets.slice(0, -1), sum];
  }
  const { attempts, failures, slow } = add;
  return [...buckets, { from, attempts, failures, slow }].slice(-bucketsKept);
};

const openFor = (openings: number, reason: BreakerReason): number => {
  const first = reason === 'account' ? openMs.account : openMs.usual;
  return Math.min(openMs.most, first * 2 ** Math.min(10, openings - 1));
};

const sumsOf = ({ errors, ms }: CallOutcome): Sums => {
  let attempts = 0;
  let failures = 0;
  for (const error of errors) {
    if (error === 'throttled') continue;
    attempts += 1;
    if (failureClasses.has(error)) failures += 1;
  }
  return { attempts, failures, slow: ms > slowMs ? attempts - failures : 0 };
};

/** It fails or is slow in a way that speaks against it. */
export const isTroubled = (health: Health, now: number): boolean => {
  const { attempts, failures, slow } = sums(health, now);
  return attempts >= attemptsMin && (failures + slow) / attempts >= troubledShare;
};

const opened = (
  health: Health,
  outcome: CallOutcome,
  reason: BreakerReason,
): { readonly health: Health; readonly change: BreakerChange } => {
  const openings = (health.breaker?.openings ?? 0) + 1;
  const until = outcome.at + openFor(openings, reason);
  const { attempts, failures } = sums(health, outcome.at);
  const code = outcome.code === undefined ? {} : { code: outcome.code };
  return {
    health: { ...health, breaker: { until, openings }, probedAt: null },
    change: { kind: 'opened', reason, until, attempts, failures, ...code },
  };
};

/** The health after a call, and what its breaker did. */
export const observed = (
  health: Health,
  outcome: CallOutcome,
): { readonly health: Health; readonly change: BreakerChange | null } => {
  const { at, errors, isProbe = false, retryAfterMs = throttleDefaultMs } = outcome;
  const add = sumsOf(outcome);
  const throttled = errors.includes('throttled');
  const throttledUntil = throttled
    ? Math.max(health.throttledUntil, at + retryAfterMs)
    : health.throttledUntil;
  const buckets = counted(health.buckets, at, add);
  let next: Health = { ...health, buckets, throttledUntil };
  if (isTroubled(next, at)) next = { ...next, troubledAt: at };

  if (health.breaker) {
    // What was on its way when it opened says nothing new.
    if (!isProbe) return { health: next, change: null };
    if (add.attempts === 0) return { health: { ...next, probedAt: null }, change: null };
    if (add.failures > 0) {
      return opened(
        next,
        outcome,
        errors.includes('accountPermanent') ? 'account' : 'probe-failed',
      );
    }
    return { health: well(next), change: { kind: 'closed' } };
  }
  if (errors.includes('accountPermanent')) return opened(next, outcome, 'account');
  const { attempts, failures } = sums(next, at);
  const isFailing = attempts >= attemptsMin && failures / attempts >= failingShare;
  if (add.failures > 0 && isFailing) return opened(next, outcome, 'failing');
  return { health: next, change: null };
};

export type Readiness =
  | { readonly kind: 'ready' }
  /** One message may find out. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'open' | 'probing' | 'throttled'; readonly until: number };

export const readiness = (
  { breaker, probedAt, throttledUntil }: Health,
  now: number,
): Readiness => {
  if (breaker && now < breaker.until) return { kind: 'open', until: breaker.until };
  if (breaker && probedAt !== null && now < probedAt + probeMs) {
    return { kind: 'probing', until: probedAt + probeMs };
  }
  if (now < throttledUntil) return { kind: 'throttled', until: throttledUntil };
  return { kind: breaker ? 'probe' : 'ready' };
};

/** A message was sent to find out. */
export const probed = (health: Health, now: number): Health => ({ ...health, probedAt: now });
