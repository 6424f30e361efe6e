/**
 * JSON Schema (2020-12) as the exchange takes it: which keywords there are, where schemas lie within schemas, and where references
 * lead. References stay within the document, so that a schema is all there is to it.
 */
import { escapeSegment } from '../publication/pointer.js';

export type SchemaObject = { readonly [keyword: string]: unknown };
export type Schema = boolean | SchemaObject;

/** Of a schema: it looks at the same value ('same'), at its names, or at what lies in it. */
const holdingOne: Readonly<Record<string, 'same' | 'inside'>> = {
  if: 'same',
  then: 'same',
  else: 'same',
  not: 'same',
  items: 'inside',
  contains: 'inside',
  additionalProperties: 'inside',
  propertyNames: 'inside',
  unevaluatedItems: 'inside',
  unevaluatedProperties: 'inside',
};
const holdingList: Readonly<Record<string, 'same' | 'inside'>> = {
  allOf: 'same',
  anyOf: 'same',
  oneOf: 'same',
  prefixItems: 'inside',
};
const holdingMap: Readonly<Record<string, 'same' | 'inside' | 'aside'>> = {
  properties: 'inside',
  patternProperties: 'inside',
  dependentSchemas: 'same',
  $defs: 'aside',
};

const assertions = new Set([
  ...['type', 'enum', 'const', 'multipleOf', 'maximum', 'exclusiveMaximum', 'minimum'],
  ...['exclusiveMinimum', 'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems'],
  ...['uniqueItems', 'maxContains', 'minContains', 'maxProperties', 'minProperties', 'required'],
  ...['dependentRequired', 'format', '$ref'],
]);
/** Say something to people and judge nothing. */
const annotations = new Set([
  ...['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'deprecated'],
  ...['readOnly', 'writeOnly', 'contentMediaType', 'contentEncoding'],
]);

export const isAnnotation = (keyword: string): boolean =>
  annotations.has(keyword) || keyword.startsWith('x-');

export const isKnown = (keyword: string): boolean =>
  assertions.has(keyword) ||
  isAnnotation(keyword) ||
  keyword in holdingOne ||
  keyword in holdingList ||
  keyword in holdingMap;

export interface Held {
  /** From the schema that it lies in. */
  readonly pointer: string;
  readonly schema: Schema;
  readonly keyword: string;
  readonly looksAt: 'same' | 'inside' | 'aside';
}

export const isSchemaObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'boolean' || isSchemaObject(value);

/** The schemas that lie directly in one. */
export const heldBy = (schema: SchemaObject): readonly Held[] =>
  Object.entries(schema).flatMap(([keyword, value]): Held[] => {
    const one = Object.hasOwn(holdingOne, keyword) ? holdingOne[keyword] : undefined;
    if (one && isSchema(value)) {
      return [{ pointer: `/${keyword}`, schema: value, keyword, looksAt: one }];
    }
    const list = Object.hasOwn(holdingList, keyword) ? holdingList[keyword] : undefined;
    if (list && Array.isArray(value)) {
      return value.filter(isSchema).map((item, i) => {
        return { pointer: `/${keyword}/${i}`, schema: item, keyword, looksAt: list };
      });
    }
    const map = Object.hasOwn(holdingMap, keyword) ? holdingMap[keyword] : undefined;
    if (!map || !isSchemaObject(value)) return [];
    return Object.entries(value).flatMap(([name, item]) =>
      isSchema(item)
        ? [
            {
              pointer: `/${keyword}/${escapeSegment(name)}`,
              schema: item,
              keyword,
              looksAt: map,
            },
          ]
        : [],
    );
  });

/** A schema with all that lies in it. */
export interface SchemaDocument {
  readonly root: Schema;
  /** By JSON pointer; '' is the root. */
  readonly at: ReadonlyMap<string, Schema>;
  /** Where `$ref` leads; undefined: nowhere. */
  resolve(reference: string): Schema | undefined;
}

export const documentOf = (root: Schema): SchemaDocument => {
  const at = new Map<string, Schema>();
  const file = (pointer: string, schema: Schema): void => {
    at.set(pointer, schema);
    if (typeof schema === 'boolean') return;
    for (const held of heldBy(schema)) file(`${pointer}${held.pointer}`, held.schema);
  };
  file('', root);
  return {
    root,
    at,
    resolve: (reference) => (reference.startsWith('#') ? at.get(reference.slice(1)) : undefined),
  };
};
