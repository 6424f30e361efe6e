/** Waits that end early when the work is stopped. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms`, or at once when the signal aborts: the caller looks at the signal next anyway. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);

/** 1: `first` ms, doubling up to `most`, with a random part so that those who failed together do not return together. */
export const backOffMs = (attempt: number, first: number, most: number): number =>
  Math.min(first * 2 ** (attempt - 1), most) * (0.75 + Math.random() / 4);
