/**
 * Keeps a read model that lives in memory within its bound: the oldest documents go, a slice at a time, and the checkpoint remembers
 * from when on all is kept, so that a search can say what it does not know. The oldest are those that came first; their times may be in
 * another order, so what is claimed begins behind the latest time of all that ever went.
 */
import type { Db } from 'mongodb';
import { markDocuments, readDocumentCheckpoint } from './checkpoints.js';
import { collectionOf, type DocumentProjection } from './documentProjection.js';
import { removeOldest } from './store.js';

export interface Bound {
  /** After `added` documents were written. */
  keep(added: number): Promise<void>;
}

/** Removing a few each time costs more than some at once. */
const slice = 0.02;

export const createBound = (db: Db, projection: DocumentProjection, share: number): Bound => {
  const { timeField } = projection;
  const most = Math.max(1, Math.floor(projection.inMemoryMax * share));
  const name = collectionOf(projection);
  let count: number | null = null;
  let keptFrom: number | null = null;
  return {
    keep: async (added) => {
      if (count === null) {
        count = await db.collection(name).countDocuments();
        keptFrom = (await readDocumentCheckpoint(db, projection))?.keptFrom ?? null;
      } else count += added;
      if (count <= most * (1 + slice)) return;
      const removed = await removeOldest(db, name, timeField, count - most);
      count -= removed.count;
      if (removed.latest === null) return;
      keptFrom = Math.max(keptFrom ?? 0, removed.latest + 1);
      await markDocuments(db, projection, { keptFrom });
    },
  };
};
