/**
 * A token bucket per credential: `perSecond` requests on average, `burst` at once. Held in memory, so each process counts for itself.
 */
import { LRUCache } from 'lru-cache';
import { refused } from '../refused.js';

export interface RateLimit {
  /** @throws Refused `rate-limited` with Retry-After. */
  take(key: string, now: number): void;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

const credentialsMax = 100_000;

/** `perSecond` 0: no limit. */
export const createRateLimit = (options: {
  readonly perSecond: number;
  readonly burst: number;
}): RateLimit => {
  const { perSecond, burst } = options;
  if (perSecond === 0) return { take: () => undefined };
  // Room for all of them is made at once: not before somebody comes.
  let buckets: LRUCache<string, Bucket> | undefined;
  return {
    take: (key, now) => {
      buckets ??= new LRUCache({ max: credentialsMax });
      let bucket = buckets.get(key);
      if (!bucket) buckets.set(key, (bucket = { tokens: burst, filledAt: now }));
      const gained = (Math.max(0, now - bucket.filledAt) * perSecond) / 1000;
      bucket.tokens = Math.min(burst, bucket.tokens + gained);
      bucket.filledAt = now;
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return;
      }
      const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      throw refused(
        'rate-limited',
        `Wait ${seconds} s; the limit is ${perSecond} requests a second.`,
        { perSecond, burst },
        { 'retry-after': String(seconds) },
      );
    },
  };
};
