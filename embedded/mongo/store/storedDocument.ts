import type { Document } from 'bson';

/** A document in its place. What it holds is replaced, never changed, so whoever read it before keeps what he read. */
export interface StoredDocument {
  /** Counts insertions of the collection: the natural order, and the order among equal keys. */
  readonly number: number;
  document: Document;
}
