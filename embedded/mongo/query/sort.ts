/** Orders of documents: by the values at paths, an array standing for its least element upwards and its greatest downwards. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import { compareValues } from '../store/order.js';
import { isRecord, valuesAt } from '../store/paths.js';
import type { SortSpec } from '../store/plan.js';

const extreme = (values: readonly unknown[], direction: number): unknown =>
  values.reduce((best, value) => (compareValues(value, best) * direction < 0 ? value : best));

const keyOf = (document: Document, path: string, direction: number): unknown => {
  const found = valuesAt(document, path);
  const values = found.flatMap((value) =>
    Array.isArray(value) && value.length > 0 ? value : [value],
  );
  return values.length === 0 ? null : values.length === 1 ? values[0] : extreme(values, direction);
};

/** @throws MongoFault BadValue. */
export const sortSpecOf = (given: unknown): SortSpec => {
  if (given === undefined || given === null) return [];
  const fields = given instanceof Map ? [...given] : isRecord(given) ? Object.entries(given) : null;
  if (!fields) throw new MongoFault('TypeMismatch', "Expected field 'sort' to be of type object");
  return fields.map(([path, direction]): readonly [string, 1 | -1] => {
    const number = Number(direction);
    if (number === 1 || number === -1) return [String(path), number];
    const message = `$sort key ordering must be 1 (for ascending) or -1 (for descending), not ${String(direction)} of ${String(path)}`;
    throw new MongoFault('BadValue', message);
  });
};

/** For sort(): stable, so what came first stays first among equals. */
export const byOrder = (spec: unknown): ((a: Document, b: Document) => number) => {
  const fields = sortSpecOf(spec);
  return (a, b) => {
    for (const [path, direction] of fields) {
      const order = compareValues(keyOf(a, path, direction), keyOf(b, path, direction));
      if (order !== 0) return order * direction;
    }
    return 0;
  };
};

/** The same with each key looked up once. */
export const sorted = <Item>(
  items: readonly Item[],
  documentOf: (item: Item) => Document,
  spec: SortSpec,
): Item[] => {
  const keyed = items.map((item) => {
    const document = documentOf(item);
    return { item, keys: spec.map(([path, direction]) => keyOf(document, path, direction)) };
  });
  keyed.sort((a, b) => {
    for (const [i, [, direction]] of spec.entries()) {
      const order = compareValues(a.keys[i], b.keys[i]);
      if (order !== 0) return order * direction;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
};
