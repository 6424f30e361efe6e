/**
 * Writes of a read model in documents: its collection with indexes, and batches that may be repeated.
 */
import type { Db, Document } from 'mongodb';
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
  const collection = db.collection(name);
  const listed = await collection.indexes();
  const refused: string[] = [];
  for (const index of indexes) {
    if (listed.some((there) => there.name === index.name)) continue;
    if (index.optional && !(await isKept(db, name, index))) refused.push(index.name);
    else await collection.createIndex({ ...index.key }, { name: index.name });
  }
  return refused;
};

/**
 * Tried on a collection of its own: there are servers that take an index which they cannot keep, and refuse every document after it.
 * @throws what says that there is no server.
 */
const isKept = async (db: Db, name: string, { key }: DocumentIndex): Promise<boolean> => {
  const trial = db.collection<Stored>(`${name}_trial`);
  try {
    await trial.createIndex({ ...key });
    await trial.insertOne({ _id: 'trial', data: { a: [1, { b: 'c' }] } } as Stored);
    return true;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  } finally {
    await trial.drop();
  }
};

/** The places in a batch of those that were there already. @throws anything that is not that. */
const alreadyThere = (error: unknown): readonly number[] => {
  const { writeErrors } = error as { writeErrors?: unknown };
  const each = (Array.isArray(writeErrors) ? writeErrors : [writeErrors]) as readonly {
    code?: unknown;
    index?: number;
  }[];
  if (each.length === 0 || each.some((one) => one?.code !== duplicateKey)) throw error;
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

/** Of documents that are known to be there: each takes the place of an older one only. */
export const replaceDocuments = async (
  db: Db,
  name: string,
  documents: readonly StoredDocument[],
): Promise<void> => {
  if (documents.length === 0) return;
  await db.collection<Stored>(name).bulkWrite(
    documents.map(({ _id, ...replacement }) => ({
      replaceOne: { filter: { _id, position: { $lt: replacement.position } }, replacement },
    })),
    { ordered: false },
  );
};

/** More ids at once would be looked up one by one. */
const removedAtOnce = 1_000;

/** What went of a store in memory. */
export interface Removed {
  readonly count: number;
  /** The latest time of them: they went as they came, and times may come out of order. Milliseconds since the epoch; null: none. */
  readonly latest: number | null;
}

/** Of a store in memory: removes as many as that, those first that came first. @param timeField with a document's time. */
export const removeOldest = async (
  db: Db,
  name: string,
  timeField: string,
  surplus: number,
): Promise<Removed> => {
  const collection = db.collection<Stored>(name);
  let count = 0;
  let latest: number | null = null;
  while (count < surplus) {
    const oldest = await collection
      .find({}, { sort: { $natural: 1 }, projection: { _id: 1, [timeField]: 1 } })
      .limit(Math.min(surplus - count, removedAtOnce))
      .toArray();
    if (oldest.length === 0) break;
    await collection.deleteMany({ _id: { $in: oldest.map(({ _id }) => _id) } });
    count += oldest.length;
    for (const document of oldest) {
      const time = new Date(document[timeField] as Date).getTime();
      if (Number.isFinite(time)) latest = Math.max(latest ?? time, time);
    }
  }
  return { count, latest };
};
