/**
 * The keys under which an index keeps a document: one for each combination of the values at its fields, an array giving one for
 * each element and one for itself; what is missing counts as null.
 */
import type { Document } from 'bson';
import { asShared } from './compact.js';
import { elementsAt, isRecord, valuesAt } from './paths.js';

/** What is at a path, as an index sees it. */
const columnOf = (document: Document, path: string): unknown[] => {
  if (!path.includes('.')) {
    const value: unknown = Object.hasOwn(document, path) ? document[path] : null;
    // A plain field without an array, as nearly all are.
    if (!Array.isArray(value)) return [asShared(value)];
  }
  const values = elementsAt(document, path);
  return values.length === 0 ? [null] : values.map(asShared);
};

/**
 * A key for each combination of the values.
 * @param paths of the fields, in the order of the index.
 */
export const orderedKeysOf = (document: Document, paths: readonly string[]): unknown[][] => {
  const columns = paths.map((path) => columnOf(document, path));
  const count = columns.reduce((product, values) => product * values.length, 1);
  const keys: unknown[][] = [];
  for (let number = 0; number < count; number += 1) {
    // Made in its size: one that grows takes room for more than three times as many fields.
    const key = new Array<unknown>(paths.length);
    let rest = number;
    for (let i = paths.length - 1; i >= 0; i -= 1) {
      const values = columns[i] as unknown[];
      key[i] = values[rest % values.length];
      rest = Math.floor(rest / values.length);
    }
    keys.push(key);
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
