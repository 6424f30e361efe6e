/**
 * Days, weeks (from Monday) and months of a calendar, named by their first day and numbered one after another.
 */
import { unreachable } from '../event.js';
import type { Period } from './definition.js';

const dayMs = 86_400_000;
/** 1970-01-01 was a Thursday. */
const daysSinceMonday = 3;

const dayNumber = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / dayMs);
const dateOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** Neighbours differ by one. `date` is any day of the period, YYYY-MM-DD. */
export const periodNumber = (every: Period, date: string): number => {
  switch (every) {
    case 'day':
      return dayNumber(date);
    case 'week':
      return Math.floor((dayNumber(date) + daysSinceMonday) / 7);
    case 'month':
      return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
    default:
      return unreachable(every);
  }
};

/** The first day of the period with that number. */
export const firstDay = (every: Period, number: number): string => {
  switch (every) {
    case 'day':
      return dateOf(number);
    case 'week':
      return dateOf(number * 7 - daysSinceMonday);
    case 'month':
      return new Date(Date.UTC(Math.floor(number / 12), number % 12)).toISOString().slice(0, 10);
    default:
      return unreachable(every);
  }
};

/** The first day of the period that `date` lies in. */
export const periodOf = (every: Period, date: string): string =>
  firstDay(every, periodNumber(every, date));
