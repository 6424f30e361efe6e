/**
 * How many messages providers would take now: by their breaker, their tokens, their slots, and what was given to them a moment ago and has no
 * slot yet. It is asked before work is taken, so that what cannot go stays where it is. Nothing is given to anybody by asking, but tokens that are
 * missing are claimed (purse.ts).
 */
import type { MessageClass } from '../../domain/message/kinds.js';
import { readiness } from '../../domain/routing/health.js';
import { type Carrier, isAway } from './opening.js';

export interface Room {
  /** Messages that may be taken now. */
  readonly messages: number;
  /** Where there is none: when to look again, milliseconds since the epoch; null: when something comes free. */
  readonly until: number | null;
  /** Of one call, and how long to wait for it to fill. */
  readonly batchMax: number;
  readonly waitMs: number;
}

export interface RoomAsked {
  readonly of: MessageClass;
  /** Messages that wait for it. */
  readonly wanted: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const waitDefaultMs = 50;
/** Taken though nobody can carry them, so that it is recorded. */
export const hopeless = 100;
export const anyone: Room = { messages: hopeless, until: null, batchMax: hopeless, waitMs: 0 };

const batchMaxOf = ({ opened, record }: Carrier): number =>
  opened?.batchMax ?? record.batch?.max ?? 1;

/** Messages that the calls which may be made now would take. */
export const freeOf = (carrier: Carrier, isUrgent: boolean): number =>
  Math.max(0, carrier.slots.free(isUrgent) * batchMaxOf(carrier) - carrier.routed);

const roomOf = (carrier: Carrier, { of, wanted, at }: RoomAsked): Room => {
  const { record, purse, health } = carrier;
  const isUrgent = of === 'otp';
  const batchMax = batchMaxOf(carrier);
  const waitMs = isUrgent || batchMax === 1 ? 0 : (record.batch?.waitMs ?? waitDefaultMs);
  const ready = readiness(health, at);
  const nothing = (until: number | null): Room => ({ messages: 0, until, batchMax, waitMs });
  if (isAway(carrier, at)) return nothing(carrier.againAt);
  if (ready.kind !== 'ready' && ready.kind !== 'probe') return nothing(ready.until);
  if (ready.kind === 'probe') {
    const messages = Math.min(1, freeOf(carrier, isUrgent));
    return { messages, until: null, batchMax: 1, waitMs: 0 };
  }
  const free = freeOf(carrier, isUrgent);
  purse.want(Math.min(wanted, free), at, isUrgent);
  const tokens = purse.available(at, isUrgent);
  if (tokens < 1 && free > 0) return nothing(purse.nextAt(at, 1, isUrgent));
  const messages = Math.min(tokens, free);
  return { messages, until: null, batchMax, waitMs };
};

/** @returns null where there is none of them. */
export const roomOfAll = (all: Iterable<Carrier>, asked: RoomAsked): Room | null => {
  let sum: Room | null = null;
  for (const carrier of all) {
    const room = roomOf(carrier, asked);
    const soFar: Room = sum ?? { messages: 0, until: Infinity, batchMax: 1, waitMs: 0 };
    sum = {
      messages: soFar.messages + room.messages,
      until: Math.min(soFar.until ?? Infinity, room.until ?? Infinity),
      batchMax: Math.max(soFar.batchMax, room.batchMax),
      waitMs: Math.max(soFar.waitMs, room.waitMs),
    };
  }
  return sum && { ...sum, until: sum.until === Infinity ? null : sum.until };
};
