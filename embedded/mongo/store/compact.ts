/**
 * A document in less room: equal texts are one and the same, and lists have the size that they need. For documents that came over the
 * wire, which nobody else holds.
 */
import type { Document } from 'bson';
import { isRecord } from './paths.js';

const shared = new Map<string, string>();
const sharedMax = 200_000;
const sharedLength = 64;

/**
 * Equal texts as one and the same, which takes the room of one, and is known to be equal without a look at what it says: most of a search
 * in an index passes keys that begin alike.
 */
export const asShared = (value: unknown): unknown => {
  if (typeof value !== 'string' || value.length > sharedLength) return value ?? null;
  const known = shared.get(value);
  if (known !== undefined) return known;
  if (shared.size >= sharedMax) shared.clear();
  shared.set(value, value);
  return value;
};

const compactValue = (value: unknown): unknown => {
  if (typeof value === 'string') return asShared(value);
  // A copy has no room to grow.
  if (Array.isArray(value)) return value.map(compactValue).slice();
  return isRecord(value) ? compact(value) : value;
};

/** Changes the document itself. */
export const compact = (document: Document): Document => {
  for (const name in document) {
    const value: unknown = document[name];
    if (value !== null && value !== undefined) document[name] = compactValue(value);
  }
  return document;
};
