/**
 * Days of a programme's calendar, by the time zone of its rules: policies that look ahead are carried out once for each day, and a day that
 * was missed is made up for while there is still something to tell.
 */
import { localTime } from '../../../domain/pricing/localTime.js';

const dayMs = 86_400_000;

/** Days since 1970-01-01 of the date that the clock on the wall shows. */
export const dayNumber = (at: number, timeZone: string): number =>
  Date.parse(`${localTime(at, timeZone).date}T00:00:00Z`) / dayMs;

/** YYYY-MM-DD */
export const dateOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** Milliseconds since the epoch at which the day begins there. */
export const beginOf = (day: number, timeZone: string): number => {
  // No zone is further than 15 hours from UTC; the day begins at the first quarter of an hour that shows its date.
  const quarterMs = 900_000;
  let low = (day * dayMs - 16 * 3_600_000) / quarterMs;
  let high = (day * dayMs + 16 * 3_600_000) / quarterMs;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (dayNumber(middle * quarterMs, timeZone) >= day) high = middle;
    else low = middle + 1;
  }
  return low * quarterMs;
};

/** Month and day as birthdays have them, `--05-31`; of 28 February in a year without the 29th both. */
export const birthdaysOn = (day: number): readonly string[] => {
  const date = dateOf(day);
  const own = `--${date.slice(5)}`;
  const isLast = date.endsWith('-02-28') && dateOf(day + 1).endsWith('-03-01');
  return isLast ? [own, '--02-29'] : [own];
};
