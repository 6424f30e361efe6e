/**
 * How fast a topic and a partner may publish: a token bucket for each, with a second's worth of room. A batch may take more than
 * there is, and is paid off by waiting longer: so one that is larger than the bucket is only slow, never impossible. Held in memory:
 * each process counts for itself.
 */
import { LRUCache } from 'lru-cache';

export class PublishedTooFast extends Error {
  override readonly name = 'PublishedTooFast';
  constructor(
    readonly limitedBy: 'topic' | 'partner',
    readonly eventsPerSecond: number,
    /** Milliseconds until it may be tried again. */
    readonly waitMs: number,
  ) {
    const whose = limitedBy === 'topic' ? 'The topic takes' : 'The partner may publish';
    super(`${whose} ${eventsPerSecond} events a second: wait ${Math.ceil(waitMs / 1_000)} s.`);
  }
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

export interface Claim {
  readonly of: 'topic' | 'partner';
  readonly key: string;
  /** Null or undefined: no limit. */
  readonly eventsPerSecond: number | null | undefined;
}

export interface Rates {
  /** All or none. @param now milliseconds, of any clock that does not go back. @throws PublishedTooFast */
  take(claims: readonly Claim[], events: number, now: number): void;
}

const bucketsMax = 20_000;

export const createRates = (): Rates => {
  const buckets = new LRUCache<string, Bucket>({ max: bucketsMax });

  const filled = ({ of, key }: Claim, perSecond: number, now: number): Bucket => {
    const name = `${of} ${key}`;
    let bucket = buckets.get(name);
    if (!bucket) buckets.set(name, (bucket = { tokens: perSecond, filledAt: now }));
    const gained = (Math.max(0, now - bucket.filledAt) * perSecond) / 1_000;
    bucket.tokens = Math.min(perSecond, bucket.tokens + gained);
    bucket.filledAt = now;
    return bucket;
  };

  return {
    take: (claims, events, now) => {
      const paying: Bucket[] = [];
      for (const claim of claims) {
        const { eventsPerSecond: perSecond } = claim;
        if (perSecond == null) continue;
        const bucket = filled(claim, perSecond, now);
        if (bucket.tokens < 1) {
          const waitMs = ((1 - bucket.tokens) * 1_000) / perSecond;
          throw new PublishedTooFast(claim.of, perSecond, waitMs);
        }
        paying.push(bucket);
      }
      for (const bucket of paying) bucket.tokens -= events;
    },
  };
};
