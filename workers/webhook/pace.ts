/** So many a second, and no burst of more than a tenth of a second's worth. Times in milliseconds. */
export interface Pace {
  /** Takes one. @returns 0, or how long to wait before asking again. */
  take(now: number): number;
}

const burstShare = 0.1;

export const createPace = (perSecond: number, now: number): Pace => {
  const most = Math.max(1, perSecond * burstShare);
  let tokens = most;
  let since = now;
  return {
    take: (at) => {
      tokens = Math.min(most, tokens + ((at - since) * perSecond) / 1_000);
      since = at;
      if (tokens < 1) return Math.max(1, Math.ceil(((1 - tokens) * 1_000) / perSecond));
      tokens -= 1;
      return 0;
    },
  };
};
