/**
 * Keeps one read model in documents up to date: opens it, follows the log from its checkpoint, writes batches, moves the checkpoint after
 * them. What goes wrong is tried again from the checkpoint, for ever; no fact is skipped.
 */
import type { Db } from 'mongodb';
import type { Fact, Position } from '../../domain/fact.js';
import type { Feed } from '../feed.js';
import { type GivingWay, neverInTheWay } from '../givingWay.js';
import { type Intake, openIntake } from '../intake.js';
import { backOffMs, pause } from '../pause.js';
import type { ProjectionLogger, ProjectionMetrics } from '../runner.js';
import {
  beginDocumentCheckpoint,
  DocumentCheckpointMoved,
  markDocuments,
  moveDocumentCheckpoint,
  readDocumentCheckpoint,
} from './checkpoints.js';
import { createBound } from './bound.js';
import { collectionOf, type DocumentProjection } from './documentProjection.js';
import { applyHistory } from './history.js';
import { openCollection, writeDocuments } from './store.js';

export interface FollowDocuments {
  readonly feed: Feed;
  readonly db: Db;
  readonly projection: DocumentProjection;
  readonly logger: ProjectionLogger;
  readonly signal: AbortSignal;
  readonly metrics: ProjectionMetrics;
  /** Of the projection's bound, where the documents are in memory; null: all of them are kept. */
  readonly share: number | null;
  /** To what is more urgent; to nothing, unless told. */
  readonly givingWay?: GivingWay;
  readonly onAdvanced: (projection: string, position: Position) => void;
  /** The end of the log was reached for the first time. */
  readonly onCaughtUp: (projection: string) => void;
}

/**
 * Facts of a batch, or documents where one fact makes several, and how long it waits for more. A store in memory answers nobody while it takes
 * one. Of a history the facts that come soon after each other are one write: a message goes from its request to its receipt in some hundred
 * milliseconds.
 */
const ofFacts = { batchMax: 250, lingerMs: 20 } as const;
const ofHistories = { batchMax: 1_000, lingerMs: 200 } as const;
/** While it gives way. */
const giveWayBatchMax = 100;
const ahead = 1_000;
/** A position without facts is written down only so often. */
const idleMoveMs = 1_000;
/** Without anything new its checkpoint is looked at so often: a rebuild takes it away. */
const lookMs = 3_000;
const retry = { firstMs: 250, mostMs: 30_000 } as const;

/** Until the signal aborts; never throws. */
export const followDocuments = async (options: FollowDocuments): Promise<void> => {
  const { signal, logger, projection, metrics } = options;
  const { name } = projection;
  let failures = 0;
  const progress = { made: false };
  while (!signal.aborted) {
    progress.made = false;
    try {
      await followOnce(options, progress);
    } catch (error) {
      if (signal.aborted) return;
      failures = progress.made ? 1 : failures + 1;
      if (error instanceof DocumentCheckpointMoved) {
        logger.info({ err: error, projection: name }, 'the read model goes on elsewhere');
      } else {
        metrics.failed?.(name);
        logger.warn({ err: error, projection: name, failures }, 'documents cannot be written');
      }
      await pause(backOffMs(failures, retry.firstMs, retry.mostMs), signal);
    }
  }
};

/** Where the collection was dropped the log fills it again. */
const open = async ({ db, projection, logger }: FollowDocuments): Promise<Position> => {
  const name = collectionOf(projection);
  const [found] = await db.listCollections({ name }).toArray();
  const checkpoint = await readDocumentCheckpoint(db, projection);
  const refused = await openCollection(db, name, projection);
  if (refused.length > 0) {
    logger.warn(
      { projection: projection.name, indexes: refused },
      'the server keeps no such index',
    );
  }
  if (found && checkpoint) return checkpoint.position;
  await beginDocumentCheckpoint(db, projection);
  return 0n;
};

const followOnce = async (options: FollowDocuments, progress: { made: boolean }): Promise<void> => {
  const { feed, projection, signal } = options;
  const from = await open(options);
  const intake = openIntake(feed, {
    from: from === 0n ? null : from,
    eventTypes: projection.eventTypes,
    ahead,
    ...('countOf' in projection && projection.countOf ? { weightOf: projection.countOf } : {}),
  });
  const onAbort = () => void intake.close();
  signal.addEventListener('abort', onAbort, { once: true });
  const looking = setInterval(() => intake.interrupt(), lookMs);
  try {
    await apply(options, intake, from, progress);
  } finally {
    clearInterval(looking);
    signal.removeEventListener('abort', onAbort);
    await intake.close();
  }
};

const apply = async (
  options: FollowDocuments,
  intake: Intake,
  from: Position,
  progress: { made: boolean },
): Promise<void> => {
  const { db, projection, signal, onAdvanced, onCaughtUp } = options;
  const { share, givingWay = neverInTheWay } = options;
  const { batchMax, lingerMs } = 'changesOf' in projection ? ofHistories : ofFacts;
  const bound = share === null ? null : createBound(db, projection, share);
  let written = from;
  let known = from;
  let live = false;
  let movedAt = 0;
  while (!signal.aborted) {
    const max = givingWay.givesWay() ? Math.min(batchMax, giveWayBatchMax) : batchMax;
    const { facts, position, caughtUp } = await intake.take(max, live ? lingerMs : 0);
    const started = performance.now();
    let added = 0;
    if (facts.length > 0) added = await writeBatch(options, facts);
    else if (position === null) await assertUnmoved(options, written);
    const worthIt = facts.length > 0 || caughtUp || started - movedAt > idleMoveMs;
    if (position !== null && position > written && worthIt) {
      await moveDocumentCheckpoint(db, projection, written, position, facts.length);
      written = position;
      movedAt = started;
    }
    progress.made ||= facts.length > 0;
    await bound?.keep(added);
    if (facts.length > 0) measure(options, facts, started);
    const first = caughtUp && !live;
    live ||= caughtUp;
    if (first) await markDocuments(db, projection, { live: true });
    known = position ?? known;
    // Before that nobody is answered.
    if (live) onAdvanced(projection.name, known);
    if (first) onCaughtUp(projection.name);
  }
};

/** @throws DocumentCheckpointMoved */
const assertUnmoved = async ({ db, projection }: FollowDocuments, at: Position): Promise<void> => {
  const checkpoint = await readDocumentCheckpoint(db, projection);
  if (checkpoint?.position !== at) throw new DocumentCheckpointMoved(collectionOf(projection));
};

/** Answers with how many documents came to those that were there, or more. */
const writeBatch = async (
  { db, projection, givingWay = neverInTheWay, signal }: FollowDocuments,
  facts: readonly Fact[],
): Promise<number> => {
  if ('changesOf' in projection) return applyHistory(db, projection, facts, givingWay, signal);
  const documents = projection.project(facts);
  const { batchMax } = ofFacts;
  for (let from = 0; from < documents.length; from += batchMax) {
    const endTurn = await givingWay.turn(signal);
    const some = documents.slice(from, from + batchMax);
    await writeDocuments(db, collectionOf(projection), some).finally(endTurn);
  }
  return documents.length;
};

const measure = (
  { projection, metrics }: FollowDocuments,
  facts: readonly Fact[],
  started: number,
): void => {
  const last = facts.at(-1)?.recordedAt;
  metrics.batch?.({
    projections: [projection.name],
    facts: facts.length,
    seconds: (performance.now() - started) / 1_000,
    lagSeconds: last === undefined ? null : Math.max(0, Date.now() - last) / 1_000,
  });
};
