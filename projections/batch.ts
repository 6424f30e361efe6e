/**
 * One batch of facts into any number of read models at the same position: rows and checkpoints in one transaction.
 *
 * Facts are received and decoded once and told apart by type; what is one read model's fault is named, so that it can be left
 * behind and the others go on.
 */
import type pg from 'pg';
import type { Fact, Position } from '../domain/fact.js';
import { isStorable, storable } from '../domain/storable.js';
import { advance, type CheckpointKey } from './checkpoints.js';
import type { Projection, Write } from './projection.js';
import { inTransaction, isOutage } from './transaction.js';

/** A version of a read model being filled. */
export interface Target {
  readonly projection: Projection;
  readonly schema: string;
  readonly key: CheckpointKey;
  /** Of the last fact applied. Moved by `commitBatch`. */
  position: Position;
  /** Facts applied by this process. Moved by `commitBatch`. */
  events: number;
}

/** A fact that this read model cannot take in, or rows that its tables refuse. */
export class TargetFailed extends Error {
  override readonly name = 'TargetFailed';
  /** Private, so that a log of the error holds neither tables nor facts. */
  readonly #target: Target;
  constructor(
    target: Target,
    facts: readonly Fact[],
    override readonly cause: unknown,
  ) {
    const first = facts[0];
    const last = facts.at(-1);
    const where =
      first && last && first !== last
        ? `positions ${first.position} to ${last.position}`
        : `position ${first?.position} (${first?.type} on ${first?.stream})`;
    super(`${target.key.projection} failed at ${where}: ${messageOf(cause)}`);
    this.#target = target;
  }

  get target(): Target {
    return this.#target;
  }
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

export interface Part {
  readonly target: Target;
  readonly facts: readonly Fact[];
  readonly write: Write | null;
}

const partOf = (target: Target, facts: readonly Fact[]): Part => {
  const { eventTypes, prepare } = target.projection;
  const wanted = facts.filter(({ type }) => eventTypes.has(type));
  if (wanted.length === 0) return { target, facts: wanted, write: null };
  try {
    return { target, facts: wanted, write: prepare(wanted) };
  } catch (error) {
    throw new TargetFailed(target, wanted, error);
  }
};

/**
 * What was recorded before the log refused it is taken in with a mark in place of each character that PostgreSQL cannot store: one such fact
 * would keep its read models where they are for good. The log keeps it as it was said, and histories show that.
 */
const storableFact = (fact: Fact): Fact =>
  isStorable(fact.data) ? fact : Object.assign({}, fact, { data: storable(fact.data) });

/** The pure part. @throws TargetFailed */
export const prepareBatch = (targets: readonly Target[], facts: readonly Fact[]): Part[] => {
  const stored = facts.map(storableFact);
  return targets.map((target) => partOf(target, stored));
};

/**
 * Writes the parts and moves every target to `to`.
 * @throws TargetFailed where one read model is at fault, CheckpointMoved where another runner was there first, anything else
 * where the database is away: then nothing is known of the commit until the checkpoint is read again.
 */
export const commitBatch = async (
  pool: pg.Pool,
  parts: readonly Part[],
  to: Position,
): Promise<void> => {
  const moves = parts.map(({ target, facts }) => ({
    key: target.key,
    from: target.position,
    events: facts.length,
  }));
  await inTransaction(pool, async (db) => {
    await advance(db, moves, to);
    for (const { target, facts, write } of parts) {
      try {
        await write?.(db, target.schema);
      } catch (error) {
        throw isOutage(error) ? error : new TargetFailed(target, facts, error);
      }
    }
  });
  for (const { target, facts } of parts) {
    target.position = to;
    target.events += facts.length;
  }
};
