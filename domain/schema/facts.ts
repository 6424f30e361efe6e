/**
 * What can be told of the values that a schema takes without looking at any: their types, and the values themselves where there is a
 * list of them. Always rather too many than too few: whoever builds on it must never leave out one that is taken.
 */
import {
  isAnnotation,
  isSchemaObject,
  type Schema,
  type SchemaDocument,
  type SchemaObject,
} from './schema.js';

export const valueTypes = [
  ...(['null', 'boolean', 'integer', 'fraction', 'string', 'array', 'object'] as const),
];
export type ValueType = (typeof valueTypes)[number];

/** Schemas of one document that all hold of a value. */
export type Holding = readonly Schema[];

export const typeOfValue = (value: unknown): ValueType => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value as ValueType;
  return 'object';
};

/** It says nothing but where to look. */
export const isReference = (schema: SchemaObject): boolean =>
  Object.keys(schema).every((word) => word === '$ref' || word === '$defs' || isAnnotation(word));

/** A schema with everything that holds whenever it does. */
export const holdingOf = (document: SchemaDocument, schema: Schema): Holding => {
  if (typeof schema === 'boolean') return [schema];
  const { $ref, allOf } = schema;
  const target = typeof $ref === 'string' ? document.resolve($ref) : undefined;
  const parts = [...(target === undefined ? [] : [target]), ...((allOf ?? []) as Schema[])];
  const own = target !== undefined && isReference(schema) ? [] : [schema];
  return [...own, ...parts.flatMap((part) => holdingOf(document, part))];
};

export const objectsOf = (holding: Holding): SchemaObject[] => holding.filter(isSchemaObject);

/** Equal values have equal texts. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, item: unknown) =>
    isSchemaObject(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

/** Those of `const` and `enum`; null: it has no list. */
const listedIn = (schema: SchemaObject): readonly unknown[] | null => {
  if (Object.hasOwn(schema, 'const')) return [schema['const']];
  return Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]) : null;
};

const typesNamed = (schema: SchemaObject): ReadonlySet<ValueType> | null => {
  const { type } = schema;
  if (type === undefined) return null;
  const names = (Array.isArray(type) ? type : [type]) as string[];
  return new Set(
    names.flatMap((name): ValueType[] =>
      name === 'number' ? ['integer', 'fraction'] : [name as ValueType],
    ),
  );
};

/** The types of the values that may be taken; empty: none is. */
export const typesOf = (document: SchemaDocument, holding: Holding): ReadonlySet<ValueType> => {
  let types = new Set<ValueType>(holding.includes(false) ? [] : valueTypes);
  const keep = (others: ReadonlySet<ValueType>): void => {
    types = new Set([...types].filter((type) => others.has(type)));
  };
  for (const schema of objectsOf(holding)) {
    const named = typesNamed(schema);
    if (named) keep(named);
    const listed = listedIn(schema);
    if (listed) keep(new Set(listed.map(typeOfValue)));
    for (const branches of [schema['anyOf'], schema['oneOf']]) {
      if (!Array.isArray(branches)) continue;
      const each = (branches as Schema[]).map((one) => typesOf(document, holdingOf(document, one)));
      keep(new Set(each.flatMap((some) => [...some])));
    }
  }
  return types;
};

/** All values of a type that may be taken; null: there is no list of them. */
export const valuesOf = (type: ValueType, holding: Holding): readonly unknown[] | null => {
  const lists = objectsOf(holding)
    .map(listedIn)
    .filter((list) => list !== null);
  if (type === 'null') lists.push([null]);
  if (type === 'boolean') lists.push([true, false]);
  const [first, ...rest] = lists;
  if (!first) return null;
  const texts = rest.map((list) => new Set(list.map(textOf)));
  return first.filter(
    (value) => typeOfValue(value) === type && texts.every((known) => known.has(textOf(value))),
  );
};

/** Whether two schemas of two documents say the same, word by word, up to what they only tell people. */
export const isSame = (
  one: { readonly document: SchemaDocument; readonly schema: Schema },
  other: { readonly document: SchemaDocument; readonly schema: Schema },
): boolean => {
  const assumed = new Map<unknown, Set<unknown>>();

  const sameReference = (a: unknown, b: unknown): boolean => {
    const [left, right] = [one.document.resolve(String(a)), other.document.resolve(String(b))];
    if (assumed.get(left)?.has(right)) return true;
    assumed.set(left, (assumed.get(left) ?? new Set()).add(right));
    return same(left, right);
  };

  const same = (a: unknown, b: unknown, isMap = false): boolean => {
    if (Array.isArray(a)) {
      return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
    }
    if (!isSchemaObject(a) || !isSchemaObject(b)) return a === b;
    const words = (schema: SchemaObject): string[] =>
      Object.keys(schema)
        .filter((word) => isMap || !(isAnnotation(word) || word === '$defs'))
        .sort();
    const [left, right] = [words(a), words(b)];
    return (
      left.join('\n') === right.join('\n') &&
      left.every((word) => {
        if (!isMap && word === '$ref') return sameReference(a[word], b[word]);
        if (!isMap && (word === 'const' || word === 'enum'))
          return textOf(a[word]) === textOf(b[word]);
        return same(a[word], b[word], !isMap && mapWords.has(word));
      })
    );
  };
  return same(one.schema, other.schema);
};

/** Their names are not keywords. */
const mapWords = new Set([
  ...['properties', 'patternProperties', 'dependentSchemas', 'dependentRequired'],
]);
