/**
 * Writes of a read model in documents: its collection with indexes, and batches that may be repeated.
 */
import type { Collection, Db, Document } from 'mongodb';
import type { DocumentIndex, DocumentProjection, StoredDocument } from './documentProjection.js';

type Stored = Document & { readonly _id: string };

const duplicateKey = 11_000;
const namespaceExists = 48;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** Names of optional indexes that the server does not keep. */
export const openCollection = async (
  db: Db,
  name: string,
  { indexes }: Pick<DocumentProjection, 'indexes'>,
): Promise<string[]> => {
  try {
    await db.createCollection(name);
  } catch (error) {
    if (codeOf(error) !== namespaceExists) throw error;
  }
  const refused: string[] = [];
  for (const index of indexes) {
    if (!(await createIndex(db.collection(name), index))) refused.push(index.name);
  }
  return refused;
};

const createIndex = async (
  collection: Collection,
  { key, name, optional }: DocumentIndex,
): Promise<boolean> => {
  try {
    await collection.createIndex({ ...key }, { name });
    return true;
  } catch (error) {
    if (optional && codeOf(error) !== undefined) return false;
    throw error;
  }
};

/** The places in a batch of those that were there already. @throws anything that is not that. */
const alreadyThere = (error: unknown): readonly number[] => {
  const { writeErrors } = error as { writeErrors?: unknown };
  const each = (Array.isArray(writeErrors) ? writeErrors : [writeErrors]) as readonly {
    code?: unknown;
    index?: number;
  }[];
  if (writeErrors === undefined || each.some(({ code }) => code !== duplicateKey)) throw error;
  return each.map(({ index = 0 }) => index);
};

/** A document that is there stays unless it is older. */
export const writeDocuments = async (
  db: Db,
  name: string,
  documents: readonly StoredDocument[],
): Promise<void> => {
  if (documents.length === 0) return;
  const collection = db.collection<Stored>(name);
  let there: readonly number[] = [];
  try {
    await collection.insertMany(documents as unknown as Stored[], { ordered: false });
  } catch (error) {
    there = alreadyThere(error);
  }
  for (const index of there) {
    const { _id, ...rest } = documents[index] as StoredDocument;
    await collection.replaceOne({ _id, position: { $lt: rest.position } }, rest);
  }
};

/** More ids at once would be looked up one by one. */
const removedAtOnce = 1_000;

/** Of a store in memory: removes as many as that, those first that came first. Answers with how many went. */
export const removeOldest = async (db: Db, name: string, surplus: number): Promise<number> => {
  const collection = db.collection<Stored>(name);
  let removed = 0;
  while (removed < surplus) {
    const oldest = await collection
      .find({}, { sort: { $natural: 1 }, projection: { _id: 1 } })
      .limit(Math.min(surplus - removed, removedAtOnce))
      .toArray();
    if (oldest.length === 0) break;
    await collection.deleteMany({ _id: { $in: oldest.map(({ _id }) => _id) } });
    removed += oldest.length;
  }
  return removed;
};
