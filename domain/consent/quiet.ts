/**
 * When it is quiet by somebody's clock, and until when. Pure. Clocks that change within the window are followed to the minute: quiet is
 * what the clock on the wall shows, so an hour that is left out is not waited for, and one that comes twice is quiet twice.
 */
import { localTime } from '../pricing/localTime.js';
import type { QuietHours } from './rules.js';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const dayMinutes = 1_440;
/** Longer than any window with any change of clocks in it. */
const horizonMs = 50 * 3_600_000;

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

export const isQuiet = (hours: QuietHours, at: number, timeZone: string): boolean => {
  const { minute } = localTime(at, timeZone);
  const from = minuteOf(hours.from);
  const to = minuteOf(hours.to);
  return from < to ? from <= minute && minute < to : from <= minute || minute < to;
};

/** The first whole minute that is not quiet any more; null where `at` (milliseconds) is not. @throws RangeError: see isTimeZone. */
export const quietUntil = (hours: QuietHours, at: number, timeZone: string): number | null => {
  if (!isQuiet(hours, at, timeZone)) return null;
  const begun = Math.floor(at / minuteMs) * minuteMs;
  const { minute } = localTime(begun, timeZone);
  const to = minuteOf(hours.to);
  const left = (to - minute + dayMinutes) % dayMinutes;
  const straight = begun + left * minuteMs;
  if (localTime(straight, timeZone).minute === to) return straight;
  return acrossChange(hours, begun, timeZone);
};

/** Clocks change on quarters of an hour, seldom enough to walk; within one they run straight. */
const acrossChange = (hours: QuietHours, begun: number, timeZone: string): number => {
  const end = begun + horizonMs;
  const to = minuteOf(hours.to);
  for (let from = begun; from < end; from = nextQuarter(from)) {
    if (!isQuiet(hours, from, timeZone)) return from;
    const { minute } = localTime(from, timeZone);
    const until = from + ((to - minute + dayMinutes) % dayMinutes) * minuteMs;
    if (until < nextQuarter(from)) return until;
  }
  return end;
};

const nextQuarter = (at: number): number => (Math.floor(at / quarterMs) + 1) * quarterMs;
