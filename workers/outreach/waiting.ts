/**
 * What waits in hand to be sent: which windows have something that can go, which have something that is blocked, and how many of each may be
 * taken now.
 *
 * Invariant: what was taken and is with no provider yet counts as promised. Nothing is taken for room that others were taken for.
 */
import type { TenantId } from '../../domain/ids.js';
import type { CarrierPool } from './carriers.js';
import type { Lane } from './lane.js';
import type { Loaded } from './loaded.js';
import type { Places } from './places.js';
import type { Window } from './windows.js';

export interface WaitingOptions {
  readonly carriers: Pick<CarrierPool, 'room' | 'freeBy'>;
  readonly places: Pick<Places, 'givesWay'>;
  /** Of the windows in hand. */
  readonly laneOf: ReadonlyMap<Window, Lane>;
}

export interface Ready {
  /** Messages that may be taken, of each window that has any. */
  readonly able: ReadonlyMap<Window, number>;
  /** When to look again at the rest, milliseconds since the epoch. */
  readonly until: number;
}

export interface Waiting {
  /** Something can be sent of it. */
  add(window: Window): void;
  /** After a chunk of it: what could not go waits in it. */
  putBack(window: Window): void;
  /** The window is in hand no more. */
  remove(window: Window): void;
  /** @param at milliseconds since the epoch */
  ready(isUrgent: boolean, at: number): Ready;
  take(window: Window, count: number): Loaded[];
  /** So many of it are on their way to providers; less than none: they are there. */
  promise(window: Window, messages: number): void;
  /** Puts what can go now before all else of its window. @returns when to look again. */
  unpark(at: number): number;
  /** What is blocked there is decided on anew. */
  unparkAll(tenant: TenantId): void;
}

/** Messages taken together. */
const chunkMax = 100;
/** While the rest gives way. */
const chunkMin = 40;

export const createWaiting = ({ carriers, places, laneOf }: WaitingOptions): Waiting => {
  /** Windows with something in hand. */
  const active = new Set<Window>();
  /** Windows with something that is blocked. */
  const parking = new Set<Window>();
  /** Taken and not with a provider yet, by tenant and channel. */
  const promised = new Map<string, number>();

  /** How many may be taken of a window now; where none: when to look again. */
  const roomOf = (window: Window, at: number): { take: number; until: number } => {
    if (window.blockedUntil > at) return { take: 0, until: window.blockedUntil };
    const lane = laneOf.get(window);
    if (!lane) return { take: 0, until: Infinity };
    const { class: of, channel } = window;
    const room = carriers.room(lane.tenant, channel, of, window.items.length);
    const messages = room.messages - (promised.get(promiseKey(window)) ?? 0);
    if (messages < 1) return { take: 0, until: room.until ?? Infinity };
    const most = of !== 'otp' && places.givesWay(at) ? chunkMin : chunkMax;
    const take = Math.min(messages, most, window.items.length);
    const oldest = window.items[0]?.since ?? 0;
    const isFull = take >= Math.min(room.batchMax, most);
    if (of === 'otp' || isFull || at >= oldest + room.waitMs) return { take, until: at };
    return { take: 0, until: oldest + room.waitMs };
  };

  return {
    add: (window) => {
      if (laneOf.has(window)) active.add(window);
    },
    putBack: (window) => {
      if (!laneOf.has(window)) return;
      if (window.items.length > 0) active.add(window);
      if (window.parked.size > 0) parking.add(window);
    },
    remove: (window) => {
      active.delete(window);
      parking.delete(window);
    },
    ready: (isUrgent, at) => {
      const able = new Map<Window, number>();
      let wakeAt = Infinity;
      for (const window of active) {
        if ((window.class === 'otp') !== isUrgent) continue;
        const { take, until } = roomOf(window, at);
        if (take > 0) able.set(window, take);
        else wakeAt = Math.min(wakeAt, until);
      }
      return { able, until: wakeAt };
    },
    take: (window, count) => {
      const items = window.items.splice(0, count);
      if (window.items.length === 0) active.delete(window);
      return items;
    },
    promise: (window, messages) => {
      const key = promiseKey(window);
      const sum = (promised.get(key) ?? 0) + messages;
      if (sum <= 0) promised.delete(key);
      else promised.set(key, sum);
    },
    unpark: (at) => {
      let wakeAt = Infinity;
      for (const window of parking) {
        const lane = laneOf.get(window);
        if (!lane) continue;
        const { tenant } = lane;
        const freed = window.parked.free(at, (by, wanted) =>
          carriers.freeBy(tenant, by, window.class, wanted),
        );
        if (freed.length > 0) {
          window.items = [...freed, ...window.items];
          active.add(window);
        }
        if (window.parked.size === 0) parking.delete(window);
        wakeAt = Math.min(wakeAt, window.parked.nextAt(at));
      }
      return wakeAt;
    },
    unparkAll: (tenant) => {
      for (const window of parking) {
        if (window.tenant !== tenant) continue;
        window.items = [...window.parked.takeOut(() => true), ...window.items];
        active.add(window);
        parking.delete(window);
      }
    },
  };
};

const promiseKey = ({ tenant, channel }: Pick<Window, 'tenant' | 'channel'>): string =>
  `${tenant} ${channel}`;
