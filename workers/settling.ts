/**
 * The frame of a worker that settles what was reserved ahead of a decision elsewhere (a code, a share of a budget, a card number): it
 * takes note of each reservation, lets the worker react to the facts that settle some, and settles by itself, every few seconds, what
 * is still open when its time is over.
 *
 * At least once, in the order of the log. The position that is kept lies before the oldest reservation still open, so a restart finds
 * it again; what fails is tried again until it is done, and only a decision against a command is told and gone past.
 */
import type { Fact } from '../domain/fact.js';
import type { Rejected } from '../domain/rejected.js';
import type { AnsweringWorker } from './answering.js';
import { createFollowing, type FollowingOptions } from './following.js';
import type { OpenReservations } from './openReservations.js';
import { carryOut } from './persevere.js';

/** An append has a deadline of seconds: what is not recorded by then never will be. */
export const recordedWithinMs = 120_000;

export interface SettlingWorker extends AnsweringWorker {
  /** Settles what is due as of now; `run` does it every 5 s. */
  sweep(signal: AbortSignal): Promise<void>;
  readonly open: () => number;
}

/** What is a worker's own. */
export interface Settlement {
  readonly name: string;
  readonly open: OpenReservations;
  /** Events that make a reservation. */
  readonly reserved: readonly string[];
  /** Events to react to. */
  readonly answered: readonly string[];
  readonly react: (fact: Fact) => Promise<void>;
  /** What becomes of one that is open when its time is over. */
  readonly settle: (reservation: Fact) => Promise<void>;
  /** Milliseconds: when its time is over; `recordedWithinMs` after it was made unless told. */
  readonly dueAt?: (reservation: Fact) => number;
  /** `settle` does not look for a record itself: nothing is due before all that the log has handed out is done. */
  readonly onlyAbreast?: boolean;
  /** A decision against a command, given on this fact; it goes to `onFailed` unless told. */
  readonly onRejected?: (fact: Fact, rejection: Rejected) => void;
}

export const createSettling = (options: FollowingOptions, own: Settlement): SettlingWorker => {
  const { now, onFailed } = options;
  const { name, open, reserved, react, settle, onlyAbreast = false } = own;
  const dueAt = own.dueAt ?? (({ recordedAt }: Fact) => recordedAt + recordedWithinMs);
  const onRejected = own.onRejected ?? ((_fact: Fact, rejection: Rejected) => onFailed(rejection));
  /** Everything that the log has handed out is done: what is not there by its time will not come. */
  let abreast = false;

  const persist = (fact: Fact, work: (fact: Fact) => Promise<void>, signal: AbortSignal) =>
    carryOut(
      () => work(fact),
      signal,
      onFailed,
      (rejection) => onRejected(fact, rejection),
    );

  const sweep = async (signal: AbortSignal): Promise<void> => {
    for (const [key, reservation] of open.all()) {
      if (signal.aborted || (onlyAbreast && !abreast)) return;
      if (dueAt(reservation) > now()) continue;
      await persist(reservation, settle, signal);
      if (open.get(key) === reservation) open.delete(key);
    }
  };

  const take = async (fact: Fact, signal: AbortSignal): Promise<void> => {
    if (reserved.includes(fact.type)) return open.note(fact, following.processed());
    const wasAbreast = abreast;
    abreast = false;
    await persist(fact, react, signal);
    abreast = wasAbreast;
  };

  const following = createFollowing(options, {
    name,
    take,
    sweep,
    eventTypes: [...reserved, ...own.answered],
    resumeFrom: open.resumeFrom,
    onStart: () => (abreast = false),
    onCaughtUp: () => (abreast = true),
  });

  return { run: following.run, sweep, open: open.size };
};
