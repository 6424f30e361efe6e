/**
 * Finds documents: by the words asked for, else by the best index, else one by one; judged by the whole filter in any case, and
 * sorted where the index did not give the order.
 */
import type { Document } from 'bson';
import { asFault, MongoFault } from '../errors.js';
import type { Collection } from '../store/collection.js';
import { isRecord } from '../store/paths.js';
import { candidates, type Plan, planFor, type SortSpec } from '../store/plan.js';
import type { StoredDocument } from '../store/storedDocument.js';
import { type Filter, filterOf } from './filter.js';
import { sorted, sortSpecOf } from './sort.js';

export interface Selection {
  readonly filter?: unknown;
  readonly sort?: unknown;
  readonly skip?: number;
  /** 0 or nothing: all. */
  readonly limit?: number;
  /** The name of an index, or its key. */
  readonly hint?: unknown;
  /** How long it may look at documents, milliseconds; 0 or nothing: for ever. */
  readonly maxTimeMS?: number;
}

export interface Found {
  readonly stored: StoredDocument;
  readonly score: number | null;
}

export interface Selected {
  readonly found: readonly Found[];
  readonly plan: Plan;
  /** The text index answered. */
  readonly byText: boolean;
  readonly keysExamined: number;
  readonly documentsExamined: number;
}

const hintOf = (collection: Collection, hint: unknown): string | null => {
  if (hint === undefined || hint === null) return null;
  if (typeof hint === 'string') return hint;
  if (!isRecord(hint)) throw new MongoFault('TypeMismatch', 'hint must be a string or an object');
  if ('$natural' in hint) return '$natural';
  const key = JSON.stringify(hint);
  const named = collection.indexes.find((spec) => JSON.stringify(spec.key) === key);
  return named?.name ?? key;
};

const isScoreOrder = (sort: unknown): boolean =>
  isRecord(sort) && Object.values(sort).some((by) => isRecord(by) && by['$meta'] === 'textScore');

const textCandidates = (collection: Collection, { text }: Filter): Found[] => {
  if (!collection.text)
    throw new MongoFault('IndexNotFound', 'text index required for $text query');
  const scores = collection.text.find(text ?? { any: [], phrases: [], none: [] });
  return [...scores].map(([stored, score]) => ({ stored, score }));
};

/** Documents between two looks at the clock. */
const lookEvery = 128;

/** To be called for every document. @throws MongoFault MaxTimeMSExpired */
const deadlineOf = ({ maxTimeMS = 0 }: Selection): (() => void) => {
  if (maxTimeMS <= 0) return () => undefined;
  const until = performance.now() + maxTimeMS;
  let looked = 0;
  return () => {
    looked += 1;
    if (looked % lookEvery === 0 && performance.now() > until) {
      throw new MongoFault('MaxTimeMSExpired', 'operation exceeded time limit');
    }
  };
};

/** A value that an operator cannot take may show only when it meets a document. */
const judged = (matches: Filter['matches'], document: Document): boolean => {
  try {
    return matches(document);
  } catch (error) {
    throw asFault(error);
  }
};

const selectByText = (collection: Collection, filter: Filter, selection: Selection): Selected => {
  const all = textCandidates(collection, filter);
  const inTime = deadlineOf(selection);
  const matching = all.filter(({ stored }) => {
    inTime();
    return judged(filter.matches, stored.document);
  });
  const ordered = isScoreOrder(selection.sort)
    ? matching.sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.stored.number - b.stored.number)
    : sorted(matching, ({ stored }) => stored.document, sortSpecOf(selection.sort));
  const { skip = 0, limit = 0 } = selection;
  return {
    found: ordered.slice(skip, limit > 0 ? skip + limit : undefined),
    plan: { index: null, intervals: [], backwards: false, sorted: true },
    byText: true,
    keysExamined: all.length,
    documentsExamined: all.length,
  };
};

/** @throws MongoFault. */
export const select = (collection: Collection, selection: Selection): Selected => {
  const filter = filterOf(selection.filter);
  if (filter.text) return selectByText(collection, filter, selection);
  const sort = naturalOrder(selection.sort) ? [] : sortSpecOf(selection.sort);
  const hint = hintOf(collection, selection.hint);
  const { skip = 0, limit = 0 } = selection;
  const wanted = limit > 0 ? skip + limit : 0;
  const plan = planFor(collection.ordered, filter.conditions, sort, hint, wanted);
  return selectByPlan(collection, filter, plan, sort, selection);
};

const naturalOrder = (sort: unknown): boolean => isRecord(sort) && '$natural' in sort;

const selectByPlan = (
  collection: Collection,
  filter: Filter,
  plan: Plan,
  sort: SortSpec,
  selection: Selection,
): Selected => {
  const { skip = 0, limit = 0 } = selection;
  const inTime = deadlineOf(selection);
  const inOrder = sort.length === 0 || plan.sorted;
  const enough = inOrder && limit > 0 ? skip + limit : Infinity;
  const keys = { examined: 0 };
  const found: Found[] = [];
  let documentsExamined = 0;
  for (const stored of candidates(plan, collection.all(), keys)) {
    documentsExamined += 1;
    inTime();
    if (!judged(filter.matches, stored.document)) continue;
    if (found.push({ stored, score: null }) >= enough) break;
  }
  const ordered = inOrder ? found : sorted(found, ({ stored }) => stored.document, sort);
  return {
    found:
      skip > 0 || limit > 0 ? ordered.slice(skip, limit > 0 ? skip + limit : undefined) : ordered,
    plan,
    byText: false,
    keysExamined: keys.examined,
    documentsExamined,
  };
};
