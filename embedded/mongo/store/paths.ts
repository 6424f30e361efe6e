/**
 * What stands at a dotted path of a document, the way MongoDB reads it: an array on the way is gone through element by element, and
 * a number in the path also picks an element.
 */
import type { Document } from 'bson';

export const isRecord = (value: unknown): value is Document => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const isNumber = /^\d+$/;

const collect = (value: unknown, parts: readonly string[], at: number, found: unknown[]): void => {
  if (at === parts.length) {
    found.push(value);
    return;
  }
  const part = parts[at] as string;
  if (Array.isArray(value)) {
    if (isNumber.test(part) && Number(part) < value.length) {
      collect(value[Number(part)], parts, at + 1, found);
    }
    for (const element of value) if (isRecord(element)) collect(element, parts, at, found);
  } else if (isRecord(value) && Object.hasOwn(value, part)) {
    collect(value[part], parts, at + 1, found);
  }
};

const split = new Map<string, readonly string[]>();
const splitMax = 10_000;

const partsOf = (path: string): readonly string[] => {
  let parts = split.get(path);
  if (!parts) {
    if (split.size >= splitMax) split.clear();
    split.set(path, (parts = path.split('.')));
  }
  return parts;
};

/** Empty: there is nothing at that path. */
export const valuesAt = (document: Document, path: string): unknown[] => {
  const found: unknown[] = [];
  collect(document, partsOf(path), 0, found);
  return found;
};

/** With the elements of arrays beside the arrays themselves, as a query and an index see them. */
export const elementsAt = (document: Document, path: string): unknown[] =>
  valuesAt(document, path).flatMap((value) => (Array.isArray(value) ? [...value, value] : [value]));

const someFrom = (
  value: unknown,
  parts: readonly string[],
  at: number,
  test: (value: unknown) => boolean,
): boolean => {
  if (at === parts.length) {
    return test(value) || (Array.isArray(value) && value.some((element) => test(element)));
  }
  const part = parts[at] as string;
  if (Array.isArray(value)) {
    const picked = isNumber.test(part) && Number(part) < value.length;
    if (picked && someFrom(value[Number(part)], parts, at + 1, test)) return true;
    return value.some((element) => isRecord(element) && someFrom(element, parts, at, test));
  }
  return (
    isRecord(value) && Object.hasOwn(value, part) && someFrom(value[part], parts, at + 1, test)
  );
};

/** Whether some value there, or some element of an array there, is what `test` says. */
export const someAt = (
  document: Document,
  path: string,
  test: (value: unknown) => boolean,
): boolean => someFrom(document, partsOf(path), 0, test);
