/**
 * Whether a schema may be taken at all. It comes from strangers and runs on every publication, so it must not be able to burn the
 * processor: its size, what it says of one and the same value, and its patterns are bounded, and it refers to nothing outside.
 *
 * What is said of one value is counted by following the schema as a value would: from all the schemas that apply to a value to all
 * that apply to what lies in it. A schema that refers to itself is fine as long as that does not multiply.
 */
import { isReference } from './facts.js';
import { compilePattern, PatternRefused } from './pattern.js';
import {
  documentOf,
  heldBy,
  isKnown,
  isSchemaObject,
  type Schema,
  type SchemaDocument,
  type SchemaObject,
} from './schema.js';

export interface SchemaFault {
  /** JSON pointer into the schema. */
  readonly pointer: string;
  readonly reason: string;
}

export const schemaBytesMax = 32_768;
const depthMax = 20;
const schemasMax = 500;
/** Of all that applies to one value. */
const weightMax = 1_000;
const appliedMax = 200;
const stepsMax = 20_000;
const faultsMax = 50;
const dialect = 'https://json-schema.org/draft/2020-12/schema';

export const formatsKnown = [
  ...['date-time', 'date', 'time', 'duration', 'email', 'hostname'],
  ...['ipv4', 'ipv6', 'uri', 'uri-reference', 'uuid', 'json-pointer'],
] as const;

type Tell = (pointer: string, reason: string) => void;

const checkPattern = (source: unknown, pointer: string, tell: Tell): void => {
  try {
    compilePattern(String(source));
  } catch (error) {
    if (!(error instanceof PatternRefused)) throw error;
    tell(pointer, `cannot be run: ${error.message}`);
  }
};

const checkWords = (schema: SchemaObject, pointer: string, tell: Tell): void => {
  for (const keyword of Object.keys(schema)) {
    if (!isKnown(keyword)) tell(`${pointer}/${keyword}`, 'is not a keyword that is known here');
  }
  if (schema['$schema'] !== undefined && schema['$schema'] !== dialect) {
    tell(`${pointer}/$schema`, `must be ${dialect}`);
  }
  if (schema['$id'] !== undefined && pointer !== '') {
    tell(`${pointer}/$id`, 'may stand at the top alone');
  }
  const { format, pattern } = schema;
  if (format !== undefined && !formatsKnown.some((known) => known === format)) {
    tell(`${pointer}/format`, `must be one of ${formatsKnown.join(', ')}`);
  }
  if (pattern !== undefined) checkPattern(pattern, `${pointer}/pattern`, tell);
  for (const keyword of ['properties', 'patternProperties', 'dependentSchemas', '$defs']) {
    const map = schema[keyword];
    if (!isSchemaObject(map)) continue;
    if (Object.hasOwn(map, '__proto__')) {
      tell(`${pointer}/${keyword}/__proto__`, 'is a name that cannot be described');
    }
    if (keyword !== 'patternProperties') continue;
    for (const source of Object.keys(map)) {
      checkPattern(source, `${pointer}/patternProperties`, tell);
    }
  }
};

const checkShape = (root: Schema, tell: Tell): void => {
  let schemas = 0;
  const visit = (schema: Schema, pointer: string, depth: number): void => {
    schemas += 1;
    if (schemas === schemasMax + 1) tell('', `holds more than ${schemasMax} schemas`);
    if (depth > depthMax) return tell(pointer, `lies deeper than ${depthMax} levels`);
    if (schemas > schemasMax || typeof schema === 'boolean') return;
    checkWords(schema, pointer, tell);
    for (const held of heldBy(schema)) visit(held.schema, `${pointer}${held.pointer}`, depth + 1);
  };
  visit(root, '', 1);
};

/** Those that apply to a value as soon as one does: itself, what it refers to, its parts. */
const neighboursOf = (document: SchemaDocument, schema: Schema): readonly Schema[] => {
  if (typeof schema === 'boolean') return [];
  const parts = heldBy(schema).filter(({ looksAt }) => looksAt === 'same');
  const reference = schema['$ref'];
  const target = typeof reference === 'string' ? document.resolve(reference) : undefined;
  return [...(target === undefined ? [] : [target]), ...parts.map((part) => part.schema)];
};

const checkReferences = (document: SchemaDocument, tell: Tell): void => {
  for (const [pointer, schema] of document.at) {
    if (typeof schema === 'boolean' || schema['$ref'] === undefined) continue;
    const reference = String(schema['$ref']);
    if (!/^#(\/\$defs\/[^/%]+)?$/.test(reference) || document.resolve(reference) === undefined) {
      tell(`${pointer}/$ref`, 'must be # or #/$defs/name, and lead to a schema that is there');
    }
  }
  const state = new Map<Schema, 'open' | 'done'>();
  const turnsBack = (schema: Schema): boolean => {
    if (typeof schema === 'boolean' || state.get(schema) === 'done') return false;
    if (state.get(schema) === 'open') return true;
    state.set(schema, 'open');
    const found = neighboursOf(document, schema).some(turnsBack);
    state.set(schema, 'done');
    return found;
  };
  for (const [pointer, schema] of document.at) {
    if (turnsBack(schema)) return tell(pointer, 'refers to itself without going deeper');
  }
};

const sizeOf = (value: unknown): number =>
  Array.isArray(value) ? value.length : isSchemaObject(value) ? Object.keys(value).length : 0;

const statesOf = (source: unknown): number => compilePattern(String(source)).states;

/** What looking at a value costs, roughly in comparisons. */
const weightOf = (schema: Schema): number => {
  if (typeof schema === 'boolean') return 1;
  const { pattern, patternProperties } = schema;
  const counted = (['required', 'properties', 'enum', 'dependentRequired'] as const).reduce(
    (sum, keyword) => sum + sizeOf(schema[keyword]) / 4,
    1,
  );
  const sources = isSchemaObject(patternProperties) ? Object.keys(patternProperties) : [];
  if (pattern !== undefined) sources.push(String(pattern));
  return sources.reduce((sum, source) => sum + statesOf(source), counted);
};

type Applied = readonly Schema[];

/** What a schema that only refers to another stands for. */
const meantBy = (document: SchemaDocument, schema: Schema): Schema => {
  if (typeof schema === 'boolean' || typeof schema['$ref'] !== 'string') return schema;
  const target = isReference(schema) ? document.resolve(schema['$ref']) : undefined;
  return target === undefined ? schema : meantBy(document, target);
};

/** What applies to the parts of a value to which `applied` does; each list is one possible part. */
const insideOf = (document: SchemaDocument, applied: Applied): Applied[] => {
  const objects = applied.filter(isSchemaObject);
  const mapOf = (schema: SchemaObject, keyword: string): Record<string, Schema> =>
    (schema[keyword] ?? {}) as Record<string, Schema>;
  const present = (...schemas: unknown[]): Schema[] =>
    schemas
      .filter((schema): schema is Schema => schema !== undefined)
      .map((schema) => meantBy(document, schema));
  const names = new Set(objects.flatMap((schema) => Object.keys(mapOf(schema, 'properties'))));
  const named = (name: string | null): Applied =>
    objects.flatMap((schema) => {
      const properties = mapOf(schema, 'properties');
      const own = name !== null && Object.hasOwn(properties, name) ? properties[name] : undefined;
      const patterns = Object.values(mapOf(schema, 'patternProperties'));
      const rest = own === undefined ? schema['additionalProperties'] : undefined;
      return present(own, ...patterns, rest, schema['unevaluatedProperties']);
    });
  const listOf = (schema: SchemaObject): Schema[] => (schema['prefixItems'] ?? []) as Schema[];
  const longest = Math.max(0, ...objects.map((schema) => listOf(schema).length));
  const placed = (index: number): Applied =>
    objects.flatMap((schema) => {
      const { items, contains, unevaluatedItems } = schema;
      const own = listOf(schema)[index];
      return present(own ?? items, contains, unevaluatedItems);
    });
  return [
    ...[...names, null].map(named),
    ...Array.from({ length: longest + 1 }, (_, index) => placed(index)),
    objects.flatMap((schema) => present(schema['propertyNames'])),
  ].filter((part) => part.length > 0);
};

const checkWeight = (document: SchemaDocument, tell: Tell): void => {
  const numbers = new Map<Schema, number>();
  const numberOf = (schema: Schema): number => {
    if (!numbers.has(schema)) numbers.set(schema, numbers.size);
    return numbers.get(schema) as number;
  };
  const pointerOf = (schema: Schema): string =>
    [...document.at].find(([, other]) => other === schema)?.[0] ?? '';
  const seen = new Set<string>();
  const open: Applied[] = [[document.root]];
  let steps = 0;
  for (let from = open.pop(); from; from = open.pop()) {
    const applied: Schema[] = [];
    const queue = [...from];
    for (let schema = queue.pop(); schema !== undefined; schema = queue.pop()) {
      applied.push(schema);
      queue.push(...neighboursOf(document, schema));
      if (applied.length > appliedMax) break;
    }
    const weight = applied.reduce((sum, schema) => sum + weightOf(schema), 0);
    if (applied.length > appliedMax || weight > weightMax) {
      const first = from[0] as Schema;
      return tell(pointerOf(first), 'asks too much of one value: say less, or say it once');
    }
    for (const inside of insideOf(document, applied)) {
      steps += inside.length;
      const key = inside
        .map(numberOf)
        .sort((a, b) => a - b)
        .join();
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(inside);
    }
    if (steps > stepsMax) return tell('', 'is too entangled: refer less often to the same schema');
  }
};

/**
 * What is wrong with a schema that its meta-schema found valid; empty: it can be compiled and run.
 * @param bytes of its JSON text.
 */
export const checkSchema = (schema: Schema, bytes: number): readonly SchemaFault[] => {
  const faults: SchemaFault[] = [];
  const tell: Tell = (pointer, reason) => {
    if (faults.length < faultsMax) faults.push({ pointer, reason });
  };
  if (bytes > schemaBytesMax) tell('', `is longer than ${schemaBytesMax} bytes`);
  else checkShape(schema, tell);
  if (faults.length > 0) return faults;
  const document = documentOf(schema);
  checkReferences(document, tell);
  if (faults.length === 0) checkWeight(document, tell);
  return faults;
};
