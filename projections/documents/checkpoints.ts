/**
 * How far each version of a read model in documents has applied the log: documents of the collection `checkpoints`.
 *
 * Invariant: a position moves only by compare-and-swap, after the documents that it stands for were written. Of two runners one
 * finds it moved, reads it again and goes on from there; what both wrote is the same.
 */
import type { Collection, Db } from 'mongodb';
import type { Position } from '../../domain/fact.js';
import { collectionOf, type DocumentProjection } from './documentProjection.js';

interface CheckpointDocument {
  readonly _id: string;
  readonly position: bigint | number;
  readonly events: number;
  /** It has reached the end of the log once: queries may ask it. */
  readonly live: boolean;
  /** Of the oldest document kept, where a bounded store let older ones go; milliseconds since the epoch. */
  readonly keptFrom?: number | null;
}

export interface DocumentCheckpoint {
  /** 0 before the first event. */
  readonly position: Position;
  readonly events: number;
  readonly live: boolean;
  readonly keptFrom: number | null;
}

export class DocumentCheckpointMoved extends Error {
  override readonly name = 'DocumentCheckpointMoved';
  constructor(collection: string) {
    super(`Another runner or a rebuild moved the checkpoint of ${collection}: it is read again.`);
  }
}

const checkpoints = (db: Db): Collection<CheckpointDocument> => db.collection('checkpoints');

export const readDocumentCheckpoint = async (
  db: Db,
  projection: Pick<DocumentProjection, 'name' | 'version'>,
): Promise<DocumentCheckpoint | null> => {
  const found = await checkpoints(db).findOne({ _id: collectionOf(projection) });
  if (!found) return null;
  const { position, events, live, keptFrom = null } = found;
  return { position: BigInt(String(position)), events, live, keptFrom };
};

export const beginDocumentCheckpoint = async (
  db: Db,
  projection: DocumentProjection,
): Promise<void> => {
  const _id = collectionOf(projection);
  const begun = { position: 0n, events: 0, live: false, keptFrom: null };
  await checkpoints(db).replaceOne({ _id }, begun, { upsert: true });
};

/** @throws DocumentCheckpointMoved */
export const moveDocumentCheckpoint = async (
  db: Db,
  projection: DocumentProjection,
  from: Position,
  to: Position,
  events: number,
): Promise<void> => {
  const _id = collectionOf(projection);
  const moved = await checkpoints(db).updateOne(
    { _id, position: from },
    { $set: { position: to }, $inc: { events } },
  );
  if (moved.matchedCount === 0) throw new DocumentCheckpointMoved(_id);
};

export const markDocuments = async (
  db: Db,
  projection: DocumentProjection,
  marks: Partial<Pick<CheckpointDocument, 'live' | 'keptFrom'>>,
): Promise<void> => {
  await checkpoints(db).updateOne({ _id: collectionOf(projection) }, { $set: marks });
};

/** As if it had never begun. */
export const forgetDocumentCheckpoint = async (
  db: Db,
  projection: DocumentProjection,
): Promise<void> => {
  await checkpoints(db).deleteOne({ _id: collectionOf(projection) });
};
