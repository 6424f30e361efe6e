/**
 * A page of a list in PostgreSQL. The list says by which columns it is ordered, which together tell its rows apart; from them come the
 * cursor, how it is checked, and the condition that leads to the rows after it, so that the three cannot disagree.
 */
import { cursorOf, fetchLimit, type Page, pageOf, type PageRequest, type Reader } from './pages.js';

type Row = Readonly<Record<string, unknown>>;

const kinds = {
  text: /^[^\0]{0,200}$/,
  date: /^\d{4}-\d\d-\d\d$/,
  integer: /^\d{1,9}$/,
  bigint: /^\d{1,18}$/,
} as const;

interface List<View> {
  /** Column and type, in order; a row shows each under its name, a date as text. */
  readonly key: Readonly<Record<string, keyof typeof kinds>>;
  /** All columns of the key downwards. */
  readonly descending?: boolean;
  /** Of `$1` and so on in `sql`. */
  readonly values: readonly unknown[];
  /** `after` is a condition, `limit` a number; the order is by the key. */
  readonly sql: (after: string, limit: string) => string;
  readonly toView: (row: Row) => View;
}

/** @throws BadCursor */
export const readPage = async <View>(
  db: Reader,
  page: PageRequest,
  { key, descending = false, values, sql, toView }: List<View>,
): Promise<Page<View>> => {
  const columns = Object.keys(key);
  const types = Object.values(key);
  const cursor = cursorOf(page, ...types.map((type) => kinds[type])) ?? [];
  const parts = cursor.map((_, i) => `$${values.length + 1 + i}::${types[i]}`);
  const after =
    cursor.length === 0
      ? 'true'
      : `(${columns.join(', ')}) ${descending ? '<' : '>'} (${parts.join(', ')})`;
  const limit = `$${values.length + cursor.length + 1}`;
  const all = [...values, ...cursor, fetchLimit(page)];
  const { rows } = await db.query<Row>(sql(after, limit), all);
  return pageOf(rows, page, (row) => columns.map((column) => String(row[column])), toView);
};
