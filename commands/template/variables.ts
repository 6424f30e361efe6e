/**
 * What is filled into a template, held against what the template declares: nothing that is needed may be missing, nothing unknown may
 * come, and each is of its kind. A fault names the variable and never its value, which is somebody's.
 */
import type { Variable, VariableKind } from '../../domain/template/template.js';

export type Variables = Readonly<Record<string, unknown>>;

export interface VariableFault {
  /** `/variables/points` */
  readonly pointer: string;
  readonly reason: 'missing' | 'wrong' | 'unknown';
  /** What to send instead. */
  readonly detail: string;
}

/** Filled in with every message. */
export const givenNames = ['items', 'count', 'locale', 'unsubscribeUrl'] as const;
/** No template may declare one of these; `reader` is what filters are told. */
export const reservedNames: ReadonlySet<string> = new Set([...givenNames, 'reader']);

export const textMax = 4_000;
export const listMax = 100;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): boolean =>
  (typeof value === 'string' && value.length <= textMax) ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  typeof value === 'boolean' ||
  value === null;

const isMoney = (value: unknown): boolean =>
  isObject(value) &&
  Number.isSafeInteger(value['minor']) &&
  typeof value['currency'] === 'string' &&
  /^[A-Z]{3}$/.test(value['currency']);

const isItem = (value: unknown): boolean =>
  isScalar(value) ||
  (isObject(value) &&
    Object.keys(value).length <= 20 &&
    Object.values(value).every((one) => isScalar(one) || isMoney(one)));

const isDate = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value));

const kinds: Readonly<
  Record<VariableKind, { readonly is: (value: unknown) => boolean; readonly words: string }>
> = {
  text: {
    is: (value) => typeof value === 'string' && value.length <= textMax,
    words: `a text of at most ${textMax} signs`,
  },
  number: { is: (value) => typeof value === 'number' && Number.isFinite(value), words: 'a number' },
  date: { is: isDate, words: 'a time or a day of ISO 8601' },
  money: { is: isMoney, words: 'an amount: {"minor": 1999, "currency": "EUR"}' },
  boolean: { is: (value) => typeof value === 'boolean', words: 'true or false' },
  list: {
    is: (value) => Array.isArray(value) && value.length <= listMax && value.every(isItem),
    words: `a list of at most ${listMax} texts, numbers or flat objects`,
  },
};

export const isOfKind = (kind: VariableKind, value: unknown): boolean => kinds[kind].is(value);

/** The first thing wrong with them, null where nothing is. */
export const variableFault = (
  declared: readonly Variable[],
  given: Variables,
): VariableFault | null => {
  for (const { name, kind, optional } of declared) {
    const value = given[name];
    const pointer = `/variables/${name}`;
    if (value === undefined || value === null) {
      if (optional) continue;
      return { pointer, reason: 'missing', detail: `is missing: send ${kinds[kind].words}` };
    }
    if (!kinds[kind].is(value)) {
      return { pointer, reason: 'wrong', detail: `send ${kinds[kind].words}` };
    }
  }
  const unknown = Object.keys(given).find((name) => !declared.some((one) => one.name === name));
  if (unknown === undefined) return null;
  const pointer = `/variables/${unknown.slice(0, 64)}`;
  return { pointer, reason: 'unknown', detail: 'the template declares no such variable' };
};

/** With nothing for what is optional and was left out, so that every declared name can be asked. */
export const filled = (
  declared: readonly Variable[],
  given: Variables,
): Record<string, unknown> => {
  const scope: Record<string, unknown> = {};
  for (const { name } of declared) scope[name] = given[name] ?? null;
  return scope;
};

/** For a preview. */
export const examplesOf = (declared: readonly Variable[]): Record<string, unknown> =>
  Object.fromEntries(
    declared.flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]])),
  );
