/**
 * Fills read models from where they are to a place in the log and stops there exactly: catching up, rebuilding, replaying and
 * verifying are all this.
 *
 * Built for speed: batches are large, and while one is written the next is received, decoded and projected.
 */
import type pg from 'pg';
import type { Fact, Position } from '../domain/fact.js';
import { commitBatch, prepareBatch, type Target } from './batch.js';
import type { Feed } from './feed.js';
import { openIntake, type Taken } from './intake.js';
import { eventTypesOf } from './projection.js';

export interface Until {
  readonly position: Position;
  /** Milliseconds since the epoch: stops before the first fact that was recorded later. */
  readonly recordedAt?: number;
}

export interface FillOptions {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  /** All at the same position. */
  readonly targets: readonly Target[];
  readonly until: Until;
  /** Facts in a transaction; 2,000 unless told. Asked before each. */
  readonly batchSize?: () => number;
  /** Called after each commit. */
  readonly onBatch?: (done: { readonly facts: number; readonly position: Position }) => void;
  /** Stops between two batches. @throws its reason */
  readonly signal: AbortSignal;
}

const batchMax = 2_000;
/** A log that is read more slowly than it is written would be written in crumbs. */
const lingerMs = 100;

interface Cut {
  readonly facts: readonly Fact[];
  /** Where the targets stand when these facts are applied. */
  readonly to: Position | null;
  readonly done: boolean;
}

/**
 * What of a batch lies before the end. `position` is known to be in the log when filling starts, so a feed that has caught up has
 * handed out everything up to it, whether or not an item says so.
 */
const cutAt = ({ position: end, recordedAt }: Until, taken: Taken): Cut => {
  const later = taken.facts.findIndex(
    (fact) => fact.position > end || (recordedAt !== undefined && fact.recordedAt > recordedAt),
  );
  if (later >= 0) {
    const facts = taken.facts.slice(0, later);
    const beyondEnd = (taken.facts[later]?.position ?? end) > end;
    return { facts, to: beyondEnd ? end : (facts.at(-1)?.position ?? null), done: true };
  }
  const passed = taken.caughtUp || (taken.position !== null && taken.position >= end);
  return { facts: taken.facts, to: passed ? end : taken.position, done: passed };
};

/** Answers once every target is at the end. */
export const fill = async (options: FillOptions): Promise<void> => {
  const { feed, pool, targets, until, signal, onBatch } = options;
  const batchSize = options.batchSize ?? (() => batchMax);
  const from = targets[0]?.position ?? 0n;
  if (from >= until.position) return;
  const intake = openIntake(feed, {
    from: from === 0n ? null : from,
    eventTypes: eventTypesOf(targets.map(({ projection }) => projection)),
    ahead: 2 * batchMax,
  });
  const onAbort = () => void intake.close();
  signal.addEventListener('abort', onAbort, { once: true });
  let writing = Promise.resolve();
  try {
    for (let done = false; !done;) {
      signal.throwIfAborted();
      const cut = cutAt(until, await intake.take(batchSize(), lingerMs));
      done = cut.done;
      const to = cut.to;
      if (to === null) continue;
      const parts = prepareBatch(targets, cut.facts);
      await writing;
      if (to <= (targets[0]?.position ?? 0n)) continue;
      writing = commitBatch(pool, parts, to).then(() =>
        onBatch?.({ facts: cut.facts.length, position: to }),
      );
      writing.catch(() => undefined); // seen at the next await
    }
    await writing;
  } catch (error) {
    await writing.catch(() => undefined);
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await intake.close();
  }
};

/** The end of the log as it is now; 0 when it is empty. */
export const headOf = async (feed: Feed): Promise<Position> => (await feed.head()) ?? 0n;
