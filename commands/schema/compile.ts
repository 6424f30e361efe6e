/**
 * Schemas of topics, compiled by ajv and kept. Two of its keywords and its patterns are our own: they take a time that grows with
 * the value alone, and numbers are compared as they are written, not as they are kept in memory (see domain/schema/check.ts).
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { fastFormats, fullFormats } from 'ajv-formats/dist/formats.js';
import { LRUCache } from 'lru-cache';
import { checkSchema, formatsKnown, type SchemaFault } from '../../domain/schema/check.js';
import { isMultiple } from '../../domain/schema/decimal.js';
import { compilePattern } from '../../domain/schema/pattern.js';
import { isSchemaObject, type Schema } from '../../domain/schema/schema.js';
import { canonicalJson } from '../canonicalJson.js';
import { type Fault, faultOf, InvalidInput } from '../validation.js';

export interface CompiledSchema {
  /** Stops at the first fault. */
  readonly quick: ValidateFunction;
  /** Finds them all; compiled when it is asked for. */
  readonly thorough: () => ValidateFunction;
}

export interface CompiledSchemas {
  /** @param text of a schema that was accepted. */
  of(text: string): CompiledSchema;
}

/** Texts longer than that have no format: some formats take longer than the text is. */
const formatLengthMax = 1_000;
/** All faults are looked for in data up to this size; of larger ones the first is told. */
const thoroughBytesMax = 65_536;
const faultsMax = 20;

/** Those whose quick form would let through what is no date, or is one by its looks alone. */
const exact = new Set<string>(['date-time', 'date', 'time']);

const formatNamed = (name: (typeof formatsKnown)[number]) => {
  const format = (exact.has(name) ? fullFormats : fastFormats)[name];
  const test =
    format instanceof RegExp
      ? (text: string) => format.test(text)
      : ((typeof format === 'function' ? format : (format as { validate: unknown }).validate) as (
          text: string,
        ) => boolean);
  return (text: string): boolean => text.length <= formatLengthMax && test(text);
};

/** Each schema has a compiler of its own: one that is shared keeps something of every schema that it ever saw. */
const newAjv = (allErrors: boolean): Ajv2020 => {
  const engine = Object.assign((source: string) => compilePattern(source), { code: '' });
  const ajv = new Ajv2020({
    allErrors,
    strict: false,
    meta: false,
    validateSchema: false,
    ownProperties: true,
    validateFormats: true,
    addUsedSchema: false,
    // What is referred to often is compiled once.
    inlineRefs: false,
    logger: false,
    code: { regExp: engine },
  });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not have the same item twice' },
    validate: (wanted: boolean, items: unknown[]) =>
      !wanted || new Set(items.map(canonicalJson)).size === items.length,
  });
  ajv.removeKeyword('multipleOf');
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    error: { message: ({ schema }) => `must be a multiple of ${String(schema)}` },
    validate: (of: number, value: number) => isMultiple(value, of),
  });
  for (const name of formatsKnown) ajv.addFormat(name, formatNamed(name));
  return ajv;
};

const compile = (schema: object, text: string, allErrors: boolean): ValidateFunction => {
  const ajv = newAjv(allErrors);
  // Nothing keeps account of what was looked at where nothing asks for it.
  if (!text.includes('"unevaluated')) ajv.opts.unevaluated = false;
  return ajv.compile(schema);
};

const besidePrefix = ['contains', 'minContains', 'maxContains', 'uniqueItems'];

/**
 * ajv (8.20) leaves out what is said of arrays behind `prefixItems` where an array is shorter than those: it is said apart from them.
 * @param value any part of a schema; `names`: one whose names are not keywords.
 */
const besidesPrefix = (value: unknown, names = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => besidesPrefix(item));
  if (!isSchemaObject(value)) return value;
  const entries = Object.entries(value).map(([word, part]): [string, unknown] => {
    if (!names && (word === 'const' || word === 'enum')) return [word, part];
    return [word, besidesPrefix(part, !names && holdsNames.has(word))];
  });
  const whole = Object.fromEntries(entries);
  if (names || !Array.isArray(whole['prefixItems'])) return whole;
  const moved = entries.filter(([word]) => besidePrefix.includes(word));
  if (moved.length === 0) return whole;
  const kept = entries.filter(([word]) => !besidePrefix.includes(word));
  const { allOf = [], ...rest } = Object.fromEntries(kept);
  return { ...rest, allOf: [...(allOf as unknown[]), Object.fromEntries(moved)] };
};
const holdsNames = new Set([
  ...['properties', 'patternProperties', 'dependentSchemas', 'dependentRequired', '$defs'],
]);

/** Its own name is no address here. */
const bare = (schema: Schema): object => {
  if (typeof schema === 'boolean') return schema ? {} : { not: {} };
  const { $id: _id, ...rest } = schema;
  return besidesPrefix(rest) as object;
};

const compileText = (text: string): CompiledSchema => {
  const schema = bare(JSON.parse(text) as Schema);
  let thorough: ValidateFunction | undefined;
  return {
    quick: compile(schema, text, false),
    thorough: () => (thorough ??= compile(schema, text, true)),
  };
};

const keptMax = 200;

export const createCompiledSchemas = (): CompiledSchemas => {
  const kept = new LRUCache<string, CompiledSchema>({ max: keptMax });
  return {
    of: (text) => {
      let compiled = kept.get(text);
      if (!compiled) kept.set(text, (compiled = compileText(text)));
      return compiled;
    },
  };
};

/** @returns its errors, or null where it fails itself: ajv's account of what was looked at can be missing (8.20). */
const errorsOf = (validate: ValidateFunction, data: unknown): readonly ErrorObject[] | null => {
  try {
    return validate(data) ? [] : (validate.errors ?? []);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
};

const notJudged: Fault = { pointer: '', reason: 'cannot be judged: say unevaluated… otherwise' };

/** Empty: it is met. */
export const faultsOf = ({ quick, thorough }: CompiledSchema, data: unknown): readonly Fault[] => {
  const first = errorsOf(quick, data);
  if (!first) return [notJudged];
  if (first.length === 0) return [];
  const isSmall = JSON.stringify(data).length <= thoroughBytesMax;
  const all = isSmall ? errorsOf(thorough(), data) : null;
  return (all && all.length > 0 ? all : first).slice(0, faultsMax).map(faultOf);
};

let meta: Ajv2020 | undefined;

const metaFaults = (schema: unknown): readonly SchemaFault[] => {
  const { $schema: _schema, ...rest } = isSchemaObject(schema) ? schema : { $schema: '' };
  meta ??= new Ajv2020({ allErrors: true, strict: false, logger: false });
  if (meta.validateSchema(rest) === true) return [];
  return (meta.errors ?? []).slice(0, faultsMax).map(faultOf);
};

/**
 * A schema as text, if it can be run here.
 * @throws InvalidInput with pointers into the schema, under `at`.
 */
export const acceptableSchema = (schema: unknown, at: string): string => {
  const under = (faults: readonly SchemaFault[]): InvalidInput =>
    new InvalidInput(faults.map(({ pointer, reason }) => ({ pointer: `${at}${pointer}`, reason })));
  if (!isSchemaObject(schema))
    throw under([{ pointer: '', reason: 'must be a schema: an object' }]);
  const invalid = metaFaults(schema);
  if (invalid.length > 0) throw under(invalid);
  const text = JSON.stringify(schema);
  const faults = checkSchema(schema, Buffer.byteLength(text));
  if (faults.length > 0) throw under(faults);
  compileText(text);
  return text;
};
