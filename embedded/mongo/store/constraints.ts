/**
 * What a filter asks of single fields that an index can answer: values it may equal, or a range. Never more than the filter says,
 * so that whatever an index leaves out the filter would leave out as well; what it lets through is judged by the filter itself.
 */
import type { Document } from 'bson';
import { rankOf } from './order.js';
import { isRecord } from './paths.js';

export interface Constraint {
  /** One of these; null: a range. */
  readonly values: readonly unknown[] | null;
  readonly low: { readonly value: unknown; readonly inclusive: boolean } | null;
  readonly high: { readonly value: unknown; readonly inclusive: boolean } | null;
}

/** More alternatives than this are cheaper to judge one by one. */
const valuesMax = 1_000;

const isOperators = (value: unknown): value is Document =>
  isRecord(value) && Object.keys(value).some((key) => key.startsWith('$'));

const equalTo = (values: readonly unknown[]): Constraint | null =>
  values.length > valuesMax || values.some((value) => value instanceof RegExp)
    ? null
    : { values: values.map((value) => value ?? null), low: null, high: null };

/** `/^abc/`, whatever follows, lies between "abc" and the text after all that begin so. */
const prefixOf = (pattern: unknown, flags: unknown): Constraint | null => {
  const source = pattern instanceof RegExp ? pattern.source : String(pattern);
  const given = pattern instanceof RegExp ? pattern.flags : String(flags ?? '');
  const [, literal] = /^\^([\w \-:@/]+)/.exec(source) ?? [];
  if (!literal || given !== '' || source.includes('|')) return null;
  // A quantifier after the last character makes it optional.
  const next = source[literal.length + 1] ?? '';
  const prefix = '?*{'.includes(next) && next !== '' ? literal.slice(0, -1) : literal;
  if (prefix === '') return null;
  const last = prefix.charCodeAt(prefix.length - 1);
  const after = prefix.slice(0, -1) + String.fromCharCode(last + 1);
  return {
    values: null,
    low: { value: prefix, inclusive: true },
    high: { value: after, inclusive: false },
  };
};

const rangeOf = (operators: Document): Constraint | null => {
  let low: Constraint['low'] = null;
  let high: Constraint['high'] = null;
  if ('$gte' in operators) low = { value: operators['$gte'], inclusive: true };
  if ('$gt' in operators) low = { value: operators['$gt'], inclusive: false };
  if ('$lte' in operators) high = { value: operators['$lte'], inclusive: true };
  if ('$lt' in operators) high = { value: operators['$lt'], inclusive: false };
  if (!low && !high) return null;
  // Of null and arrays a range means more than an interval.
  const bounds = [low, high].flatMap((bound) => (bound ? [bound.value] : []));
  return bounds.some((value) => value === null || value === undefined || Array.isArray(value)) ||
    new Set(bounds.map(rankOf)).size > 1
    ? null
    : { values: null, low, high };
};

const constraintOf = (condition: unknown): Constraint | null => {
  if (condition instanceof RegExp) return prefixOf(condition, '');
  if (!isOperators(condition)) return equalTo([condition]);
  if ('$eq' in condition) return equalTo([condition['$eq']]);
  if (Array.isArray(condition['$in'])) return equalTo(condition['$in'] as unknown[]);
  if ('$regex' in condition) return prefixOf(condition['$regex'], condition['$options']);
  return rangeOf(condition);
};

/** By path, all that there are: of an array each may be met by another element, so that no two make one. */
export const constraintsOf = (filter: Document): Map<string, Constraint[]> => {
  const found = new Map<string, Constraint[]>();
  const take = (part: Document): void => {
    for (const [path, condition] of Object.entries(part)) {
      if (path === '$and' && Array.isArray(condition)) {
        for (const inner of condition) if (isRecord(inner)) take(inner);
      } else if (!path.startsWith('$')) {
        const constraint = constraintOf(condition);
        if (constraint) found.set(path, [...(found.get(path) ?? []), constraint]);
      }
    }
  };
  take(filter);
  return found;
};
