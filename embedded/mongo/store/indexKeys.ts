/**
 * The keys under which an index keeps a document: one for each combination of the values at its fields, an array giving one for
 * each element and one for itself; what is missing counts as null.
 */
import type { Document } from 'bson';
import { elementsAt, isRecord, valuesAt } from './paths.js';

/** Of a plain field without an array, as nearly all are: what it holds; else undefined. */
const single = (document: Document, path: string): { readonly value: unknown } | undefined => {
  if (path.includes('.')) return undefined;
  const value: unknown = Object.hasOwn(document, path) ? document[path] : null;
  return Array.isArray(value) ? undefined : { value: value ?? null };
};

const several = (document: Document, path: string): unknown[] => {
  const values = elementsAt(document, path);
  return values.length === 0 ? [null] : values.map((value) => value ?? null);
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

const noteArrays = (value: unknown, path: string, depth: number, found: Set<string>): void => {
  if (depth > depthMax) return;
  if (Array.isArray(value)) {
    found.add(path);
    for (const element of value) if (isRecord(element)) noteArrays(element, path, depth + 1, found);
  } else if (isRecord(value)) {
    for (const name in value) {
      noteArrays(value[name], path === '' ? name : `${path}.${name}`, depth + 1, found);
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
