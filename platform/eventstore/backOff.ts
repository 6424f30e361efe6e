/** How long to wait before trying again: doubling from the first to the longest, half of it drawn by lot so that many do not return at once. */

export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** An append whose outcome is unknown: 20, 40, 80 … 1,280 ms. */
export const appendBackOff: BackOff = { firstMs: 20, longestMs: 1_280 };
/** A subscription that broke: 100, 200, 400 … 5,000 ms. */
export const subscriptionBackOff: BackOff = { firstMs: 100, longestMs: 5_000 };

/** @param attempt counts from 1. @param random in [0, 1). */
export const backOffMs = (
  { firstMs, longestMs }: BackOff,
  attempt: number,
  random: () => number = Math.random,
): number => Math.min(firstMs * 2 ** (attempt - 1), longestMs) * (0.5 + random() / 2);

/** Resolves after the time, or when the signal aborts. */
export const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
