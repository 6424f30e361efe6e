/**
 * Reads the queue's tables into the windows in hand: which of them are to be read, from where, and what the rows that came back say of the
 * rest.
 *
 * Invariant: nothing that can be sent or is due is forgotten. A window is read on until there is less than was asked for; from then on again
 * once something is heard of it, is due, or it is looked at because its turn has come. Reading twice is harmless: what is in hand stays as it
 * is there. One read is under way at a time, of many windows together.
 */
import { nextOf } from '../../domain/message/message.js';
import type { QueueNews } from '../../projections/outbox/outbox.js';
import { dueBy, type QueuedRow, type WindowAsked } from '../../projections/outbox/queries.js';
import { pause } from '../../projections/pause.js';
import type { Lane } from './lane.js';
import type { Loaded } from './loaded.js';
import type { QueueTables } from './ports.js';
import type { Window } from './windows.js';

export interface ReadingOptions {
  readonly tables: Pick<QueueTables, 'queued' | 'nextDue' | 'laneReach'>;
  readonly lanes: () => Iterable<Lane>;
  /** Of the windows in hand. */
  readonly laneOf: ReadonlyMap<Window, Lane>;
  /** There are others who send. */
  readonly isShared: () => boolean;
  /** Read into hand just now, or over while it waited there: in no window. */
  readonly onFound: (lane: Lane, items: readonly Loaded[]) => void;
  /** The tables may have more. */
  readonly onRead: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onTrouble: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export interface Reading {
  /** The window is new in hand: it is to be read. */
  add(window: Window): void;
  /** The window is in hand no more. */
  remove(window: Window): void;
  /** Something was taken out of it: it is filled up where little is left. */
  refill(window: Window): void;
  /** Rows of it were written. */
  hear(window: Window, news: QueueNews): void;
  /** Anything may have changed in the tables of these. */
  look(lanes: Iterable<Lane>): void;
  /** Once a second: at those whose turn it is. */
  lookSome(): void;
  /** Finds what is due by then, or was not looked through for long. @param at milliseconds since the epoch */
  tick(at: number): void;
  /** Reads what is to be read, unless that is under way. */
  start(): void;
}

export const lookSomeEveryMs = 1_000;
/** Looked at again though nothing was heard of it. */
const lookEveryMs = { shared: 1_000, alone: 10_000 } as const;
/** In a second; of more lanes each is looked at less often. */
const lookLanes = 50;
/**
 * A lane whose tables are so many changes behind is looked at from where it was read to, and from the beginning this often: what lies between is
 * mostly what was sent long ago, and reading thousands of such rows every ten seconds is what keeps the tables behind.
 */
const lateChanges = 1_000;
const lookLateEveryMs = 60_000;
const sweepEveryMs = 5_000;
/** Changes of a lane's messages that are remembered at least so long. */
const forgetEveryMs = 10_000;
const rememberedMax = 200;
const rememberedMs = 30_000;
const troubleMs = 500;

/** Messages in hand, ready to be sent, of one window; and when it is filled up again. */
const windowMax = 500;
const windowLow = 250;
const windowsMax = 200;
const dueMax = 200;

export const createReading = (options: ReadingOptions): Reading => {
  const { tables, lanes, laneOf, onFound, now, onTrouble, signal } = options;
  /** Windows that are to be read. */
  const wanted = new Set<Window>();
  let reading = false;
  let forgotAt = 0;
  let looked = 0;
  /** When each was last looked at from the beginning. */
  const lookedAt = new WeakMap<Lane, number>();

  const refill = (window: Window): void => {
    if (wantsMore(window)) wanted.add(window);
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
    refill(window);
    for (const one of over) one.state = 'busy';
    onFound(lane, over);
  };

  /** @param asked of each window, in their order. @param heard of each by the time they were asked for. */
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
      moveOn(window, row);
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
    for (const [lane, items] of found) onFound(lane, items);
    windows.forEach((window, index) => {
      if ((asked[index]?.sweep ?? 0) > 0) sweep(window);
    });
    // Where there is less than was asked for, nothing more is read until something is heard or due.
    for (const window of more) refill(window);
    const past = windows.filter((_window, index) => (asked[index]?.work ?? 0) > 0);
    if (past.length > 0) await readDue(past, at);
  };

  /** Where nothing is read from the tables, since all is over before it would be: how far they are is asked for. */
  const forgetSome = async (): Promise<void> => {
    if (now() - forgotAt < forgetEveryMs) return;
    forgotAt = now();
    for (const lane of lanes()) {
      const isLate = lane.knownUntil < now() - rememberedMs;
      if (isLate || lane.remembered > rememberedMax) lane.reached(await tables.laneReach(lane));
    }
  };

  const lookAt = (lane: Lane, from: number): void => {
    for (const window of lane.windows.values()) {
      window.heard += 1;
      window.more = true;
      window.dueAt = Math.min(window.dueAt, now());
      window.sendFrom = Math.min(window.sendFrom, from);
      window.workFrom = Math.min(window.workFrom, from);
      wanted.add(window);
    }
  };

  const look = (some: Iterable<Lane>): void => {
    for (const lane of some) {
      lookedAt.set(lane, now());
      lookAt(lane, 0);
    }
  };

  const isLate = (lane: Lane): boolean =>
    lane.remembered > lateChanges && now() - (lookedAt.get(lane) ?? -Infinity) < lookLateEveryMs;

  const read = async (): Promise<void> => {
    reading = true;
    try {
      while (wanted.size > 0 && !signal.aborted) {
        await forgetSome();
        await readOnce();
        options.onRead();
      }
    } catch (error) {
      onTrouble(error);
      await pause(troubleMs, signal);
      look(lanes());
      options.onRead();
    } finally {
      reading = false;
    }
  };

  return {
    add: (window) => void wanted.add(window),
    remove: (window) => void wanted.delete(window),
    refill,
    // Those who send elsewhere may be of a version that does not tell one kind from the other.
    hear: (window, { ready, dueAt, sendAt = dueAt }) => {
      window.heard += 1;
      if (ready) window.more = true;
      if (dueAt !== null) {
        window.dueAt = Math.min(window.dueAt, dueAt);
        window.workFrom = Math.min(window.workFrom, dueAt);
      }
      if (sendAt !== null) window.sendFrom = Math.min(window.sendFrom, sendAt);
      if (ready && window.items.length < windowLow) wanted.add(window);
    },
    look,
    lookSome: () => {
      const all = [...lanes()];
      const wait = options.isShared() ? lookEveryMs.shared : lookEveryMs.alone;
      const count = Math.min(lookLanes, Math.ceil((all.length * lookSomeEveryMs) / wait));
      const from = looked % Math.max(1, all.length);
      looked = from + count;
      for (const lane of [...all, ...all].slice(from, from + count)) {
        if (isLate(lane)) lookAt(lane, Infinity);
        else look([lane]);
      }
    },
    tick: (at) => {
      for (const lane of lanes()) {
        for (const window of lane.windows.values()) {
          if (window.againAt <= at && !window.parked.isFull) {
            Object.assign(window, { againAt: Infinity, after: null, more: true });
            Object.assign(window, { dueAt: 0, sendFrom: 0, workFrom: 0 });
            wanted.add(window);
          }
          if (window.dueAt <= at || isToSweep(window, at)) wanted.add(window);
        }
      }
    },
    start: () => {
      if (wanted.size > 0 && !reading) void read();
    },
  };
};

const wantsMore = ({ more, moreToSend, items }: Window): boolean =>
  (more || moreToSend) && items.length < windowLow;

const isToSweep = ({ items, parked, sweptAt }: Window, at: number): boolean =>
  items.length + parked.size > 0 && at - sweptAt > sweepEveryMs;

/** What was heard of since the last look may be due before what was read then. */
const rewind = (window: Window): void => {
  const { sendFrom, workFrom, sendAfter, workAfter } = window;
  if (sendAfter && sendAfter.at >= sendFrom) window.sendAfter = dueBy(sendFrom - 1);
  if (workAfter && workAfter.at >= workFrom) window.workAfter = dueBy(workFrom - 1);
  Object.assign(window, { sendFrom: Infinity, workFrom: Infinity, dueAt: Infinity });
  window.moreToSend = true;
};

/** Of that kind it is read on behind the row. */
const moveOn = (window: Window, row: QueuedRow): void => {
  if (row.kind === 'ready') {
    window.after = { position: row.position, messageId: row.messageId };
  }
  const place = { at: row.since, messageId: row.messageId };
  if (row.kind === 'send') window.sendAfter = place;
  if (row.kind === 'work') window.workAfter = place;
};

const askedOf = (window: Window, at: number): WindowAsked => {
  const isSwept = isToSweep(window, at);
  if (isSwept) window.sweptAt = at;
  const isDue = window.dueAt <= at;
  if (isDue) rewind(window);
  const isLow = window.items.length < windowLow;
  return {
    tenant: window.tenant,
    lane: window.lane,
    class: window.class,
    channel: window.channel,
    after: window.after,
    ready: isLow && window.more ? windowMax - window.items.length : 0,
    sendAfter: window.sendAfter,
    send: isLow && window.moreToSend ? dueMax : 0,
    workAfter: window.workAfter,
    work: isDue ? dueMax : 0,
    sweep: isSwept ? dueMax : 0,
  };
};
