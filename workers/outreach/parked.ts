/**
 * Messages of one window that were taken and that nobody could carry at that moment, apart from those that can go: by whom they wait for, in
 * order, until there is room there. So a breaker that is open, or a provider at its pace or with all its calls taken, holds up its own
 * messages and nobody else's.
 */
import type { ProviderId } from '../../domain/ids.js';
import type { Loaded } from './loaded.js';

interface Group {
  readonly by: readonly ProviderId[];
  items: Loaded[];
  until: number;
}

export interface Parked {
  /** @param by whom it waits for; none: for time alone. @param until milliseconds since the epoch. @returns false: there are too many. */
  add(one: Loaded, by: readonly ProviderId[], until: number): boolean;
  /** Those whose time has come and who have room, in order. @param roomOf messages that these take now, of so many that wait for them */
  free(at: number, roomOf: (by: readonly ProviderId[], wanted: number) => number): Loaded[];
  /** When to look next; Infinity: nothing is known but that room may come. */
  nextAt(at: number): number;
  /** Takes out what this holds for. */
  takeOut(isOut: (one: Loaded) => boolean): Loaded[];
  readonly size: number;
  readonly isFull: boolean;
}

export const parkedMax = 1_000;
/** What was freed is on its way: the room it takes does not show before. */
const againMs = 20;

export const createParked = (): Parked => {
  const groups = new Map<string, Group>();
  let size = 0;

  const remove = (key: string, group: Group, items: Loaded[]): void => {
    size -= group.items.length - items.length;
    group.items = items;
    if (items.length === 0) groups.delete(key);
  };

  return {
    add: (one, by, until) => {
      if (size >= parkedMax) return false;
      const key = by.join(' ');
      const group = groups.get(key);
      if (group) {
        group.items.push(one);
        group.until = Math.max(group.until, until);
      } else groups.set(key, { by, until, items: [one] });
      size += 1;
      return true;
    },
    free: (at, roomOf) => {
      const freed: Loaded[] = [];
      for (const [key, group] of groups) {
        if (group.until > at) continue;
        const { length } = group.items;
        const room = group.by.length === 0 ? length : roomOf(group.by, length);
        if (room < 1) continue;
        freed.push(...group.items.slice(0, room));
        group.until = at + againMs;
        remove(key, group, group.items.slice(room));
      }
      return freed;
    },
    nextAt: (at) => {
      let next = Infinity;
      for (const { until } of groups.values()) if (until > at) next = Math.min(next, until);
      return next;
    },
    takeOut: (isOut) => {
      const found: Loaded[] = [];
      for (const [key, group] of groups) {
        const out = group.items.filter(isOut);
        if (out.length === 0) continue;
        found.push(...out);
        const gone = new Set(out);
        remove(
          key,
          group,
          group.items.filter((one) => !gone.has(one)),
        );
      }
      return found;
    },
    get size() {
      return size;
    },
    get isFull() {
      return size >= parkedMax;
    },
  };
};
