/**
 * Rows on their way into Postgres: one array per column, taken apart by unnest, so a batch is one statement per table whatever
 * its size and the statement's text never changes (it is planned once per connection).
 *
 * The array literals are written here and not by pg: it escapes every element through several calls, which costs more than the
 * rest of a batch together. COPY would be faster by little and cannot update.
 */
import type { Db } from './projection.js';

type Value = string | number | bigint | boolean | null | undefined;

export interface Column<Row> {
  /** Type of the array's elements. */
  readonly type: string;
  /** Turns the element into the table's type. */
  readonly convert: (name: string) => string;
  readonly literal: (row: Row) => string;
}

const asIs = (name: string): string => name;
const plain = (value: Value): string => (value == null ? 'NULL' : String(value));

const quoted = (value: string): string =>
  /["\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;

export const text = <Row>(get: (row: Row) => string | null | undefined): Column<Row> => ({
  type: 'text',
  convert: asIs,
  literal: (row) => {
    const value = get(row);
    return value == null ? 'NULL' : quoted(value);
  },
});

export const bigint = <Row>(
  get: (row: Row) => number | bigint | null | undefined,
): Column<Row> => ({ type: 'bigint', convert: asIs, literal: (row) => plain(get(row)) });

export const integer = <Row>(get: (row: Row) => number | null | undefined): Column<Row> => ({
  type: 'integer',
  convert: asIs,
  literal: (row) => plain(get(row)),
});

export const boolean = <Row>(get: (row: Row) => boolean | null | undefined): Column<Row> => ({
  type: 'boolean',
  convert: asIs,
  literal: (row) => plain(get(row)),
});

/** From milliseconds since the epoch to timestamptz, exact to the millisecond. */
export const instant = <Row>(get: (row: Row) => number | null | undefined): Column<Row> => ({
  type: 'double precision',
  convert: (name) => `to_timestamp(${name} / 1000)`,
  literal: (row) => plain(get(row)),
});

export const jsonb = <Row>(get: (row: Row) => unknown): Column<Row> => ({
  type: 'text',
  convert: (name) => `${name}::jsonb`,
  literal: (row) => {
    const value = get(row);
    return value == null ? 'NULL' : quoted(JSON.stringify(value));
  },
});

export const textArray = <Row>(get: (row: Row) => readonly string[]): Column<Row> => ({
  type: 'text',
  convert: (name) => `${name}::text[]`,
  literal: (row) => quoted(`{${get(row).map(quoted).join(',')}}`),
});

export type Shape<Row> = Readonly<Record<string, Column<Row>>>;

/** `select … from unnest($1, $2 …)` with the columns of `shape` under their names. */
export const rowsSource = <Row>(shape: Shape<Row>): string => {
  const names = Object.keys(shape);
  const types = Object.values(shape).map(({ type }, i) => `$${i + 1}::${type}[]`);
  const outputs = names.map((name) => {
    const converted = shape[name]?.convert(name) ?? name;
    return converted === name ? name : `${converted} as ${name}`;
  });
  return `select ${outputs.join(', ')} from unnest(${types.join(', ')}) as rows(${names.join(', ')})`;
};

const literalOf = <Row>(column: Column<Row>, rows: readonly Row[]): string => {
  let literal = '{';
  for (let i = 0; i < rows.length; i += 1) {
    if (i > 0) literal += ',';
    literal += column.literal(rows[i] as Row);
  }
  return `${literal}}`;
};

export const rowsValues = <Row>(shape: Shape<Row>, rows: readonly Row[]): string[] =>
  Object.values(shape).map((column) => literalOf(column, rows));

/** A statement over many rows: `{schema}` and `{rows}` in its text stand for the schema and for the rows. */
export interface RowsStatement<Row> {
  /** Answers with the number of rows that it inserted or updated. */
  (db: Db, schema: string, rows: readonly Row[]): Promise<number>;
}

/**
 * `name` is unique in its projection: with the schema it names the prepared statement. No rows, no statement.
 */
export const rowsStatement = <Row>(
  name: string,
  shape: Shape<Row>,
  template: string,
): RowsStatement<Row> => {
  const withRows = template.replaceAll('{rows}', rowsSource(shape));
  const texts = new Map<string, string>();
  return async (db, schema, rows) => {
    if (rows.length === 0) return 0;
    let sql = texts.get(schema);
    if (sql === undefined) texts.set(schema, (sql = withRows.replaceAll('{schema}', schema)));
    const values = rowsValues(shape, rows);
    const { rowCount } = await db.query({ name: `${schema}.${name}`, text: sql, values });
    return rowCount ?? 0;
  };
};

/** `insert into {schema}.<table>` of all columns of `shape`. `onConflict` is the clause's text after `on conflict`. */
export const rowsInsert = <Row>(
  table: string,
  shape: Shape<Row>,
  onConflict?: string,
): RowsStatement<Row> => {
  const names = Object.keys(shape).join(', ');
  const conflict = onConflict === undefined ? '' : ` on conflict ${onConflict}`;
  return rowsStatement(
    `${table}.insert`,
    shape,
    `insert into {schema}.${table} as stored (${names}) {rows}${conflict}`,
  );
};
