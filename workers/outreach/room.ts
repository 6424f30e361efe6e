/**
 * How many messages providers would take now: by their breaker, their tokens, their slots, and what was given to them a moment ago and has no
 * slot yet. It is asked before work is taken, so that what cannot go stays where it is. Nothing is taken by asking.
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

const waitDefaultMs = 50;
/** Taken though nobody can carry them, so that it is recorded. */
export const hopeless = 100;
export const anyone: Room = { messages: hopeless, until: null, batchMax: hopeless, waitMs: 0 };

const batchMaxOf = ({ opened, record }: Carrier): number =>
  opened?.batchMax ?? record.batch?.max ?? 1;

/** Messages that the calls which may be made now would take. */
export const freeOf = (carrier: Carrier, isUrgent: boolean): number =>
  Math.max(0, carrier.slots.free(isUrgent) * batchMaxOf(carrier) - carrier.routed);

const roomOf = (carrier: Carrier, of: MessageClass, at: number): Room => {
  const { record, bucket, health } = carrier;
  const batchMax = batchMaxOf(carrier);
  const waitMs = of === 'otp' || batchMax === 1 ? 0 : (record.batch?.waitMs ?? waitDefaultMs);
  const ready = readiness(health, at);
  const nothing = (until: number | null): Room => ({ messages: 0, until, batchMax, waitMs });
  if (isAway(carrier, at)) return nothing(carrier.againAt);
  if (ready.kind !== 'ready' && ready.kind !== 'probe') return nothing(ready.until);
  if (ready.kind === 'probe') {
    const messages = Math.min(1, freeOf(carrier, of === 'otp'));
    return { messages, until: null, batchMax: 1, waitMs: 0 };
  }
  const tokens = bucket.available(at);
  if (tokens < 1) return nothing(bucket.nextAt(at));
  const messages = Math.min(tokens, freeOf(carrier, of === 'otp'));
  return { messages, until: null, batchMax, waitMs };
};

/** @param at milliseconds since the epoch. @returns null where there is none of them. */
export const roomOfAll = (all: Iterable<Carrier>, of: MessageClass, at: number): Room | null => {
  let sum: Room | null = null;
  for (const carrier of all) {
    const room = roomOf(carrier, of, at);
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
