/**
 * Lists in pages: a limit on each, and a cursor made of the last row's key, so that the next page costs no more than the first
 * and rows that arrive meanwhile neither repeat nor vanish.
 */
import type pg from 'pg';

/** Anything that runs a query: a pool, or a connection inside a transaction. */
export type Reader = Pick<pg.Pool, 'query'>;

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Give it as `after` to get the next page; null: this is the last. */
  readonly next: string | null;
}

export interface PageRequest {
  /** At most 1,000, which is also taken when more is asked for. */
  readonly limit: number;
  readonly after?: string | null;
}

const limitMax = 1_000;

export class BadCursor extends Error {
  override readonly name = 'BadCursor';
  constructor() {
    super('This page is not known: leave the cursor out to begin with the first.');
  }
}

/** One row more than the page tells whether there is a next one. */
export const fetchLimit = ({ limit }: PageRequest): number =>
  Math.min(Math.max(Math.trunc(limit), 1), limitMax) + 1;

export const pageOf = <Stored, Row>(
  stored: readonly Stored[],
  request: PageRequest,
  keyOf: (stored: Stored) => readonly (string | number | bigint)[],
  rowOf: (stored: Stored) => Row,
): Page<Row> => {
  const limit = fetchLimit(request) - 1;
  const kept = stored.slice(0, limit);
  const last = kept.at(-1);
  const more = stored.length > limit && last !== undefined;
  return {
    rows: kept.map(rowOf),
    next: more ? Buffer.from(JSON.stringify(keyOf(last).map(String))).toString('base64url') : null,
  };
};

/** The parts of the last row's key; null for the first page. @throws BadCursor */
export const cursorOf = (
  { after }: Pick<PageRequest, 'after'>,
  ...kinds: readonly RegExp[]
): string[] | null => {
  if (after == null) return null;
  const parts = parsed(after);
  const good = parts.length === kinds.length && kinds.every((kind, i) => kind.test(parts[i] ?? ''));
  if (!good) throw new BadCursor();
  return parts;
};

const parsed = (cursor: string): string[] => {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value;
  } catch {
    // said below
  }
  throw new BadCursor();
};

export const wholeNumber = /^[0-9]{1,18}$/;

/** int8 as it comes, text or bigint; exact for all amounts there can be. */
export const numberOf = (value: unknown): number => Number(value);
/** Milliseconds since the epoch. */
export const timeOf = (value: unknown): number => new Date(value as Date).getTime();
export const timeOrNull = (value: unknown): number | null => (value == null ? null : timeOf(value));

/** Collects the values of a statement while its text is written. */
export const parameters = () => {
  const values: unknown[] = [];
  return {
    values,
    /** `$n` of this value. */
    add: (value: unknown): string => `$${values.push(value)}`,
  };
};

/** Schema of the live read models. Replays have the same tables in schemas of their own. */
export const live = 'read';
