/**
 * The parameter `where` of a search: JSON, read by hand so that each fault is told by its place. Bounded in depth and number, since
 * every condition is judged for every candidate.
 */
import type { InvalidInput } from '../../commands/validation.js';
import type { Value, Where } from '../../projections/publications/conditions.js';
import { faulty, isRecord } from '../input.js';

export const whereBounds = { depth: 5, conditions: 20, values: 50, text: 200 } as const;

const pathPattern = /^(?!\$)[^.\0]{1,60}(?:\.(?!\$)[^.\0]{1,60}){0,9}$/;

const wrong = (pointer: string, reason: string): InvalidInput =>
  faulty('query', `/where${pointer}`, reason);

const isScalar = (value: unknown): value is Value =>
  value === null ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= whereBounds.text);

const isOrdered = (value: unknown): boolean =>
  isScalar(value) && (typeof value === 'string' || typeof value === 'number');

const isList = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= whereBounds.values &&
  value.every(isScalar);

const scalar = `must be a text of at most ${whereBounds.text} characters, a number, true, false or null`;
const ordered = 'must be a text or a number';
const list = `must be a list of 1 to ${whereBounds.values} texts, numbers, true, false or null`;

const operators: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  eq: [isScalar, scalar],
  ne: [isScalar, scalar],
  gt: [isOrdered, ordered],
  gte: [isOrdered, ordered],
  lt: [isOrdered, ordered],
  lte: [isOrdered, ordered],
  in: [isList, list],
  nin: [isList, list],
  exists: [(value) => typeof value === 'boolean', 'must be true or false'],
  prefix: [
    (value) => typeof value === 'string' && value.length > 0 && value.length <= 100,
    'must be a text of 1 to 100 characters',
  ],
};
const operatorNames = Object.keys(operators).join(', ');

const combinations = new Set(['all', 'any', 'not']);

interface Counted {
  conditions: number;
}

const readComparison = (given: Record<string, unknown>, at: string, counted: Counted): Where => {
  counted.conditions += 1;
  if (counted.conditions > whereBounds.conditions) {
    throw wrong(at, `has more than ${whereBounds.conditions} conditions`);
  }
  const { path, ...comparison } = given;
  if (typeof path !== 'string' || !pathPattern.test(path)) {
    throw wrong(`${at}/path`, 'must be a path of the payload, such as car.brand');
  }
  const entries = Object.entries(comparison);
  if (entries.length === 0) throw wrong(at, `needs one of ${operatorNames}`);
  for (const [name, value] of entries) {
    const [holds, otherwise] = (Object.hasOwn(operators, name) && operators[name]) || [];
    if (!holds) throw wrong(`${at}/${name}`, `is not known: use ${operatorNames}`);
    if (!holds(value)) throw wrong(`${at}/${name}`, otherwise ?? '');
  }
  return given as unknown as Where;
};

const read = (given: unknown, at: string, depth: number, counted: Counted): Where => {
  if (!isRecord(given)) throw wrong(at, 'must be an object');
  if (depth > whereBounds.depth) throw wrong(at, `is deeper than ${whereBounds.depth}`);
  const names = Object.keys(given);
  const [name = ''] = names;
  if (names.length !== 1 || !combinations.has(name)) return readComparison(given, at, counted);
  if (name === 'not') return { not: read(given['not'], `${at}/not`, depth + 1, counted) };
  const parts: unknown = given[name];
  if (!Array.isArray(parts) || parts.length === 0) {
    throw wrong(`${at}/${name}`, 'must be a list of conditions');
  }
  const inner = parts.map((part, i) => read(part, `${at}/${name}/${i}`, depth + 1, counted));
  return name === 'all' ? { all: inner } : { any: inner };
};

/** @throws InvalidInput */
export const whereOf = (text: string): Where => {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw wrong('', 'must be JSON, such as {"path":"brand","eq":"Lada"}');
  }
  return read(given, '', 1, { conditions: 0 });
};
