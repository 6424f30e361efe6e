/**
 * Slows guessing down: after a few failures a key (a login, an address) must wait, twice as long each time, up to a limit.
 *
 * An attempt counts when it begins and is taken back when it succeeds, so that many at once do not slip through. Nobody is locked
 * out for good: whoever waits is let in. Room for the keys is taken by the first attempt.
 */
import { LRUCache } from 'lru-cache';
import { refused } from '../refused.js';

export interface BackOff {
  /** @throws Refused `rate-limited` with Retry-After. */
  begin(key: string, now: number): void;
  /** Whether it has to wait, without an attempt. @throws Refused `rate-limited` with Retry-After. */
  look(key: string, now: number): void;
  /** Forgets the key's failures. */
  succeeded(key: string): void;
  /** This one attempt was none, those before it stay: for keys that guessers share with others. */
  takeBack(key: string): void;
}

interface Failures {
  count: number;
  until: number;
}

const keysMax = 50_000;
const forgetAfterMs = 3_600_000;

/** The wait after the n-th failure above `free`: 1, 2, 4 … s, at most `secondsMax`. */
export const createBackOff = (options: {
  readonly free: number;
  readonly secondsMax: number;
}): BackOff => {
  let failures: LRUCache<string, Failures> | undefined;
  const look = (key: string, now: number): void => {
    const { until = 0 } = failures?.get(key) ?? {};
    if (until <= now) return;
    const seconds = Math.ceil((until - now) / 1000);
    const headers = { 'retry-after': String(seconds) };
    throw refused('rate-limited', `Too many failures: wait ${seconds} s.`, {}, headers);
  };
  return {
    look,
    begin: (key, now) => {
      look(key, now);
      failures ??= new LRUCache({ max: keysMax, ttl: forgetAfterMs });
      const known = failures.get(key) ?? { count: 0, until: 0 };
      known.count += 1;
      const above = known.count - options.free;
      if (above > 0) known.until = now + 1000 * Math.min(options.secondsMax, 2 ** (above - 1));
      failures.set(key, known);
    },
    succeeded: (key) => void failures?.delete(key),
    takeBack: (key) => {
      const known = failures?.get(key);
      if (!known) return;
      known.count -= 1;
      known.until = 0;
    },
  };
};
