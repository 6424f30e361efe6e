/**
 * A read model that does not follow with the others: it is behind, being built, has failed, or another runner had it.
 *
 * It goes its own way to the end of the log and then asks to be admitted. After a failure it goes fact by fact, so that the error
 * names the one it cannot take in; it never skips one. While another runner moves its checkpoint it stands by.
 */
import type pg from 'pg';
import { TargetFailed } from './batch.js';
import { CheckpointMoved, knownCheckpoint, recordError } from './checkpoints.js';
import type { Feed } from './feed.js';
import { fill, headOf } from './fill.js';
import { goLive, type Opened } from './open.js';
import { backOffMs, pause } from './pause.js';

export interface StragglerOptions {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly signal: AbortSignal;
  readonly admit: (member: Opened) => Promise<void>;
  readonly onState: (state: StragglerState, error: unknown, attempt: number) => void;
  readonly onFilled: (facts: number) => void;
  readonly retry: RetryTimes;
}

export type StragglerState = 'catchingUp' | 'failed' | 'standingBy';

export interface RetryTimes {
  readonly firstMs: number;
  readonly mostMs: number;
  /** A checkpoint that did not move for so long has no other runner. */
  readonly quietMs: number;
}

const batchMax = 2_000;
/** Losing the checkpoint once may be a rebuild that took its place; twice within this time is another runner. */
const rivalryMs = 60_000;

/** Until the member is admitted or the signal aborts. */
export const straggle = async (
  options: StragglerOptions,
  member: Opened,
  why: unknown,
): Promise<void> => {
  const { pool, signal, retry } = options;
  let failures = 0;
  let lostAt = -Infinity;
  for (let error = why; !signal.aborted;) {
    const reached = member.position;
    try {
      if (error instanceof CheckpointMoved) {
        options.onState('standingBy', error, failures);
        const rival = performance.now() - lostAt < rivalryMs;
        lostAt = performance.now();
        if (rival) await untilQuiet(options, member);
      } else if (error !== null) {
        options.onState('failed', error, failures);
        if (error instanceof TargetFailed) await recordError(pool, member.key, error.message);
        if (failures > 0) await pause(backOffMs(failures, retry.firstMs, retry.mostMs), signal);
      } else {
        options.onState('catchingUp', null, failures);
      }
      if (signal.aborted) return;
      await catchUp(options, member, error === null ? batchMax : 1);
      await options.admit(member);
      return;
    } catch (failure) {
      if (signal.aborted) return;
      error = failure;
      failures = member.position > reached ? 0 : failures + 1;
    }
  }
};

/** `size` doubles with every batch that succeeds. */
const catchUp = async (options: StragglerOptions, member: Opened, size: number): Promise<void> => {
  const { feed, pool, signal } = options;
  member.position = (await knownCheckpoint(pool, member.key)).position;
  let batchSize = size;
  await fill({
    feed,
    pool,
    targets: [member],
    until: { position: await headOf(feed) },
    batchSize: () => batchSize,
    onBatch: ({ facts }) => {
      batchSize = Math.min(batchSize * 2, batchMax);
      options.onFilled(facts);
    },
    signal,
  });
  if (member.status === 'building') await goLive(pool, member);
};

const untilQuiet = async (options: StragglerOptions, member: Opened): Promise<void> => {
  let seen = -1n;
  while (!options.signal.aborted) {
    const { position } = await knownCheckpoint(options.pool, member.key);
    if (position === seen) return;
    seen = position;
    await pause(options.retry.quietMs, options.signal);
  }
};
