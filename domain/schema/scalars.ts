/** Whether every number or text that one schema takes is taken by a keyword of another: by the list of values, or by the limits. */
import type { SchemaFault } from './check.js';
import { isMultiple } from './decimal.js';
import { type Holding, objectsOf, textOf, type ValueType, valuesOf } from './facts.js';
import { compilePattern } from './pattern.js';
import type { SchemaObject } from './schema.js';

type Argument = number;

const numbersOf = (holding: Holding, keyword: string): number[] =>
  objectsOf(holding)
    .map((schema) => schema[keyword])
    .filter((value) => typeof value === 'number');

const lengthOf = (text: string): number => [...text].length;

/** Of one value. */
const holds: Readonly<Record<string, (value: never, argument: never) => boolean>> = {
  minimum: (value: number, least: Argument) => value >= least,
  exclusiveMinimum: (value: number, below: Argument) => value > below,
  maximum: (value: number, most: Argument) => value <= most,
  exclusiveMaximum: (value: number, above: Argument) => value < above,
  multipleOf: (value: number, of: Argument) => isMultiple(value, of),
  minLength: (value: string, least: Argument) => lengthOf(value) >= least,
  maxLength: (value: string, most: Argument) => lengthOf(value) <= most,
  pattern: (value: string, source: string) => compilePattern(source).test(value),
};

const numeric = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum', 'multipleOf'];
const textual = ['minLength', 'maxLength', 'pattern', 'format'];

/** The keywords that say something of a type. */
const scalarKeywordsOf = (type: ValueType): readonly string[] => {
  if (type === 'integer' || type === 'fraction') return numeric;
  return type === 'string' ? textual : [];
};

const sameWord = (narrow: Holding, keyword: string, argument: unknown): boolean =>
  objectsOf(narrow).some((schema) => schema[keyword] === argument);

/** From the limits of the narrower alone. */
const follows = (type: ValueType, narrow: Holding, keyword: string, argument: number): boolean => {
  const any = (of: string, holding: (limit: number) => boolean): boolean =>
    numbersOf(narrow, of).some(holding);
  switch (keyword) {
    case 'minimum':
      return (
        any('minimum', (limit) => limit >= argument) ||
        any('exclusiveMinimum', (limit) => limit >= argument || next(type, limit, 1) >= argument)
      );
    case 'exclusiveMinimum':
      return (
        any('minimum', (limit) => limit > argument) ||
        any('exclusiveMinimum', (limit) => limit >= argument)
      );
    case 'maximum':
      return (
        any('maximum', (limit) => limit <= argument) ||
        any('exclusiveMaximum', (limit) => limit <= argument || next(type, limit, -1) <= argument)
      );
    case 'exclusiveMaximum':
      return (
        any('maximum', (limit) => limit < argument) ||
        any('exclusiveMaximum', (limit) => limit <= argument)
      );
    case 'multipleOf':
      return (
        (type === 'integer' && isMultiple(1, argument)) ||
        any('multipleOf', (of) => isMultiple(of, argument))
      );
    case 'minLength':
      return argument === 0 || any('minLength', (least) => least >= argument);
    case 'maxLength':
      return any('maxLength', (most) => most <= argument);
    default:
      return false;
  }
};

/** The whole number beyond a limit that is one itself. */
const next = (type: ValueType, limit: number, step: 1 | -1): number =>
  type === 'integer' && Number.isSafeInteger(limit) ? limit + step : limit;

/** @param argument of the wider's keyword. */
const keywordFollows = (
  type: ValueType,
  narrow: Holding,
  keyword: string,
  argument: unknown,
): boolean => {
  if (sameWord(narrow, keyword, argument)) return true;
  const values = valuesOf(type, narrow);
  const rule = holds[keyword];
  if (values && rule) return values.every((value) => rule(value as never, argument as never));
  return typeof argument === 'number' && follows(type, narrow, keyword, argument);
};

/** type, const, enum and what is said of numbers and texts. */
export const valueFaults = (
  type: ValueType,
  narrow: Holding,
  pointer: string,
  schema: SchemaObject,
): SchemaFault[] => {
  const faults: SchemaFault[] = [];
  const tell = (keyword: string, reason: string) =>
    void faults.push({ pointer: `${pointer}/${keyword}`, reason });
  const { type: wanted } = schema;
  const names = wanted === undefined ? null : [wanted].flat();
  const isNamed =
    names?.includes(type) || (names?.includes('number') && /integer|fraction/.test(type));
  if (names && !isNamed) tell('type', `takes no ${type === 'fraction' ? 'number' : type} any more`);
  for (const keyword of ['const', 'enum']) {
    if (!Object.hasOwn(schema, keyword)) continue;
    const list = keyword === 'const' ? [schema['const']] : (schema['enum'] as unknown[]);
    const known = new Set(list.map(textOf));
    const values = valuesOf(type, narrow);
    if (!values?.every((value) => known.has(textOf(value)))) {
      tell(keyword, 'leaves out values that were taken');
    }
  }
  for (const keyword of scalarKeywordsOf(type)) {
    if (schema[keyword] === undefined) continue;
    if (!keywordFollows(type, narrow, keyword, schema[keyword])) tell(keyword, 'asks for more');
  }
  return faults;
};
