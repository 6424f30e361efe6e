/**
 * The keys under which an index keeps a document: one for each combination of the values at its fields, an array giving one for
 * each element and one for itself; what is missing counts as null.
 */
import type { Document } from 'bson';
import { elementsAt, isRecord, valuesAt } from './paths.js';

const orNull = (values: unknown[]): unknown[] => (values.length === 0 ? [null] : values);

/** @param paths of the fields, in the order of the index. */
export const orderedKeysOf = (document: Document, paths: readonly string[]): unknown[][] => {
  let keys: unknown[][] = [[]];
  for (const path of paths) {
    const values = orNull(elementsAt(document, path));
    keys = keys.flatMap((key) => values.map((value) => [...key, value ?? null]));
  }
  return keys;
};

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
    found.push([path, value]);
    for (const element of value) {
      if (isRecord(element)) leaves(element, path, depth + 1, found);
      else found.push([path, element]);
    }
  } else if (isRecord(value)) {
    if (path !== '') found.push([path, value]);
    for (const [name, inner] of Object.entries(value)) {
      leaves(inner, path === '' ? name : `${path}.${name}`, depth + 1, found);
    }
  } else {
    found.push([path, value ?? null]);
  }
};

/** A path and a value for everything under `root`; '' is the whole document but its `_id`. */
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
