/**
 * Keeps a read model that lives in memory within its bound: the oldest documents go, a slice at a time, and the checkpoint remembers
 * from when on the rest begins, so that a search can say what it does not know.
 */
import type { Db } from 'mongodb';
import { markDocuments } from './checkpoints.js';
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
  return {
    keep: async (added) => {
      count = count === null ? await db.collection(name).countDocuments() : count + added;
      if (count <= most * (1 + slice)) return;
      count -= await removeOldest(db, name, count - most);
      const [oldest] = await db
        .collection(name)
        .find({}, { sort: { $natural: 1 }, limit: 1 })
        .toArray();
      const keptFrom = oldest ? new Date(oldest[timeField] as Date).getTime() : null;
      await markDocuments(db, projection, { keptFrom });
    },
  };
};
