/** Shapes that the arguments of segment conditions are made of, and the tests that go with them. */
import { Type } from '@sinclair/typebox';
import { dayMs } from './figures.js';

const Days = Type.Integer({ minimum: 1, maximum: 36_500 });
const Time = Type.String({
  pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$`,
  examples: ['2026-03-01T00:00:00Z'],
});

/** The last so many days, counted back from the moment of the refresh; left out: since ever. */
export const daysArgument = {
  days: Type.Optional({ ...Days, description: 'Only the last so many days' }),
};

/** When something happened: every bound that is given must hold. */
export const momentArguments = {
  withinDays: Type.Optional({ ...Days, description: 'In the last so many days' }),
  longerAgoThanDays: Type.Optional({ ...Days, description: 'Longer ago than so many days' }),
  from: Type.Optional({ ...Time, description: 'At this time or later' }),
  until: Type.Optional({ ...Time, description: 'Before this time' }),
};

export interface Moment {
  readonly withinDays?: number;
  readonly longerAgoThanDays?: number;
  readonly from?: string;
  readonly until?: string;
}

/** The same as two bounds in milliseconds: later than `after`, not later than `upTo`. */
export const boundsOf = (
  { withinDays, longerAgoThanDays, from, until }: Moment,
  asOf: number,
): { readonly after: number; readonly upTo: number } => ({
  after: Math.max(
    withinDays === undefined ? -Infinity : asOf - withinDays * dayMs,
    // Both ends are whole milliseconds.
    from === undefined ? -Infinity : Date.parse(from) - 1,
  ),
  upTo: Math.min(
    asOf,
    longerAgoThanDays === undefined ? Infinity : asOf - longerAgoThanDays * dayMs,
    until === undefined ? Infinity : Date.parse(until) - 1,
  ),
});

/** What never happened is within no bounds. */
export const isAt = (time: number | null, moment: Moment, asOf: number): boolean => {
  if (time === null) return false;
  const { after, upTo } = boundsOf(moment, asOf);
  return time > after && time <= upTo;
};
