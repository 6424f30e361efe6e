/**
 * Applies facts to documents that stand for histories: reads those that the facts are about, changes them in log order, replaces them.
 *
 * Invariant: a document at a position is what all facts about it up to there make of it. So a fact at or before a document's position is
 * left out, and a writer that lags behind another, or one that begins its batch again, changes nothing.
 */
import type { Db, Document } from 'mongodb';
import type { Fact } from '../../domain/fact.js';
import {
  collectionOf,
  type DocumentChange,
  type DocumentFields,
  type HistoryDocuments,
  type StoredDocument,
  type Sweep,
} from './documentProjection.js';
import { replaceDocuments, writeDocuments } from './store.js';

/** Documents read at once: one fact may be about hundreds. */
const documentsMax = 1_000;
/** Written at once: a store in memory answers nobody meanwhile. */
const writtenMax = 250;

const inSlices = async (
  documents: readonly StoredDocument[],
  write: (slice: readonly StoredDocument[]) => Promise<void>,
): Promise<void> => {
  for (let i = 0; i < documents.length; i += writtenMax) {
    await write(documents.slice(i, i + writtenMax));
  }
};

interface Part {
  readonly changes: { readonly fact: Fact; readonly of: readonly DocumentChange[] }[];
  readonly ids: Set<string>;
}

const emptyPart = (): Part => ({ changes: [], ids: new Set() });

/** Answers with how many documents are new. */
export const applyHistory = async (
  db: Db,
  projection: HistoryDocuments,
  facts: readonly Fact[],
): Promise<number> => {
  const name = collectionOf(projection);
  let part = emptyPart();
  let added = 0;
  const write = async (): Promise<void> => {
    const done = part;
    part = emptyPart();
    if (done.ids.size > 0) added += await writePart(db, name, done);
  };
  for (const fact of facts) {
    const sweep = projection.sweepOf?.(fact) ?? null;
    const of = projection.changesOf(fact);
    if (sweep || part.ids.size + of.length > documentsMax) await write();
    if (sweep) await carryOut(db, name, sweep, fact);
    if (of.length === 0) continue;
    part.changes.push({ fact, of });
    for (const { id } of of) part.ids.add(id);
  }
  await write();
  return added;
};

const storedOf = (document: Document): StoredDocument => ({
  ...(document as Document & { _id: string }),
  position: BigInt(String(document['position'])),
});

const writePart = async (db: Db, name: string, { changes, ids }: Part): Promise<number> => {
  const found = await db
    .collection<StoredDocument>(name)
    .find({ _id: { $in: [...ids] } }, { batchSize: ids.size + 1 })
    .toArray();
  const there = new Map(found.map((document) => [document._id, storedOf(document)]));
  const made = new Map<string, StoredDocument>();
  for (const { fact, of } of changes) {
    for (const { id, apply } of of) {
      const known = there.get(id);
      if (known && known.position >= fact.position) continue;
      const fields: DocumentFields | undefined = apply(made.get(id) ?? known);
      if (!fields) continue;
      // Copied and then added to: cheaper by far than a spread with more behind it.
      const next: Record<string, unknown> = { ...fields };
      next['_id'] = id;
      next['position'] = fact.position;
      made.set(id, next as unknown as StoredDocument);
    }
  }
  const added: StoredDocument[] = [];
  const changed: StoredDocument[] = [];
  for (const document of made.values()) (there.has(document._id) ? changed : added).push(document);
  await inSlices(added, (slice) => writeDocuments(db, name, slice));
  await inSlices(changed, (slice) => replaceDocuments(db, name, slice));
  return added.length;
};

/** Page by page: what was swept is not found again, neither by its filter nor by its position. */
const carryOut = async (
  db: Db,
  name: string,
  { filter, apply }: Sweep,
  { position }: Fact,
): Promise<void> => {
  for (;;) {
    const found = await db
      .collection(name)
      .find({ ...filter, position: { $lt: position } }, { limit: writtenMax })
      .toArray();
    if (found.length === 0) return;
    const swept = found.map((document) => {
      const stored = storedOf(document);
      return { ...apply(stored), _id: stored._id, position };
    });
    await replaceDocuments(db, name, swept);
  }
};
