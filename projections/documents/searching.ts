/**
 * What searches among documents have in common: the conditions that a question is made of, and pages that go on behind the last document
 * by its key, so that what comes meanwhile neither repeats nor hides any.
 */
import type { Db, Document } from 'mongodb';
import { type Page, pageOf } from '../pages.js';
import type { DocumentProjection } from './documentProjection.js';
import { findDocuments } from './reading.js';
import { wordFilter, wordQueryOf } from './words.js';

export type Conditions = Record<string, unknown>;

/** From when to when, both included; milliseconds since the epoch. */
export interface Span {
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
}

export interface FoundPage<Row> extends Page<Row> {
  /** Older ones were let go by a store in memory; milliseconds since the epoch, null: none were. */
  readonly keptFrom: number | null;
}

/** Of the fields that are asked for; what is undefined is not. */
export const equalTo = (asked: Conditions): Conditions =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));

/** A time within all of the spans. */
export const within = (field: string, ...spans: readonly Span[]): Conditions[] => {
  const from = spans.flatMap((span) => span.from ?? []);
  const to = spans.flatMap((span) => span.to ?? []);
  const range = {
    ...(from.length > 0 ? { $gte: new Date(Math.max(...from)) } : {}),
    ...(to.length > 0 ? { $lte: new Date(Math.min(...to)) } : {}),
  };
  return Object.keys(range).length > 0 ? [{ [field]: range }] : [];
};

/** @param text `gateway time* -retry` */
export const withWords = (text: string | undefined): Conditions[] =>
  text === undefined ? [] : wordFilter('words', wordQueryOf(text));

/** Behind a document by its key, in the order of the sort. The first condition is for the index, which cannot use the second. */
export const behindKey = (past: '$lt' | '$gt', key: Conditions): Conditions[] => {
  const parts = Object.entries(key);
  const [first, value] = parts[0] as (typeof parts)[number];
  const steps = parts.map(([field, at], index) => ({
    ...Object.fromEntries(parts.slice(0, index)),
    [field]: { [past]: at },
  }));
  return parts.length === 1 ? steps : [{ [first]: { [`${past}e`]: value } }, { $or: steps }];
};

/** @throws SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const findPage = async <Row>(
  db: Db,
  projection: Pick<DocumentProjection, 'name' | 'version'>,
  query: Parameters<typeof findDocuments>[2],
  /** Of the page; `query` asks for one more. */
  limit: number,
  keyOf: (document: Document) => readonly (string | number)[],
  rowOf: (document: Document) => Row,
): Promise<FoundPage<Row>> => {
  const { documents, keptFrom } = await findDocuments(db, projection, query);
  return { ...pageOf(documents, { limit }, keyOf, rowOf), keptFrom };
};
