/**
 * What this process recorded within the last minute, by who was handed it: asked again for the same, it has nothing to record. A reader
 * that polls the same page in a loop costs the log an event a minute. Forgetting costs an event, never truth.
 */
import type { Handover } from '../../domain/handover/events.js';
import * as spans from '../../domain/delivery/spans.js';

type Ranges = Handover['ranges'];

export interface RecentHandovers {
  /** What of it is not recorded yet, or not lately. */
  without(key: string, ranges: Ranges): Ranges;
  /** It is in the log now. */
  add(key: string, ranges: Ranges): void;
}

export const rememberedMs = 60_000;
/** With the ranges of each some ten megabytes at worst. */
const keysMax = 1_000;
/** Of one key: who skips about is forgotten sooner. */
const rangesMax = 200;

/** @param now milliseconds since the epoch. */
export const createRecentHandovers = (now: () => number): RecentHandovers => {
  const known = new Map<string, { readonly since: number; readonly ranges: Ranges }>();

  const fresh = (key: string) => {
    const found = known.get(key);
    const age = found ? now() - found.since : Infinity;
    if (found && age >= 0 && age < rememberedMs) return found;
    known.delete(key);
    return undefined;
  };

  return {
    without: (key, ranges) => {
      const found = fresh(key);
      if (!found) return ranges;
      const left = ranges.map(({ first, last }) => ({ first, last }));
      for (const { first, last } of ranges) {
        for (let at = spans.indexOf(found.ranges, first); ; at += 1) {
          const span = found.ranges[at];
          if (!span || span.first > last) break;
          spans.take(left, span.first, span.last);
        }
      }
      return left;
    },
    add: (key, ranges) => {
      const found = fresh(key) ?? { since: now(), ranges: [] };
      for (const { first, last } of ranges) spans.add(found.ranges, first, last);
      if (found.ranges.length > rangesMax) return void known.delete(key);
      known.set(key, found);
      if (known.size <= keysMax) return;
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    },
  };
};
