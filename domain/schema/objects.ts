/** Whether every object that one schema takes is taken by what another says of objects. */
import { escapeSegment } from '../publication/pointer.js';
import type { SchemaFault } from './check.js';
import { type Holding, holdingOf, objectsOf } from './facts.js';
import type { Comparison } from './comparison.js';
import { compilePattern } from './pattern.js';
import type { Schema, SchemaObject } from './schema.js';

type SchemaMap = Readonly<Record<string, Schema>>;

const mapOf = (schema: SchemaObject, keyword: string): SchemaMap =>
  (schema[keyword] ?? {}) as SchemaMap;
const listOf = (schema: SchemaObject, keyword: string): readonly string[] =>
  (schema[keyword] ?? []) as string[];
const own = (map: SchemaMap, name: string): Schema | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined;
const present = (schema: unknown): Schema[] => (schema === undefined ? [] : [schema as Schema]);

/** What a schema says of the value under a name. */
const saidOf = (schema: SchemaObject, name: string): Schema[] => {
  const named = own(mapOf(schema, 'properties'), name);
  const patterns = Object.entries(mapOf(schema, 'patternProperties'))
    .filter(([source]) => compilePattern(source).test(name))
    .map(([, part]) => part);
  if (named === undefined && patterns.length === 0) return present(schema['additionalProperties']);
  return [...present(named), ...patterns];
};

/** What it says of a name that none of both mentions: one that matches `pattern`, or none of its own patterns. */
const saidOfOthers = (schema: SchemaObject, pattern: string | null): Schema[] => {
  const patterns = mapOf(schema, 'patternProperties');
  if (pattern !== null) {
    const said = own(patterns, pattern);
    if (said !== undefined) return [said];
    // It may match another of its patterns, or none: nothing is sure.
    return Object.keys(patterns).length > 0 ? [] : present(schema['additionalProperties']);
  }
  return present(schema['additionalProperties']);
};

const requiredBy = (narrow: Holding): ReadonlySet<string> =>
  new Set(objectsOf(narrow).flatMap((schema) => listOf(schema, 'required')));

/** The names of objects that take no others; null: there may be others. */
const allNames = (narrow: Holding): readonly string[] | null => {
  const closed = objectsOf(narrow).find(
    (schema) =>
      schema['additionalProperties'] === false &&
      Object.keys(mapOf(schema, 'patternProperties')).length === 0,
  );
  return closed ? Object.keys(mapOf(closed, 'properties')) : null;
};

const countFollows = (narrow: Holding, keyword: string, argument: number): boolean => {
  const counts = objectsOf(narrow).flatMap((schema) => {
    const count = schema[keyword];
    return typeof count === 'number' ? [count] : [];
  });
  if (keyword === 'minProperties') {
    return requiredBy(narrow).size >= argument || counts.some((least) => least >= argument);
  }
  const names = allNames(narrow);
  return (names !== null && names.length <= argument) || counts.some((most) => most <= argument);
};

export const objectFaults = (
  comparison: Comparison,
  narrow: Holding,
  pointer: string,
  schema: SchemaObject,
): SchemaFault[] => {
  const { narrower } = comparison;
  const faults: SchemaFault[] = [];
  const tell = (at: string, reason: string) =>
    void faults.push({ pointer: `${pointer}/${at}`, reason });
  const parts = (said: readonly Schema[]): Holding =>
    said.flatMap((part) => holdingOf(narrower, part));
  const compare = (said: readonly Schema[], wide: Schema, at: string) =>
    void faults.push(
      ...comparison.faults(parts(said), { schema: wide, pointer: `${pointer}/${at}` }),
    );
  const ofName = (name: string): Schema[] => objectsOf(narrow).flatMap((one) => saidOf(one, name));
  const ofOthers = (pattern: string | null): Schema[] =>
    objectsOf(narrow).flatMap((one) => saidOfOthers(one, pattern));

  const required = requiredBy(narrow);
  listOf(schema, 'required').forEach((name, i) => {
    if (!required.has(name)) tell(`required/${i}`, `asks for ${name}, which could be left out`);
  });
  for (const keyword of ['minProperties', 'maxProperties']) {
    const count = schema[keyword];
    if (typeof count === 'number' && !countFollows(narrow, keyword, count)) {
      tell(keyword, 'asks for more');
    }
  }

  const properties = mapOf(schema, 'properties');
  const patterns = mapOf(schema, 'patternProperties');
  const rest = schema['additionalProperties'] as Schema | undefined;
  const mentioned = new Set([
    ...Object.keys(properties),
    ...objectsOf(narrow).flatMap((one) => Object.keys(mapOf(one, 'properties'))),
  ]);
  for (const name of mentioned) {
    const said = ofName(name);
    const named = own(properties, name);
    const matching = Object.entries(patterns).filter(([source]) =>
      compilePattern(source).test(name),
    );
    if (named !== undefined) compare(said, named, `properties/${escapeSegment(name)}`);
    for (const [source, part] of matching) {
      compare(said, part, `patternProperties/${escapeSegment(source)}`);
    }
    if (named === undefined && matching.length === 0 && rest !== undefined) {
      compare(said, rest, 'additionalProperties');
    }
  }
  for (const [source, part] of Object.entries(patterns)) {
    compare(ofOthers(source), part, `patternProperties/${escapeSegment(source)}`);
  }
  if (rest !== undefined) {
    const known = objectsOf(narrow).flatMap((one) => Object.keys(mapOf(one, 'patternProperties')));
    for (const source of new Set(known)) {
      if (own(patterns, source) === undefined) {
        compare(ofOthers(source), rest, 'additionalProperties');
      }
    }
    compare(ofOthers(null), rest, 'additionalProperties');
  }
  faults.push(...dependentFaults(comparison, narrow, pointer, schema));
  faults.push(...nameFaults(comparison, narrow, pointer, schema));
  return faults;
};

const dependentFaults = (
  { narrower, faults: compare }: Comparison,
  narrow: Holding,
  pointer: string,
  schema: SchemaObject,
): SchemaFault[] => {
  const faults: SchemaFault[] = [];
  const required = requiredBy(narrow);
  const lists = (schema['dependentRequired'] ?? {}) as Record<string, string[]>;
  for (const [name, others] of Object.entries(lists)) {
    const known = objectsOf(narrow).flatMap((one) => {
      const map = (one['dependentRequired'] ?? {}) as Record<string, string[]>;
      return Object.hasOwn(map, name) ? (map[name] ?? []) : [];
    });
    if (others.every((other) => required.has(other) || known.includes(other))) continue;
    faults.push({
      pointer: `${pointer}/dependentRequired`,
      reason: `asks for more beside ${name}`,
    });
  }
  for (const [name, part] of Object.entries(mapOf(schema, 'dependentSchemas'))) {
    const known = objectsOf(narrow).flatMap((one) =>
      present(own(mapOf(one, 'dependentSchemas'), name)),
    );
    const beside = [...narrow, ...known.flatMap((one) => holdingOf(narrower, one))];
    const at = `${pointer}/dependentSchemas/${escapeSegment(name)}`;
    faults.push(...compare([...beside, anObject], { schema: part, pointer: at }));
  }
  return faults;
};

const anObject: SchemaObject = { type: 'object' };
const aName: SchemaObject = { type: 'string' };

/** propertyNames, and what can only be known of the whole. */
const nameFaults = (
  { narrower, faults: compare }: Comparison,
  narrow: Holding,
  pointer: string,
  schema: SchemaObject,
): SchemaFault[] => {
  const faults: SchemaFault[] = [];
  const wanted = schema['propertyNames'] as Schema | undefined;
  if (wanted !== undefined) {
    const names = allNames(narrow);
    const said = objectsOf(narrow).flatMap((one) => present(one['propertyNames']));
    const holding = said.flatMap((one) => holdingOf(narrower, one));
    const listed: Holding = names ? [{ enum: names }] : [];
    const at = `${pointer}/propertyNames`;
    faults.push(...compare([...holding, ...listed, aName], { schema: wanted, pointer: at }));
  }
  const beyond = schema['unevaluatedProperties'];
  if (beyond !== undefined && beyond !== true) {
    const reason = 'is compared only where nothing beside it changed';
    faults.push({ pointer: `${pointer}/unevaluatedProperties`, reason });
  }
  return faults;
};
