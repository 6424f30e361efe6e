/**
 * The order of BSON values: first by kind of type, then by value, as MongoDB sorts them and keeps them in its indexes.
 *
 * Texts are compared by UTF-16 code units, which differs from the server's bytes only between characters beyond the basic plane and
 * those from U+E000 on.
 */
import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';

const ranks = {
  minKey: 0,
  null: 1,
  number: 2,
  text: 3,
  object: 4,
  array: 5,
  binary: 6,
  objectId: 7,
  boolean: 8,
  date: 9,
  timestamp: 10,
  regExp: 11,
  maxKey: 12,
} as const;

/** Values of one rank compare with each other; `$gt` and its like match within a rank only. */
export const rankOf = (value: unknown): number => {
  if (value === null || value === undefined) return ranks.null;
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return ranks.number;
    case 'string':
      return ranks.text;
    case 'boolean':
      return ranks.boolean;
  }
  if (Array.isArray(value)) return ranks.array;
  if (value instanceof Date) return ranks.date;
  if (value instanceof RegExp) return ranks.regExp;
  return rankOfClass(value);
};

const rankOfClass = (value: unknown): number => {
  if (value instanceof ObjectId) return ranks.objectId;
  if (value instanceof Timestamp) return ranks.timestamp;
  if (value instanceof Binary || value instanceof Uint8Array) return ranks.binary;
  if (isNumberClass(value)) return ranks.number;
  if (value instanceof MinKey) return ranks.minKey;
  if (value instanceof MaxKey) return ranks.maxKey;
  return ranks.object;
};

const isNumberClass = (value: unknown): value is Long | Decimal128 | Double | Int32 =>
  value instanceof Long ||
  value instanceof Decimal128 ||
  value instanceof Double ||
  value instanceof Int32;

const less = <T extends string | number | bigint | boolean>(a: T, b: T): number =>
  a < b ? -1 : a > b ? 1 : 0;

const exact = (value: unknown): bigint | null => {
  if (typeof value === 'bigint') return value;
  if (value instanceof Long) return value.toBigInt();
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : null;
};

const compareNumbers = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') {
    // Not a number comes before all numbers.
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
    return less(a, b);
  }
  const [whole, other] = [exact(a), exact(b)];
  if (whole !== null && other !== null) return less(whole, other);
  return less(Number(String(a)), Number(String(b)));
};

const bytesOf = (value: unknown): Uint8Array =>
  value instanceof Binary ? value.buffer : (value as Uint8Array);

const compareBinary = (a: unknown, b: unknown): number => {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return less(left.length, right.length) || Buffer.compare(left, right);
};

const compareArrays = (a: readonly unknown[], b: readonly unknown[]): number => {
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return less(a.length, b.length);
};

/** Field by field: the kind of the value, then the name, then the value. */
const compareObjects = (a: object, b: object): number => {
  const left = Object.keys(a);
  const right = Object.keys(b);
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    const nameA = left[i] as string;
    const nameB = right[i] as string;
    const valueA: unknown = (a as Record<string, unknown>)[nameA];
    const valueB: unknown = (b as Record<string, unknown>)[nameB];
    const order =
      less(rankOf(valueA), rankOf(valueB)) || less(nameA, nameB) || compareValues(valueA, valueB);
    if (order !== 0) return order;
  }
  return less(left.length, right.length);
};

/** Negative, zero or positive. */
export const compareValues = (a: unknown, b: unknown): number => {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : 1;
  if (a instanceof Date && b instanceof Date) return less(a.getTime(), b.getTime());
  const rank = rankOf(a);
  const order = less(rank, rankOf(b));
  if (order !== 0) return order;
  switch (rank) {
    case ranks.number:
      return compareNumbers(a, b);
    case ranks.object:
      return compareObjects(a as object, b as object);
    case ranks.array:
      return compareArrays(a as unknown[], b as unknown[]);
    case ranks.binary:
      return compareBinary(a, b);
    case ranks.objectId:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case ranks.boolean:
      return less(a as boolean, b as boolean);
    case ranks.date:
      return less((a as Date).getTime(), (b as Date).getTime());
    case ranks.timestamp:
      return less((a as Timestamp).toBigInt(), (b as Timestamp).toBigInt());
    case ranks.regExp:
      return less(String(a), String(b));
    default:
      return 0;
  }
};

export const isSameValue = (a: unknown, b: unknown): boolean => compareValues(a, b) === 0;
