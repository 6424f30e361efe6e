/**
 * The keys under which an index keeps a document: one for each combination of the values at its fields, an array giving one for
 * each element and one for itself; what is missing counts as null.
 */
import type { Document } from 'bson';
import { elementsAt, isRecord, valuesAt } from './paths.js';

const shared = new Map<string, string>();
const sharedMax = 200_000;
const sharedLength = 64;

/**
 * Equal texts as one and the same, which takes the room of one, and is known to be equal without a look at what it says: most of a search
 * in an index passes keys that begin alike.
 */
const asShared = (value: unknown): unknown => {
  if (typeof value !== 'string' || value.length > sharedLength) return value ?? null;
  const known = shared.get(value);
  if (known !== undefined) return known;
  if (shared.size >= sharedMax) shared.clear();
  shared.set(value, value);
  return value;
};

/** Of a plain field without an array, as nearly all are: what it holds; else undefined. */
const single = (document: Document, path: string): { readonly value: unknown } | undefined => {
  if (path.includes('.')) return undefined;
  const value: unknown = Object.hasOwn(document, path) ? document[path] : null;
  return Array.isArray(value) ? undefined : { value: asShared(value) };
};

const several = (document: Document, path: string): unknown[] => {
  const values = elementsAt(document, path);
  return values.length === 0 ? [null] : values.map(asShared);
};

/** @param paths of the fields, in the order of the index. */
export const orderedKeysOf = (document: Document, paths: readonly string[]): unknown[][] => {
  let keys: unknown[][] = [[]];
  for (const path of paths) {
    const one = single(document, path);
    if (one) for (const key of keys) key.push(one.value);
    else {
      const values = several(document, path);
      keys = keys.flatMap((key) => values.map((value) => [...key, value]));
    }
  }
  return keys;
};

const below = (path: string, name: string): string =>
  path === '' ? name : String(asShared(`${path}.${name}`));

/** Paths within paths of a wildcard index. */
const depthMax = 20;

const leaves = (
  value: unknown,
  path: string,
  depth: number,
  found: [path: string, value: unknown][],
): void => {
  if (depth > depthMax) return;
  if (Array.isArray(value)) {
    if (value.length === 0) found.push([path, value]);
    for (const element of value) {
      if (isRecord(element)) leaves(element, path, depth + 1, found);
      else found.push([path, asShared(element)]);
    }
  } else if (isRecord(value)) {
    let isEmpty = true;
    for (const name in value) {
      isEmpty = false;
      leaves(value[name], below(path, name), depth + 1, found);
    }
    if (isEmpty && path !== '') found.push([path, value]);
  } else {
    found.push([path, asShared(value)]);
  }
};

/**
 * A path and a value for everything under `root`; '' is the whole document but its `_id`. Of lists and records only the empty ones are
 * there as such.
 */
export const wildcardKeysOf = (document: Document, root: string): unknown[][] => {
  const found: [string, unknown][] = [];
  if (root === '') {
    const { _id, ...rest } = document;
    leaves(rest, '', 0, found);
  } else {
    for (const value of valuesAt(document, root)) leaves(value, root, 0, found);
  }
  return found;
};

const noteArrays = (value: unknown, path: string, depth: number, found: Set<string>): void => {
  if (depth > depthMax) return;
  if (Array.isArray(value)) {
    found.add(path);
    for (const element of value) if (isRecord(element)) noteArrays(element, path, depth + 1, found);
  } else if (isRecord(value)) {
    for (const name in value) {
      noteArrays(value[name], below(path, name), depth + 1, found);
    }
  }
};

/** Adds the paths of the arrays under `root`; '' is the whole document. */
export const arrayPathsOf = (document: Document, root: string, found: Set<string>): void => {
  if (root === '') noteArrays(document, '', 0, found);
  else for (const value of valuesAt(document, root)) noteArrays(value, root, 0, found);
};

/** Whether there is an array at the path or on the way to it. */
export const hasArray = (document: Document, path: string): boolean => {
  let value: unknown = document;
  for (const part of path.split('.')) {
    if (!isRecord(value)) return Array.isArray(value);
    value = value[part];
  }
  return Array.isArray(value);
};
