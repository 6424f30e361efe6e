/** Where each read model in documents stands, and how one is made anew. */
import type { Db } from 'mongodb';
import type { Position } from '../../domain/fact.js';
import { documentProjections } from './all.js';
import { forgetDocumentCheckpoint, readDocumentCheckpoint } from './checkpoints.js';
import { collectionOf, type DocumentProjection } from './documentProjection.js';

export interface DocumentStatus {
  readonly readModel: string;
  readonly version: number;
  readonly question: string;
  /** looking: whether there is anything is not known yet; asleep: there is nothing that it could hold yet; filling: it is behind, and a version before it answers, or nobody. */
  readonly status: 'looking' | 'asleep' | 'filling' | 'live';
  readonly position: Position;
  readonly events: number;
  /** Of a store in memory that let older ones go; milliseconds since the epoch. */
  readonly keptFrom: number | null;
}

/** @param db null: the store sleeps, or is being looked for. */
export const readDocumentStatus = (
  db: Db | null,
  withoutDb: 'asleep' | 'looking' = 'asleep',
): Promise<DocumentStatus[]> =>
  Promise.all(
    documentProjections.map(async (projection) => {
      const { name: readModel, version, question } = projection;
      const checkpoint = db && (await readDocumentCheckpoint(db, projection));
      const { position = 0n, events = 0, keptFrom = null } = checkpoint ?? {};
      const status = db ? (checkpoint?.live ? 'live' : 'filling') : withoutDb;
      return { readModel, version, question, status, position, events, keptFrom };
    }),
  );

/**
 * Drops what it holds, in this order: whoever fills it notices that the checkpoint is gone, makes the collection with its indexes and
 * begins anew. What it wrote in between it writes once more.
 */
export const rebuildDocuments = async (db: Db, projection: DocumentProjection): Promise<void> => {
  await db.collection(collectionOf(projection)).drop();
  await forgetDocumentCheckpoint(db, projection);
};
