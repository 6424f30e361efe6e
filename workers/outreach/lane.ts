/**
 * One lane in hand: its journal, what of its queue is loaded, and what became of each message until it waits for something or is over.
 *
 * Invariant: a message in hand is as its journal says, up to what is known of it, wherever it was read from. Whatever is held here may be
 * lost: it is in the log or will be found in the tables again.
 */
import type { Log } from '../../commands/log.js';
import type { MessageId, TenantId } from '../../domain/ids.js';
import { outboxStream } from '../../domain/message/lanes.js';
import {
  type Accepted,
  accepted as acceptedMessage,
  type Change,
  evolve,
  type Next,
  nextOf,
} from '../../domain/message/message.js';
import type { Position } from '../../domain/fact.js';
import type { QueuedRow, Reach } from '../../projections/outbox/queries.js';
import { createJournal, type Journal } from './journal.js';
import type { Loaded } from './loaded.js';
import { createTail } from './tail.js';
import { createWindows, type Window, windowKey, type WindowKey } from './windows.js';

export interface LaneOptions {
  readonly log: Log;
  readonly tenant: TenantId;
  readonly lane: number;
  readonly owner: string;
  /** How far the tables are. */
  readonly reach: Reach;
  readonly now: () => number;
  /** Something can be sent. */
  readonly onWaiting: (window: Window) => void;
  readonly onTrouble: (error: unknown) => void;
}

export interface Lane {
  readonly tenant: TenantId;
  readonly lane: number;
  readonly journal: Journal;
  readonly windows: ReadonlyMap<WindowKey, Window>;
  /** Messages in hand. */
  readonly size: number;
  has(messageId: MessageId): boolean;
  /** @returns null where it is in hand already; behind: the tables know less than what can be made up for here. */
  take(row: QueuedRow): Loaded | null | 'behind';
  /** One that the tables do not know yet, as its request tells it. @returns null where they may, or it is in hand already. */
  takeNew(accepted: Accepted, at: number, position: Position): Loaded | null;
  /** Files what can be sent, and tells what else is to be done for the rest. */
  place(loaded: Loaded, next?: Next): Next;
  /** There is no place for it in hand: it is read again then. */
  leave(loaded: Loaded, until: number): void;
  /** It is not known what became of it: it is read again. */
  drop(loaded: Loaded): void;
  /** What is remembered of the journal because the tables may not know it. */
  readonly remembered: number;
  /** The tables know all that somebody else began in this lane, so whom it went to. */
  readonly isPastKnown: boolean;
  /** What was recorded in the journal by then is in the tables, as far as is known; milliseconds since the epoch. */
  readonly knownUntil: number;
  /** The tables are as far as this: what they know is not remembered any more. */
  reached(reach: Reach): void;
  /** Nothing is in hand any more; what is loaded from here on is read from the beginning. */
  reset(): void;
  close(): void;
}

/** What is not known is looked for again, but not at once. */
const droppedMs = 1_000;

export const openLane = async (options: LaneOptions): Promise<Lane> => {
  const { log, tenant, lane, owner, now, onWaiting, onTrouble } = options;
  const tail = createTail();
  const loaded = new Map<MessageId, Loaded>();
  const windows = createWindows(tenant, lane);
  /** What the journal says from here on is in the tail. */
  let from = options.reach;

  /** What was recorded by then is in the tables; and how far the journal was at a later time, which is looked at next. */
  let knownUntil = now();
  let mark = { at: knownUntil, revision: options.reach.revision };
  const move = (reach: Reach): void => {
    from = reach;
    tail.forget(from.revision);
    if (from.revision < mark.revision) return;
    knownUntil = mark.at;
    mark = { at: now(), revision: journal.revision };
  };

  const onChange = (messageId: MessageId, revision: number, change: Change): void => {
    tail.add(messageId, revision, change);
    const one = loaded.get(messageId);
    if (one) one.message = evolve(one.message, change);
  };
  const journal = createJournal({
    log,
    tenant,
    lane,
    owner,
    now,
    onChange,
    onTrouble,
    revision: options.reach.revision,
  });
  await journal.readOn();

  const windowOf = ({ message }: Loaded): Window | undefined => {
    const channel = message.steps[message.step]?.channel;
    return channel && windows.get(windowKey({ class: message.class, channel }));
  };

  const place = (one: Loaded, next = nextOf(one.message, now())): Next => {
    if (next.kind === 'send') {
      const window = windowOf(one);
      one.state = 'waiting';
      if (window) {
        window.items.push(one);
        onWaiting(window);
      } else loaded.delete(one.messageId);
      return next;
    }
    if (next.kind === 'wait' || next.kind === 'done') {
      loaded.delete(one.messageId);
      const window = windowOf(one);
      if (next.kind === 'wait' && window) window.dueAt = Math.min(window.dueAt, next.until);
      return next;
    }
    one.state = 'busy';
    return next;
  };

  return {
    tenant,
    lane,
    journal,
    windows,
    place,
    get size() {
      return loaded.size;
    },
    has: (messageId) => loaded.has(messageId),
    get remembered() {
      return tail.size;
    },
    get isPastKnown() {
      return from.revision >= journal.othersBegan;
    },
    get knownUntil() {
      return from.revision >= journal.revision ? now() : knownUntil;
    },
    reached: (reach) => {
      if (reach.revision >= from.revision) move(reach);
    },
    take: (row) => {
      if (row.reach.revision < from.revision) return 'behind';
      move(row.reach);
      if (row.request === null) return null;
      if (loaded.has(row.messageId)) return null;
      const message = tail.upToDate(row.message, row.revision);
      const { messageId, request, since } = row;
      const one: Loaded = {
        messageId,
        message,
        request,
        since,
        state: 'waiting',
        digested: [],
        position: row.kind === 'ready' ? BigInt(row.position) : row.reach.position,
      };
      loaded.set(messageId, one);
      return one;
    },
    takeNew: (data, at, position) => {
      // All that is recorded of what came later than the tables is in the tail.
      if (position <= from.position || loaded.has(data.messageId)) return null;
      const message = tail.upToDate(acceptedMessage(data, at), -1);
      const one: Loaded = {
        messageId: data.messageId,
        message,
        request: data,
        since: at,
        state: 'waiting',
        digested: [],
        position,
      };
      loaded.set(data.messageId, one);
      return one;
    },
    leave: (one, until) => {
      loaded.delete(one.messageId);
      const window = windowOf(one);
      if (window) window.againAt = Math.min(window.againAt, until);
    },
    drop: (one) => {
      loaded.delete(one.messageId);
      const window = windowOf(one);
      if (!window) return;
      const dueAt = Math.min(window.dueAt, now() + droppedMs);
      Object.assign(window, { after: null, more: true, sendFrom: 0, workFrom: 0, dueAt });
    },
    reset: () => {
      for (const window of windows.values()) {
        const parked = window.parked.takeOut(() => true);
        for (const { messageId } of [...window.items, ...parked]) loaded.delete(messageId);
        Object.assign(window, { items: [], after: null, more: true, blockedUntil: 0 });
        Object.assign(window, { dueAt: 0, sendFrom: 0, workFrom: 0 });
      }
    },
    close: () => journal.close(),
  };
};

export const journalOf = (lane: Pick<Lane, 'tenant' | 'lane'>): string =>
  outboxStream(lane.tenant, lane.lane);
