/**
 * When what failed is tried again, and when an endpoint is given up. Times in milliseconds; chance is passed in (0 up to 1).
 *
 * The schedule is that of Standard Webhooks: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h after the attempt before, with
 * up to a tenth on top, so that those who failed together do not come back together: ten attempts within some 76 to 84 hours.
 */
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Before the first attempt, the second, and so on. */
export const retryDelaysMs: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];
const jitterShare = 0.1;
export const retryAfterMaxMs = 10 * hour;

/** @param attempt that failed, from 1. @returns how long until the next; null: there is none. */
export const retryDelayMs = (
  attempt: number,
  chance: number,
  delays: readonly number[] = retryDelaysMs,
): number | null => {
  const delay = delays[attempt];
  return delay === undefined ? null : Math.round(delay * (1 + jitterShare * chance));
};

/** What a receiver asks for is obeyed and never shortens the delay; it is capped at ten hours. */
export const withRetryAfter = (delayMs: number, retryAfterMs: number | null): number =>
  retryAfterMs === null ? delayMs : Math.max(delayMs, Math.min(retryAfterMs, retryAfterMaxMs));

/** So many failures in a row, and the endpoint is only probed until it answers. */
export const failuresToOpen = 5;
const probeFirstMs = 5 * second;
const probeMostMs = 5 * minute;

/** @param probes that failed so far. */
export const probeDelayMs = (probes: number): number =>
  Math.min(probeFirstMs * 2 ** probes, probeMostMs);

export const disableAfterMs = 120 * hour;
const failuresApartMs = 12 * hour;

/** Whether an endpoint that has failed since `since` without a success, lately at `last`, is given up. */
export const isHopeless = (since: number | null, last: number, now: number): boolean =>
  since !== null && now - since >= disableAfterMs && last - since >= failuresApartMs;
