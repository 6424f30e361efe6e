/**
 * What every question to documents has in common: the version that answers, a deadline on the server, and its errors in our words.
 */
import type { Db, Document, Filter, Sort } from 'mongodb';
import type { Position } from '../../domain/fact.js';
import { readDocumentCheckpoint } from './checkpoints.js';
import { collectionOf, type DocumentProjection } from './documentProjection.js';

/** Answered with 422: the same again would take as long. */
export class SearchTooCostly extends Error {
  override readonly name = 'SearchTooCostly';
  constructor(readonly deadlineMs: number) {
    super(`The search was not done within ${deadlineMs} ms: narrow it.`);
  }
}

/** How far it is, and when it is worth asking again. */
export interface Outlook {
  /** Of the log, 0 to 99. */
  readonly percent: number;
  readonly retryAfterSeconds: number;
}

/** Answered with 503: it is filled from the log, as after a start. */
export class DocumentsNotReady extends Error {
  override readonly name = 'DocumentsNotReady';
  constructor(
    readonly projection: string,
    /** Up to where the log is in it; null: it was not begun yet. */
    readonly position: Position | null = null,
    /** Null: nobody waited for it. */
    readonly outlook: Outlook | null = null,
  ) {
    const soFar = outlook === null ? '' : ` (${outlook.percent} % so far)`;
    const when = outlook === null ? 'in a moment' : `in ${outlook.retryAfterSeconds} s`;
    super(`${projection} is being filled from the log${soFar}: ask again ${when}.`);
  }
}

/** MaxTimeMSExpired, and a sort that needs more memory than the server gives one. */
const tooCostly = new Set<unknown>([50, 96, 292]);

export interface Answering {
  readonly collection: string;
  /** Older documents were let go; milliseconds since the epoch. Null: nothing was. */
  readonly keptFrom: number | null;
}

/** The present version, or, while it is filled, the one before. @throws DocumentsNotReady */
export const answeringVersion = async (
  db: Db,
  { name, version: newest }: Pick<DocumentProjection, 'name' | 'version'>,
): Promise<Answering> => {
  let position: Position | null = null;
  for (let version = newest; version > 0; version -= 1) {
    const checkpoint = await readDocumentCheckpoint(db, { name, version });
    if (version === newest) position = checkpoint?.position ?? null;
    if (checkpoint?.live) {
      return { collection: collectionOf({ name, version }), keptFrom: checkpoint.keptFrom };
    }
  }
  throw new DocumentsNotReady(name, position);
};

export interface Found {
  readonly documents: readonly Document[];
  readonly keptFrom: number | null;
}

/** @throws SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const findDocuments = async (
  db: Db,
  projection: Pick<DocumentProjection, 'name' | 'version'>,
  query: {
    readonly filter: Filter<Document>;
    readonly sort: Sort;
    readonly limit: number;
    readonly fields: readonly string[];
    readonly deadlineMs: number;
  },
): Promise<Found> => {
  const { collection, keptFrom } = await answeringVersion(db, projection);
  const { filter, sort, limit, fields, deadlineMs } = query;
  try {
    const documents = await db
      .collection(collection)
      .find(filter, {
        sort,
        limit,
        maxTimeMS: deadlineMs,
        batchSize: limit,
        projection: Object.fromEntries(fields.map((field) => [field, 1])),
      })
      .toArray();
    return { documents, keptFrom };
  } catch (error) {
    const { code } = error as { code?: unknown };
    throw tooCostly.has(code) ? new SearchTooCostly(deadlineMs) : error;
  }
};
