/**
 * Sends what is in the queue: has stretches of it read into hand (reading.ts), takes from them in fair order what providers have room for
 * (waiting.ts, fairness.ts), and has it sent and what is due done (chunk.ts), for the lanes that are its own (holder.ts). Whatever it holds in memory can be lost at any
 * moment: what is to do follows from the log.
 */
import type { TenantId } from '../../domain/ids.js';
import type { Channel, MessageClass } from '../../domain/message/kinds.js';
import { nextOf } from '../../domain/message/message.js';
import type { Log } from '../../commands/log.js';
import { pause } from '../../projections/pause.js';
import type { QueueNews } from '../../projections/outbox/outbox.js';
import type { CarrierPool } from './carriers.js';
import { type ChunkOptions, createChunks } from './chunk.js';
import { createFairness } from './fairness.js';
import { needsWork } from './followUp.js';
import { createHearing, type HeardFact, passwordOf } from './hearing.js';
import { createHolder, laneKey } from './holder.js';
import { type Lane, openLane } from './lane.js';
import type { LaneLeases } from './leases.js';
import type { Loaded } from './loaded.js';
import { createPlaces } from './places.js';
import { createReading, lookSomeEveryMs } from './reading.js';
import { createWaiting } from './waiting.js';
import { type Window, windowKey } from './windows.js';

export interface DispatcherOptions extends Omit<
  ChunkOptions,
  'signal' | 'carriers' | 'knownUntil'
> {
  readonly log: Log;
  readonly leases: LaneLeases;
  /** Of this process and this start of it. */
  readonly owner: string;
  /** Of this machine. */
  readonly processors: number;
  /** Of the lanes that are sent here, whether in hand or not. */
  readonly isOurs: (lane: number) => boolean;
  readonly openCarriers: (given: { readonly onRoom: () => void }) => CarrierPool;
  /** Whose turn it is among all that can wait in this process; left out: nobody else is there. */
  readonly turns?: Turns;
  /** For tests. */
  readonly leaseMs?: number;
}

/** One chunk of what can wait is a turn while one-time passwords come. */
export interface Turns {
  /** A one-time password is being sent. */
  hear(): void;
  /** @returns what ends it; null: it is another's. */
  tryTurn(): (() => void) | null;
  /** When to try again, milliseconds since the epoch. */
  readonly freeAt: number;
}

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
  heard(fact: HeardFact): void;
  /** A one-time password was sent lately: others are to take little at a time. */
  givesWay(): boolean;
  /** Anything may have changed in the tables. */
  look(): void;
  /** What is known of providers, rules or templates changed: what is blocked is decided on anew. */
  changed(tenant: TenantId): void;
  state(): DispatcherState;
}

const alone: Turns = { hear: () => undefined, tryTurn: () => () => undefined, freeAt: 0 };
const leaseDefaultMs = 6_000;
const noTurn = (): void => undefined;
const tendEveryMs = 1_000;
const tickMs = 50;
const reviewEveryMs = 10_000;
const drainMs = 5_000;

export const createDispatcher = (options: DispatcherOptions): Dispatcher => {
  const { log, owner, now, onTrouble, tables, turns = alone } = options;
  const stopping = new AbortController();
  const fairness = createFairness();
  const places = createPlaces(options.processors);
  const under = new Map<Lane, Set<Promise<void>>>();
  /** Of the windows in hand. */
  const laneOf = new Map<Window, Lane>();
  let timer: NodeJS.Timeout | null = null;
  /** No lane is taken before: who starts this may not know all providers yet. */
  let isRunning = false;

  const carriers = options.openCarriers({ onRoom: () => pumpSoon() });
  const waiting = createWaiting({ carriers, places, laneOf });
  const knownUntil = (): number =>
    [...holder.lanes.values()].reduce((least, lane) => Math.min(least, lane.knownUntil), Infinity);
  const chunks = createChunks({ ...options, carriers, knownUntil, signal: stopping.signal });

  const track = (lane: Lane, work: Promise<void>): void => {
    let all = under.get(lane);
    if (!all) under.set(lane, (all = new Set()));
    const tracked = work.catch(onTrouble).finally(() => {
      all.delete(tracked);
      pumpSoon();
    });
    all.add(tracked);
  };

  const holder = createHolder({
    leases: options.leases,
    owner,
    onTrouble,
    leaseMs: options.leaseMs ?? leaseDefaultMs,
    lanes: () => tables.lanes(),
    open: async (tenant, lane) => {
      const reach = await tables.laneReach({ tenant, lane });
      return openLane({
        log,
        tenant,
        lane,
        owner,
        reach,
        now,
        onTrouble,
        onWaiting: waiting.add,
      });
    },
    onOpened: (lane) => {
      for (const window of lane.windows.values()) {
        laneOf.set(window, lane);
        reading.add(window);
      }
      hearing.opened(lane);
      pumpSoon();
    },
    drained: async (lane) => {
      for (const window of lane.windows.values()) {
        for (const one of [...window.items, ...window.parked.takeOut(() => true)]) lane.drop(one);
        window.items = [];
        waiting.remove(window);
        reading.remove(window);
        laneOf.delete(window);
      }
      const all = under.get(lane);
      while (all && all.size > 0) await Promise.all(all);
      under.delete(lane);
    },
  });

  const hearing = createHearing({
    laneOf: (row) => holder.lanes.get(laneKey(row)),
    want: (row) => {
      holder.want(row);
      if (isRunning && !holder.knows(row)) void holder.tend();
    },
    take: (lane, { accepted, at, position }) => {
      const one = lane.takeNew(accepted, at, position);
      if (one) track(lane, handle(lane, [one]));
    },
    now,
  });

  const take = (window: Window, count: number): Loaded[] => {
    const items = waiting.take(window, count);
    reading.refill(window);
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

  const start = (window: Window, count: number, endTurn: () => void): void => {
    const lane = laneOf.get(window);
    if (!lane) return endTurn();
    const isUrgent = window.class === 'otp';
    const items = take(window, count);
    fairness.charge(window, Math.max(1, items.length));
    if (items.length === 0) return endTurn();
    if (isUrgent) turns.hear();
    waiting.promise(window, items.length);
    const leave = places.take(isUrgent, now(), items.length);
    let left = items.length;
    const onTaken = (messages: number): void => {
      left -= messages;
      waiting.promise(window, -messages);
      if (left !== 0 || messages < 1) return;
      leave(now());
      pumpSoon();
    };
    const sent = chunks.send(lane, window, items, onTaken);
    track(
      lane,
      sent.finally(endTurn).then(() => waiting.putBack(window)),
    );
  };

  const handle = async (lane: Lane, items: readonly Loaded[]): Promise<void> => {
    const work: Loaded[] = [];
    for (const one of items) {
      if (needsWork(lane.place(one))) work.push(one);
    }
    if (work.length > 0) await chunks.follow(lane, work);
  };

  const reading = createReading({
    tables,
    laneOf,
    now,
    onTrouble,
    signal: stopping.signal,
    lanes: () => holder.lanes.values(),
    isShared: () => holder.isShared,
    onFound: (lane, items) => track(lane, handle(lane, items)),
    onRead: () => pumpSoon(),
  });

  const pump = (): void => {
    if (stopping.signal.aborted) return;
    const at = now();
    let wakeAt = waiting.unpark(at);
    const serve = (isUrgent: boolean): void => {
      while (places.isFree(isUrgent, at)) {
        const { able, until } = waiting.ready(isUrgent, at);
        wakeAt = Math.min(wakeAt, until);
        const window = fairness.next([...able.keys()]);
        if (!window) return;
        const endTurn = isUrgent || !places.givesWay(at) ? noTurn : turns.tryTurn();
        if (!endTurn) {
          wakeAt = Math.min(wakeAt, Math.max(at + 1, turns.freeAt));
          return;
        }
        start(window, able.get(window) ?? 0, endTurn);
      }
    };
    serve(true);
    wakeAt = Math.min(wakeAt, places.pausesUntil(at));
    serve(false);
    reading.start();
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

  const look = (): void => {
    reading.look(holder.lanes.values());
    pumpSoon();
  };

  const changed = (tenant: TenantId): void => {
    waiting.unparkAll(tenant);
    pumpSoon();
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
      isRunning = true;
      signal.addEventListener('abort', () => stopping.abort(), { once: true });
      await Promise.all([
        every(tendEveryMs, () => holder.tend()),
        every(tickMs, () => {
          reading.tick(now());
          pump();
        }),
        every(lookSomeEveryMs, () => {
          reading.lookSome();
          pumpSoon();
        }),
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
          if (isRunning && !holder.knows(one)) void holder.tend();
          continue;
        }
        const { class: of, channel } = one as { class: MessageClass; channel: Channel };
        const window = lane.windows.get(windowKey({ class: of, channel }));
        if (window) reading.hear(window, one);
      }
      pump();
    },
    heard: (fact) => {
      const password = passwordOf(fact);
      if (!password) return;
      places.hear(now());
      turns.hear();
      if (!options.isOurs(password.lane)) return;
      hearing.hear(password);
      pump();
    },
    givesWay: () => places.givesWay(now()),
    look,
    changed,
    state: () => ({
      lanes: holder.lanes.size,
      inHand: [...holder.lanes.values()].reduce((sum, lane) => sum + lane.size, 0),
      breakers: carriers.states(),
    }),
  };
};
