/** How fast a provider may be spoken to: tokens that come back steadily, up to a burst. Of an SMS its segments count. */

export interface Pace {
  readonly perSecond: number;
  /** At once after a pause; what comes back within a second unless told. */
  readonly burst?: number;
}

export interface Bucket {
  /** What it has now. */
  available(now: number): number;
  /** What one message may take: whatever it needs where the bucket is full, since it will never hold more. */
  most(now: number): number;
  take(tokens: number, now: number): void;
  give(tokens: number): void;
  /** When it has so many tokens, one unless told, or is as full as it gets; milliseconds since the epoch. */
  nextAt(now: number, tokens?: number): number;
}

/** @param pace asked each time: it may be changed. Null: there is no limit. */
export const createBucket = (pace: () => Pace | null): Bucket => {
  let tokens = Infinity;
  let at = 0;

  const refill = (now: number): { readonly rate: number; readonly most: number } | null => {
    const limits = pace();
    if (!limits) {
      tokens = Infinity;
      return null;
    }
    const most = limits.burst ?? Math.max(1, Math.ceil(limits.perSecond));
    if (tokens === Infinity) tokens = most;
    else tokens = Math.min(most, tokens + ((now - at) / 1_000) * limits.perSecond);
    at = now;
    return { rate: limits.perSecond, most };
  };

  return {
    available: (now) => {
      const limits = refill(now);
      return limits ? Math.floor(tokens) : Infinity;
    },
    most: (now) => {
      const limits = refill(now);
      return limits && tokens < limits.most ? Math.floor(tokens) : Infinity;
    },
    take: (count, now) => {
      if (refill(now)) tokens -= count;
    },
    give: (count) => {
      tokens += count;
    },
    nextAt: (now, count = 1) => {
      const limits = refill(now);
      const wanted = Math.min(count, limits?.most ?? 0);
      if (!limits || tokens >= wanted) return now;
      return now + Math.ceil(((wanted - tokens) / limits.rate) * 1_000);
    },
  };
};
