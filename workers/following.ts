/**
 * How a worker goes through the log: from the place it kept, fact by fact, keeping its place once a second, and again from there when
 * something fails. A worker that has things to wait for sweeps them every few seconds beside it.
 *
 * At least once: the place that is kept never lies behind something still open (`resumeFrom`), so a restart meets it again.
 */
import type { Fact, Position } from '../domain/fact.js';
import { Rejected } from '../domain/rejected.js';
import type { Feed } from '../projections/feed.js';
import { pause } from '../projections/pause.js';
import type { Checkpoints } from './checkpoints.js';
import { persevere } from './persevere.js';

const savedEveryMs = 1_000;
const sweepEveryMs = 5_000;

export interface Following {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Everything up to here was taken in; null: nothing yet. */
  readonly processed: () => Position | null;
}

/** What every worker that follows the log is made with. */
export interface FollowingOptions {
  readonly feed: Feed;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
  /** The log or the database did not answer: it is tried again. */
  readonly onFailed: (error: unknown) => void;
}

/** What is a worker's own. */
export interface Follower {
  /** Its place is kept under it. */
  readonly name: string;
  readonly eventTypes: readonly string[];
  /** What it throws is told and it is given the fact again, from the place kept; a decision against a command is told and gone past. */
  readonly take: (fact: Fact, signal: AbortSignal) => Promise<void>;
  /** The place to be kept; `processed` unless told. */
  readonly resumeFrom?: (processed: Position | null) => Position | null;
  readonly sweep?: (signal: AbortSignal) => Promise<void>;
  /** The log is followed from the beginning or anew. */
  readonly onStart?: () => void;
  readonly onCaughtUp?: () => void;
}

export const createFollowing = (options: FollowingOptions, follower: Follower): Following => {
  const { feed, checkpoints, now, onFailed } = options;
  const { name, eventTypes, take, sweep } = follower;
  const resumeFrom = follower.resumeFrom ?? ((position: Position | null) => position);
  let processed: Position | null = null;
  let saved: Position | null = null;
  let savedAt = 0;

  const save = async (): Promise<void> => {
    const position = resumeFrom(processed);
    savedAt = now();
    if (position === null || position === saved) return;
    await checkpoints.save(name, position).then(() => (saved = position), onFailed);
  };

  const takeIn = async (fact: Fact, signal: AbortSignal): Promise<void> => {
    try {
      await take(fact, signal);
    } catch (error) {
      // Thrown on it would end the worker, and everything after this fact would wait for ever.
      if (!(error instanceof Rejected)) throw error;
      onFailed(error);
    }
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    const from = await persevere(() => checkpoints.load(name), signal, onFailed);
    processed = saved = from;
    follower.onStart?.();
    const filter = { eventTypes };
    for await (const item of feed.subscribe({ from, filter, signal })) {
      if (item.kind === 'fact') {
        await takeIn(item.fact, signal);
        processed = item.fact.position;
      }
      if (item.kind === 'checkpoint') processed = item.position;
      if (item.kind === 'caughtUp') follower.onCaughtUp?.();
      if (item.kind === 'caughtUp' || now() - savedAt >= savedEveryMs) await save();
    }
    await save();
  };

  const sweepOften = async (signal: AbortSignal): Promise<void> => {
    while (sweep && !signal.aborted) {
      await pause(sweepEveryMs, signal);
      await sweep(signal).then(save).catch(onFailed);
    }
  };

  return {
    run: async (signal) => {
      const following = persevere(() => follow(signal), signal, onFailed).catch(
        (error: unknown) => {
          if (!signal.aborted) throw error;
        },
      );
      await Promise.all([following, sweepOften(signal)]);
    },
    processed: () => processed,
  };
};
