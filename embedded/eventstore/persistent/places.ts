/** Places in a source as texts: revisions of a stream as numbers, positions of the log as `C:n/P:n`. */
import type { StartFrom } from './definition.js';

export const formatPlace = (place: number, isAll: boolean): string =>
  isAll ? `C:${place}/P:${place}` : String(place);

/** Reads what `formatPlace` wrote; undefined for anything else. */
export const parsePlace = (text: unknown, isAll: boolean): number | undefined => {
  const match = isAll ? /^C:(\d+)\/P:\d+$/.exec(String(text)) : /^(\d+)$/.exec(String(text));
  return match ? Number(match[1]) : undefined;
};

const START = 0;
const END = -1;

export const formatStart = (start: StartFrom, isAll: boolean): string =>
  formatPlace(start === 'start' ? START : start === 'end' ? END : start, isAll);
