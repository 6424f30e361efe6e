/**
 * The comparing operators of the query language by the order that the indexes keep (store/order.ts), so that an index and the
 * filter agree on every type; mingo's own know less of BSON's. The rest of the language is mingo's.
 */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import { compareValues, isSameValue, rankOf } from '../store/order.js';
import { someAt } from '../store/paths.js';

type Matches = (document: Document) => boolean;
type Comparison = (path: string, wanted: unknown) => Matches;

const isNull = (value: unknown): boolean => value === null || value === undefined;

const equals: Comparison = (path, wanted) => {
  if (isNull(wanted)) {
    // What is missing counts as null.
    return (document) =>
      !someAt(document, path, (value) => !isNull(value)) || someAt(document, path, isNull);
  }
  if (wanted instanceof RegExp) {
    const pattern = new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, ''));
    return (document) =>
      someAt(document, path, (value) =>
        typeof value === 'string' ? pattern.test(value) : isSameValue(value, wanted),
      );
  }
  return (document) => someAt(document, path, (value) => isSameValue(value, wanted));
};

/** Among values of the same kind only: no text is greater than a number. */
const ordered =
  (operator: string, holds: (order: number) => boolean): Comparison =>
  (path, wanted) => {
    if (wanted instanceof RegExp) {
      throw new MongoFault(
        'BadValue',
        `Can't have RegEx as arg to predicate over field '${path}'.`,
      );
    }
    if (isNull(wanted)) return operator.endsWith('e') ? equals(path, null) : () => false;
    const rank = rankOf(wanted);
    return (document) =>
      someAt(
        document,
        path,
        (value) => rankOf(value) === rank && holds(compareValues(value, wanted)),
      );
  };

const listOf = (operator: string, wanted: unknown): readonly unknown[] => {
  if (Array.isArray(wanted)) return wanted;
  throw new MongoFault('BadValue', `${operator} needs an array`);
};

const among =
  (operator: string): Comparison =>
  (path, wanted) => {
    const list = listOf(operator, wanted);
    // A text is the same as nothing but itself, so that a thousand of them cost one look.
    const texts = new Set(list.filter((value) => typeof value === 'string'));
    const others = list.filter((value) => typeof value !== 'string');
    const tests = others.map((value) => equals(path, value));
    return (document) =>
      (texts.size > 0 && someAt(document, path, (value) => texts.has(value as string))) ||
      tests.some((test) => test(document));
  };

const not =
  (comparison: Comparison): Comparison =>
  (path, wanted) => {
    const matches = comparison(path, wanted);
    return (document) => !matches(document);
  };

export const comparisons: Readonly<Record<string, Comparison>> = {
  $eq: equals,
  $ne: not(equals),
  $gt: ordered('$gt', (order) => order > 0),
  $gte: ordered('$gte', (order) => order >= 0),
  $lt: ordered('$lt', (order) => order < 0),
  $lte: ordered('$lte', (order) => order <= 0),
  $in: among('$in'),
  $nin: not(among('$nin')),
};
