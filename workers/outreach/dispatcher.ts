/**
 * Sends what is in the queue: reads stretches of it into hand, takes from them in fair order what providers have room for, and has what is due
 * done. Whatever it holds in memory can be lost at any moment: what is to do follows from the log.
 */
import type { TenantId } from '../../domain/ids.js';
import type { Channel, MessageClass } from '../../domain/message/kinds.js';
import type { Fact } from '../../domain/fact.js';
import { type Accepted, nextOf } from '../../domain/message/message.js';
import type { Log } from '../../commands/log.js';
import { pause } from '../../projections/pause.js';
import { dueBy, type QueuedRow, type WindowAsked } from '../../projections/outbox/queries.js';
import type { QueueNews } from '../../projections/outbox/outbox.js';
import type { CarrierPool } from './carriers.js';
import { type ChunkOptions, createChunks } from './chunk.js';
import { createFairness } from './fairness.js';
import { createHolder, laneKey } from './holder.js';
import { type Lane, openLane } from './lane.js';
import type { LaneLeases } from './leases.js';
import type { Loaded } from './loaded.js';
import { type Window, windowKey } from './windows.js';

export interface DispatcherOptions extends Omit<ChunkOptions, 'signal' | 'carriers'> {
  readonly log: Log;
  readonly leases: LaneLeases;
  /** Of this process and this start of it. */
  readonly owner: string;
  readonly openCarriers: (given: {
    readonly share: CarrierShare;
    readonly onRoom: () => void;
  }) => CarrierPool;
  /** For tests. */
  readonly leaseMs?: number;
}
type CarrierShare = (tenant: Lane['tenant']) => number;

export interface DispatcherState {
  readonly lanes: number;
  readonly inHand: number;
  readonly breakers: ReturnType<CarrierPool['states']>;
}

export interface Dispatcher {
  /** Until the signal aborts; then what is under way ends, and leases are given back. */
  run(signal: AbortSignal): Promise<void>;
  /** Rows of these windows were written. */
  news(news: readonly QueueNews[]): void;
  /** As it comes from the log: what cannot wait for the tables is taken from it. */
  heard(fact: Fact): void;
  /** A one-time password was sent lately: others are to take little at a time. */
  givesWay(): boolean;
  /** Anything may have changed in the tables. */
  look(): void;
  /** What is known of providers, rules or templates changed: what is blocked is decided on anew. */
  changed(tenant: TenantId): void;
  state(): DispatcherState;
}

const leaseDefaultMs = 6_000;
const tendEveryMs = 1_000;
const tickMs = 50;
/** Looked at again though nothing was heard of it. */
const lookEveryMs = { shared: 1_000, alone: 10_000 } as const;
/** In a second; of more lanes each is looked at less often. */
const lookLanes = 50;
const sweepEveryMs = 5_000;
const reviewEveryMs = 10_000;
const drainMs = 5_000;
/** Changes of a lane's messages that are remembered at least so long. */
const forgetEveryMs = 10_000;
const rememberedMax = 200;

/** Messages in hand, ready to be sent, of one window; and when it is filled up again. */
const windowMax = 500;
const windowLow = 250;
const windowsMax = 200;
const dueMax = 200;
/** Messages taken together. */
const chunkMax = 100;
/** While the rest gives way. */
const chunkMin = 40;
/** Chunks being prepared; one-time passwords have places of their own. */
const preparingMax = 3;
/** For so long after a one-time password the rest goes one chunk at a time, with pauses: what it took to prepare, times this, since there is more to do with its answers. */
const giveWayMs = 3_000;
const restShare = 2;
const restMost = 150;
const urgentMax = 32;

export const createDispatcher = (options: DispatcherOptions): Dispatcher => {
  const { log, owner, now, onTrouble, tables } = options;
  const stopping = new AbortController();
  const fairness = createFairness();
  /** Windows with something in hand. */
  const active = new Set<Window>();
  /** Windows with something that is blocked. */
  const parking = new Set<Window>();
  /** Windows that are to be read. */
  const wanted = new Set<Window>();
  /** Taken and not with a provider yet, by tenant and channel. */
  const promised = new Map<string, number>();
  const under = new Map<Lane, Set<Promise<void>>>();
  const laneOf = new Map<Window, Lane>();
  let preparing = 0;
  let urgent = 0;
  let urgentAt = -Infinity;
  let restUntil = 0;
  let reading = false;
  let timer: NodeJS.Timeout | null = null;

  const carriers = options.openCarriers({
    share: (tenant) => holder.share(tenant),
    onRoom: () => pumpSoon(),
  });
  const chunks = createChunks({ ...options, carriers, signal: stopping.signal });

  const track = (lane: Lane, work: Promise<void>): void => {
    let all = under.get(lane);
    if (!all) under.set(lane, (all = new Set()));
    const tracked = work.catch(onTrouble).finally(() => {
      all.delete(tracked);
      pumpSoon();
    });
    all.add(tracked);
  };

  const onWaiting = (window: Window): void => {
    if (laneOf.has(window)) active.add(window);
  };

  const holder = createHolder({
    ...{ leases: options.leases, owner, onTrouble, leaseMs: options.leaseMs ?? leaseDefaultMs },
    lanes: () => tables.lanes(),
    open: async (tenant, lane) => {
      const reach = await tables.laneReach({ tenant, lane });
      return openLane({ ...{ log, tenant, lane, owner, reach, now, onWaiting, onTrouble } });
    },
    onOpened: (lane) => {
      for (const window of lane.windows.values()) {
        laneOf.set(window, lane);
        wanted.add(window);
      }
      pumpSoon();
    },
    drained: async (lane) => {
      for (const window of lane.windows.values()) {
        for (const one of [...window.items, ...window.parked.takeOut(() => true)]) lane.drop(one);
        window.items = [];
        active.delete(window);
        parking.delete(window);
        wanted.delete(window);
        laneOf.delete(window);
      }
      const all = under.get(lane);
      while (all && all.size > 0) await Promise.all(all);
      under.delete(lane);
    },
  });

  /** After a chunk of it: what could not go waits in it. */
  const onPutBack = (window: Window): void => {
    if (!laneOf.has(window)) return;
    if (window.items.length > 0) active.add(window);
    if (window.parked.size > 0) parking.add(window);
  };

  /** Puts what can go now before all else of its window. @returns when to look again. */
  const unpark = (at: number): number => {
    let wakeAt = Infinity;
    for (const window of parking) {
      const lane = laneOf.get(window);
      if (!lane) continue;
      const freed = window.parked.free(at, (by) => carriers.freeBy(lane.tenant, by, window.class));
      if (freed.length > 0) {
        window.items = [...freed, ...window.items];
        active.add(window);
      }
      if (window.parked.size === 0) parking.delete(window);
      wakeAt = Math.min(wakeAt, window.parked.nextAt(at));
    }
    return wakeAt;
  };

  const promiseKey = ({ tenant, channel }: Pick<Window, 'tenant' | 'channel'>): string =>
    `${tenant} ${channel}`;
  const promise = (window: Window, messages: number): void => {
    const key = promiseKey(window);
    const sum = (promised.get(key) ?? 0) + messages;
    if (sum <= 0) promised.delete(key);
    else promised.set(key, sum);
  };

  const givesWay = (at: number): boolean => at - urgentAt < giveWayMs;

  /** How many may be taken of a window now; where none: when to look again. */
  const roomOf = (window: Window, at: number): { take: number; until: number } => {
    if (window.blockedUntil > at) return { take: 0, until: window.blockedUntil };
    const lane = laneOf.get(window);
    if (!lane) return { take: 0, until: Infinity };
    const { class: of, channel } = window;
    const room = carriers.room(lane.tenant, channel, of);
    const messages = room.messages - (promised.get(promiseKey(window)) ?? 0);
    if (messages < 1) return { take: 0, until: room.until ?? Infinity };
    const most = of !== 'otp' && givesWay(at) ? chunkMin : chunkMax;
    const take = Math.min(messages, most, window.items.length);
    const oldest = window.items[0]?.since ?? 0;
    const isFull = take >= Math.min(room.batchMax, most);
    if (of === 'otp' || isFull || at >= oldest + room.waitMs) return { take, until: at };
    return { take: 0, until: oldest + room.waitMs };
  };

  const wantsMore = ({ more, moreToSend, items }: Window): boolean =>
    (more || moreToSend) && items.length < windowLow;

  const take = (window: Window, count: number): Loaded[] => {
    const items = window.items.splice(0, count);
    if (window.items.length === 0) active.delete(window);
    if (wantsMore(window)) wanted.add(window);
    const live: Loaded[] = [];
    const other: Loaded[] = [];
    const at = now();
    for (const one of items) {
      const isSent = nextOf(one.message, at).kind === 'send';
      one.state = 'busy';
      (isSent ? live : other).push(one);
    }
    const lane = laneOf.get(window);
    if (other.length > 0 && lane) track(lane, handle(lane, other));
    return live;
  };

  const start = (window: Window, count: number): void => {
    const lane = laneOf.get(window);
    if (!lane) return;
    const isUrgent = window.class === 'otp';
    const items = take(window, count);
    fairness.charge(window, Math.max(1, items.length));
    if (items.length === 0) return;
    promise(window, items.length);
    const startedAt = now();
    if (isUrgent) {
      urgent += 1;
      urgentAt = startedAt;
    } else preparing += 1;
    let left = items.length;
    const onTaken = (messages: number): void => {
      left -= messages;
      promise(window, -messages);
      if (left > 0) return;
      if (left === 0 && messages > 0) {
        if (isUrgent) urgent -= 1;
        else {
          preparing -= 1;
          restUntil = now() + Math.min(restMost, (now() - startedAt) * restShare);
        }
        pumpSoon();
      }
    };
    track(
      lane,
      chunks.send(lane, window, items, onTaken).then(() => {
        onPutBack(window);
      }),
    );
  };

  const handle = async (lane: Lane, items: readonly Loaded[]): Promise<void> => {
    const work: Loaded[] = [];
    for (const one of items) {
      const next = lane.place(one);
      if (next.kind === 'advance' || next.kind === 'end' || next.kind === 'reconcile') {
        work.push(one);
      }
    }
    if (work.length > 0) await chunks.follow(lane, work);
  };

  const pump = (): void => {
    if (stopping.signal.aborted) return;
    const at = now();
    let wakeAt = parking.size > 0 ? unpark(at) : Infinity;
    const ready = (isUrgent: boolean): Map<Window, number> => {
      const able = new Map<Window, number>();
      for (const window of active) {
        if ((window.class === 'otp') !== isUrgent) continue;
        const { take: count, until } = roomOf(window, at);
        if (count > 0) able.set(window, count);
        else wakeAt = Math.min(wakeAt, until);
      }
      return able;
    };
    const serve = (isUrgent: boolean, isFree: () => boolean): void => {
      while (isFree()) {
        const able = ready(isUrgent);
        const window = fairness.next([...able.keys()]);
        if (!window) return;
        start(window, able.get(window) ?? 0);
      }
    };
    serve(true, () => urgent < urgentMax);
    const isGivingWay = givesWay(at);
    if (isGivingWay && at < restUntil) wakeAt = Math.min(wakeAt, restUntil);
    serve(false, () =>
      isGivingWay ? preparing === 0 && at >= restUntil && urgent === 0 : preparing < preparingMax,
    );
    if (wanted.size > 0 && !reading) void read();
    arm(wakeAt - at);
  };

  let soon = false;
  const pumpSoon = (): void => {
    if (soon) return;
    soon = true;
    setImmediate(() => {
      soon = false;
      pump();
    });
  };
  const arm = (ms: number): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (ms > tickMs || stopping.signal.aborted) return;
    timer = setTimeout(pumpSoon, Math.max(1, ms));
  };

  const isToSweep = ({ items, parked, sweptAt }: Window, at: number): boolean =>
    items.length + parked.size > 0 && at - sweptAt > sweepEveryMs;

  /** What was heard of since the last look may be due before what was read then. */
  const rewind = (window: Window): void => {
    const { dueFrom, sendAfter, workAfter } = window;
    const from = dueBy(dueFrom - 1);
    if (sendAfter && sendAfter.at >= dueFrom) window.sendAfter = from;
    if (workAfter && workAfter.at >= dueFrom) window.workAfter = from;
    Object.assign(window, { dueFrom: Infinity, dueAt: Infinity, moreToSend: true });
  };

  /** What is in hand and need not be sent any more, or not here, waits for nobody's room. */
  const sweep = (window: Window): void => {
    const lane = laneOf.get(window);
    if (!lane) return;
    const at = now();
    const isOver = ({ message }: Loaded): boolean => nextOf(message, at).kind !== 'send';
    const over = [...window.items.filter(isOver), ...window.parked.takeOut(isOver)];
    if (over.length === 0) return;
    const gone = new Set(over);
    window.items = window.items.filter((one) => !gone.has(one));
    if (wantsMore(window)) wanted.add(window);
    for (const one of over) one.state = 'busy';
    track(lane, handle(lane, over));
  };

  const askedOf = (window: Window, at: number): WindowAsked => {
    const isSwept = isToSweep(window, at);
    if (isSwept) window.sweptAt = at;
    const isDue = window.dueAt <= at;
    if (isDue) rewind(window);
    const isLow = window.items.length < windowLow;
    return {
      ...{ tenant: window.tenant, lane: window.lane, class: window.class, channel: window.channel },
      after: window.after,
      ready: isLow && window.more ? windowMax - window.items.length : 0,
      ...{ sendAfter: window.sendAfter, send: isLow && window.moreToSend ? dueMax : 0 },
      ...{ workAfter: window.workAfter, work: isDue ? dueMax : 0 },
      sweep: isSwept ? dueMax : 0,
    };
  };

  const takeRows = (
    windows: readonly Window[],
    asked: readonly WindowAsked[],
    rows: readonly QueuedRow[],
    heard: readonly number[],
    at: number,
  ): { readonly found: ReadonlyMap<Lane, readonly Loaded[]>; readonly more: readonly Window[] } => {
    const more: Window[] = [];
    const found = new Map<Lane, Loaded[]>();
    const behind = new Set<Lane>();
    const counts = windows.map(() => ({ ready: 0, send: 0, work: 0, swept: 0 }));
    for (const row of rows) {
      const window = windows[row.window];
      const count = counts[row.window];
      const lane = window && laneOf.get(window);
      if (!window || !count || !lane) continue;
      count[row.kind] += 1;
      if (row.kind === 'ready') {
        window.after = { position: row.position, messageId: row.messageId };
      }
      const place = { at: row.since, messageId: row.messageId };
      if (row.kind === 'send') window.sendAfter = place;
      if (row.kind === 'work') window.workAfter = place;
      const one = behind.has(lane) ? null : lane.take(row);
      if (one === 'behind') behind.add(lane);
      if (!one || one === 'behind') continue;
      const all = found.get(lane);
      if (all) all.push(one);
      else found.set(lane, [one]);
    }
    windows.forEach((window, index) => {
      const { ready = 0, send = 0, work = 0 } = asked[index] ?? {};
      const count = counts[index];
      const lane = laneOf.get(window);
      if (!count || !lane || behind.has(lane)) return;
      if (ready > 0) window.more = count.ready >= ready || window.heard !== heard[index];
      if (send > 0 && count.send < send) {
        Object.assign(window, { sendAfter: dueBy(at), moreToSend: false });
      }
      if (work > 0 && count.work < work) window.workAfter = dueBy(at);
      else if (work > 0) {
        window.dueAt = at;
        wanted.add(window);
      }
      const isFull = (ready > 0 && count.ready >= ready) || (send > 0 && count.send >= send);
      if (isFull) more.push(window);
    });
    // They are read again from the beginning, with the next tick.
    for (const lane of behind) lane.reset();
    return { found, more };
  };

  /** What was due by then was read, or is read next. */
  const readDue = async (windows: readonly Window[], by: number): Promise<void> => {
    const due = await tables.nextDue(windows, by);
    windows.forEach((window, index) => {
      window.dueAt = Math.min(window.dueAt, due[index] ?? Infinity);
    });
  };

  const readOnce = async (): Promise<void> => {
    const windows = [...wanted].slice(0, windowsMax);
    for (const window of windows) wanted.delete(window);
    const at = now();
    const asked = windows.map((window) => askedOf(window, at));
    const heard = windows.map((window) => window.heard);
    const rows = await tables.queued(asked, at);
    const { found, more } = takeRows(windows, asked, rows, heard, at);
    for (const [lane, items] of found) track(lane, handle(lane, items));
    windows.forEach((window, index) => {
      if ((asked[index]?.sweep ?? 0) > 0) sweep(window);
    });
    // Where there is less than was asked for, nothing more is read until something is heard or due.
    for (const window of more) if (wantsMore(window)) wanted.add(window);
    const past = windows.filter((_window, index) => (asked[index]?.work ?? 0) > 0);
    if (past.length > 0) await readDue(past, at);
  };

  let forgotAt = 0;
  /** Where nothing is read from the tables, since all is over before it would be: how far they are is asked for. */
  const forgetSome = async (): Promise<void> => {
    if (now() - forgotAt < forgetEveryMs) return;
    forgotAt = now();
    for (const lane of holder.lanes.values()) {
      if (lane.remembered > rememberedMax) lane.reached(await tables.laneReach(lane));
    }
  };

  const read = async (): Promise<void> => {
    reading = true;
    try {
      while (wanted.size > 0 && !stopping.signal.aborted) {
        await forgetSome();
        await readOnce();
        pumpSoon();
      }
    } catch (error) {
      onTrouble(error);
      await pause(500, stopping.signal);
      look();
    } finally {
      reading = false;
    }
  };

  const look = (lanes: Iterable<Lane> = holder.lanes.values()): void => {
    for (const lane of lanes) {
      for (const window of lane.windows.values()) {
        window.heard += 1;
        window.more = true;
        Object.assign(window, { dueAt: Math.min(window.dueAt, now()), dueFrom: 0 });
        wanted.add(window);
      }
    }
    pumpSoon();
  };

  let looked = 0;
  /** Once a second: at those whose turn it is. */
  const lookSome = (): void => {
    const all = [...holder.lanes.values()];
    const wait = holder.isShared ? lookEveryMs.shared : lookEveryMs.alone;
    const count = Math.min(lookLanes, Math.ceil((all.length * tendEveryMs) / wait));
    const from = looked % Math.max(1, all.length);
    looked = from + count;
    look([...all, ...all].slice(from, from + count));
  };

  const changed = (tenant: TenantId): void => {
    for (const window of parking) {
      if (window.tenant !== tenant) continue;
      window.items = [...window.parked.takeOut(() => true), ...window.items];
      active.add(window);
      parking.delete(window);
    }
    pumpSoon();
  };

  const tick = (): void => {
    const at = now();
    for (const lane of holder.lanes.values()) {
      for (const window of lane.windows.values()) {
        if (window.againAt <= at && !window.parked.isFull) {
          Object.assign(window, { againAt: Infinity, after: null, more: true });
          Object.assign(window, { dueAt: 0, dueFrom: 0 });
          wanted.add(window);
        }
        if (window.dueAt <= at || isToSweep(window, at)) wanted.add(window);
      }
    }
    pump();
  };

  const every = async (ms: number, work: () => Promise<void> | void): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await work();
      } catch (error) {
        onTrouble(error);
      }
      await pause(ms, stopping.signal);
    }
  };

  return {
    run: async (signal) => {
      if (signal.aborted) return;
      signal.addEventListener('abort', () => stopping.abort(), { once: true });
      await Promise.all([
        every(tendEveryMs, () => holder.tend()),
        every(tickMs, tick),
        every(tendEveryMs, lookSome),
        every(reviewEveryMs, () => carriers.review()),
      ]);
      if (timer) clearTimeout(timer);
      await Promise.race([holder.leave(), pause(drainMs, new AbortController().signal)]);
      await carriers.close();
    },
    news: (news) => {
      for (const one of news) {
        const lane = holder.lanes.get(laneKey(one));
        if (!lane) {
          if (!holder.knows(one)) void holder.tend();
          continue;
        }
        const { class: of, channel } = one as { class: MessageClass; channel: Channel };
        const window = lane.windows.get(windowKey({ class: of, channel }));
        if (!window) continue;
        window.heard += 1;
        if (one.ready) window.more = true;
        if (one.dueAt !== null) {
          window.dueAt = Math.min(window.dueAt, one.dueAt);
          window.dueFrom = Math.min(window.dueFrom, one.dueAt);
        }
        if (one.ready && window.items.length < windowLow) wanted.add(window);
      }
      pump();
    },
    heard: ({ type, data, metadata, recordedAt, position }) => {
      if (type !== 'MessageAccepted') return;
      const accepted = data as Accepted;
      if (accepted.class !== 'otp') return;
      const lane = holder.lanes.get(laneKey({ tenant: metadata.tenant, lane: accepted.lane }));
      const one = lane?.takeNew(accepted, recordedAt, position);
      if (lane && one) track(lane, handle(lane, [one]));
      pump();
    },
    givesWay: () => givesWay(now()),
    look: () => look(),
    changed,
    state: () => ({
      lanes: holder.lanes.size,
      inHand: [...holder.lanes.values()].reduce((sum, lane) => sum + lane.size, 0),
      breakers: carriers.states(),
    }),
  };
};
