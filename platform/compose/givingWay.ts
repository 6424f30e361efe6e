/**
 * Whose turn it is among the threads of this process that can wait, told through memory that all of them share. While one-time passwords
 * come, one of them works at a time and all of them rest after it: with two processors a password mostly finds one of them idle at each of its
 * ten steps, where it would wait for the scheduler's next tick otherwise (docs/decisions/0032).
 *
 * The thread of the read models in tables takes no part: tills and their customers ask for what it writes.
 *
 * It is a courtesy and guards nothing: whoever keeps its turn for too long, or ends with it, is passed over, and whoever waits for too long goes
 * on without. All times are milliseconds since the epoch.
 */
import type { GivingWay } from '../../projections/givingWay.js';
import { pause } from '../../projections/pause.js';

export type TurnsMemory = SharedArrayBuffer;

export interface Turns extends GivingWay {
  /** A one-time password was accepted or is being sent. */
  hear(): void;
  /** @returns what ends it; null: it is another's, or all rest, and one was not refused for too long yet. */
  tryTurn(): (() => void) | null;
  /** When to try again. */
  readonly freeAt: number;
}

const urgentAt = 0;
const freeAt = 1;

const giveWayMs = 3_000;
/** Then it counts as over. */
const turnMostMs = 250;
const restMostMs = 150;
/** Of what the turn took. */
const restShare = 1;
/** Then it goes on without. */
const waitMostMs = 1_000;
const lookMs = 4;

const withoutTurn = (): void => undefined;

export const openTurnsMemory = (): TurnsMemory =>
  new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);

export const joinTurns = (memory: TurnsMemory, now: () => number = Date.now): Turns => {
  const times = new BigInt64Array(memory);
  const timeOf = (place: number): number => Number(Atomics.load(times, place));
  const givesWay = (): boolean => now() - timeOf(urgentAt) < giveWayMs;

  const claim = (): (() => void) | null => {
    const startedAt = now();
    const seen = Atomics.load(times, freeAt);
    if (Number(seen) > startedAt) return null;
    const mine = BigInt(startedAt + turnMostMs);
    if (Atomics.compareExchange(times, freeAt, seen, mine) !== seen) return null;
    return () => {
      const at = now();
      const rest = Math.min(restMostMs, (at - startedAt) * restShare);
      // Where it took too long, it is another's by now.
      Atomics.compareExchange(times, freeAt, mine, BigInt(Math.ceil(at + rest)));
    };
  };

  /** Since when nothing but refusals came of trying. */
  let refusedAt: number | null = null;

  return {
    givesWay,
    tryTurn: () => {
      const end = claim();
      refusedAt = end ? null : (refusedAt ?? now());
      if (refusedAt === null || now() - refusedAt < waitMostMs) return end;
      refusedAt = null;
      return withoutTurn;
    },
    hear: () => void Atomics.store(times, urgentAt, BigInt(now())),
    get freeAt() {
      return timeOf(freeAt);
    },
    turn: async (signal) => {
      const giveUpAt = now() + waitMostMs;
      while (givesWay() && !signal.aborted && now() < giveUpAt) {
        const end = claim();
        if (end) return end;
        // Those who wait for the same moment do not come in the same order each time.
        await pause(Math.max(1, timeOf(freeAt) - now()) + lookMs * Math.random(), signal);
      }
      return withoutTurn;
    },
  };
};

const restOfWait = 8;
const restOfWaitMostMs = 500;

/**
 * Rests before each turn for a multiple of the time that the thread had to wait for a processor since the last. The scheduler gives such a
 * thread what nobody else wants; but who is woken then finds no processor idle, stays on that of its waker and takes it from it
 * (docs/decisions/0036). Where nobody else is at work there are no waits, and no rests.
 * @param waitedMs of this thread since it began. @param mayRest whether nobody is kept waiting by it.
 */
export const restingAsItWaits = (
  givingWay: GivingWay,
  waitedMs: () => number,
  mayRest: () => boolean = () => true,
): GivingWay => {
  let before = waitedMs();
  return {
    givesWay: givingWay.givesWay,
    turn: async (signal) => {
      const restMs = Math.min(restOfWaitMostMs, (waitedMs() - before) * restOfWait);
      if (restMs >= 1 && mayRest()) await pause(restMs, signal);
      before = waitedMs();
      return givingWay.turn(signal);
    },
  };
};
