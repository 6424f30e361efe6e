/**
 * Applies facts to documents that stand for histories: reads those that the facts are about, changes them in log order, replaces them.
 *
 * Invariant: a document at a position is what all facts about it up to there make of it. So a fact at or before a document's position is
 * left out, and a writer that lags behind another, or one that begins its batch again, changes nothing.
 */
import type { Db, Document } from 'mongodb';
import type { Fact } from '../../domain/fact.js';
import { type GivingWay, neverInTheWay } from '../givingWay.js';
import {
  collectionOf,
  type DocumentChange,
  type DocumentFields,
  type HistoryDocuments,
  type StoredDocument,
  type Sweep,
} from './documentProjection.js';
import { replaceDocuments, writeDocuments } from './store.js';

/** Documents read at once: one fact may be about hundreds; fewer while it gives way. */
const documentsMax = { usual: 1_000, least: 100 } as const;
/** Written at once: a store in memory answers nobody meanwhile. */
const writtenMax = { usual: 250, least: 100 } as const;

/** While something is urgent, steps are small, and each is a turn: a fact may be about more documents than a turn is for. */
const stepsOf = (givingWay: GivingWay, signal: AbortSignal) => {
  const sizeOf = ({ usual, least }: { readonly usual: number; readonly least: number }): number =>
    givingWay.givesWay() ? least : usual;
  const inTurn = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const endTurn = await givingWay.turn(signal);
    return work().finally(endTurn);
  };
  return {
    sizeOf,
    inTurn,
    inSlices: async (
      documents: readonly StoredDocument[],
      write: (slice: readonly StoredDocument[]) => Promise<void>,
    ): Promise<void> => {
      for (let i = 0; i < documents.length;) {
        const slice = documents.slice(i, i + sizeOf(writtenMax));
        i += slice.length;
        await inTurn(() => write(slice));
      }
    },
  };
};

type Steps = ReturnType<typeof stepsOf>;

interface Part {
  readonly changes: { readonly fact: Fact; readonly of: readonly DocumentChange[] }[];
  readonly ids: Set<string>;
}

const emptyPart = (): Part => ({ changes: [], ids: new Set() });

const never = new AbortController().signal;

/** Answers with how many documents are new. @param signal nobody is waited for any more */
export const applyHistory = async (
  db: Db,
  projection: HistoryDocuments,
  facts: readonly Fact[],
  givingWay: GivingWay = neverInTheWay,
  signal: AbortSignal = never,
): Promise<number> => {
  const name = collectionOf(projection);
  const steps = stepsOf(givingWay, signal);
  let part = emptyPart();
  let added = 0;
  const write = async (): Promise<void> => {
    const done = part;
    part = emptyPart();
    if (done.ids.size > 0) added += await writePart(db, name, done, steps);
  };
  for (const fact of facts) {
    const sweep = projection.sweepOf?.(fact) ?? null;
    const of = projection.changesOf(fact);
    if (sweep || part.ids.size + of.length > steps.sizeOf(documentsMax)) await write();
    if (sweep) await carryOut(db, name, sweep, fact, steps);
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

const writePart = async (
  db: Db,
  name: string,
  { changes, ids }: Part,
  { inTurn, inSlices }: Steps,
): Promise<number> => {
  const found = await inTurn(() =>
    db
      .collection<StoredDocument>(name)
      .find({ _id: { $in: [...ids] } }, { batchSize: ids.size + 1 })
      .toArray(),
  );
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
  { sizeOf, inTurn }: Steps,
): Promise<void> => {
  for (;;) {
    const limit = sizeOf(writtenMax);
    const found = await inTurn(() =>
      db
        .collection(name)
        .find({ ...filter, position: { $lt: position } }, { limit })
        .toArray(),
    );
    if (found.length === 0) return;
    const swept = found.map((document) => {
      const stored = storedOf(document);
      return { ...apply(stored), _id: stored._id, position };
    });
    await inTurn(() => replaceDocuments(db, name, swept));
  }
};
