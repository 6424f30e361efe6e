/**
 * Rows on their way into Postgres: one array per column, taken apart by unnest, so a batch is one statement per table whatever
 * its size and the statement's text never changes (it is planned once per connection).
 *
 * The array literals are written here and not by pg: it escapes every element through several calls, which costs more than the
 * rest of a batch together. COPY would be faster by little and cannot update.
 */
import type { Db, Write } from './projection.js';

export interface Column<Row> {
  /** The column's values as an array, taken from parameter `$n`; null: the same for all rows, no parameter is needed. */
  readonly array: ((n: number) => string) | null;
  /** The table's value, given the name of the element. */
  readonly convert: (name: string) => string;
  readonly parameter: (rows: readonly Row[]) => string;
}

type Get<Row, Value> = (row: Row) => Value | null | undefined;

const asIs = (name: string): string => name;
const literalOf =
  (type: string) =>
  (n: number): string =>
    `$${n}::${type}[]`;

const plain =
  <Row>(get: Get<Row, number | bigint | boolean>) =>
  (rows: readonly Row[]): string => {
    const values = new Array<number | bigint | boolean | 'NULL'>(rows.length);
    for (let i = 0; i < rows.length; i += 1) values[i] = get(rows[i] as Row) ?? 'NULL';
    return `{${values.join(',')}}`;
  };

const quoted = (value: string): string =>
  value.includes('"') || value.includes('\\')
    ? `"${value.replace(/["\\]/g, '\\$&')}"`
    : `"${value}"`;

export const text = <Row>(get: Get<Row, string>): Column<Row> => ({
  array: literalOf('text'),
  convert: asIs,
  parameter: (rows) => {
    const values = new Array<string>(rows.length);
    for (let i = 0; i < rows.length; i += 1) {
      const value = get(rows[i] as Row);
      values[i] = value == null ? 'NULL' : quoted(value);
    }
    return `{${values.join(',')}}`;
  },
});

export const bigint = <Row>(get: Get<Row, number | bigint>): Column<Row> => ({
  array: literalOf('bigint'),
  convert: asIs,
  parameter: plain(get),
});

export const integer = <Row>(get: Get<Row, number>): Column<Row> => ({
  array: literalOf('integer'),
  convert: asIs,
  parameter: plain(get),
});

export const boolean = <Row>(get: Get<Row, boolean>): Column<Row> => ({
  array: literalOf('boolean'),
  convert: asIs,
  parameter: plain(get),
});

/** From milliseconds since the epoch to timestamptz, exact to the millisecond. */
export const instant = <Row>(get: Get<Row, number>): Column<Row> => ({
  array: literalOf('double precision'),
  convert: (name) => `to_timestamp(${name} / 1000)`,
  parameter: plain(get),
});

/** The day in UTC of milliseconds since the epoch. */
export const utcDay = <Row>(get: Get<Row, number>): Column<Row> => ({
  array: literalOf('double precision'),
  convert: (name) => `(to_timestamp(${name} / 1000) at time zone 'UTC')::date`,
  parameter: plain(get),
});

/** Never null. A line each: JSON has no line break of its own, so nothing needs to be escaped a second time. */
export const jsonb = <Row>(get: (row: Row) => unknown): Column<Row> => ({
  array: (n) => `string_to_array($${n}::text, E'\\n')`,
  convert: (name) => `${name}::jsonb`,
  parameter: (rows) => rows.map((row) => JSON.stringify(get(row))).join('\n'),
});

/** JSON as text: PostgreSQL takes it as it is, where jsonb has every number parsed; a view may cast it. */
export const jsonText = <Row>(get: (row: Row) => unknown): Column<Row> => ({
  ...jsonb(get),
  convert: asIs,
});

export const textArray = <Row>(get: (row: Row) => readonly string[]): Column<Row> => ({
  array: literalOf('text'),
  convert: (name) => `${name}::text[]`,
  parameter: (rows) =>
    `{${rows.map((row) => quoted(`{${get(row).map(quoted).join(',')}}`)).join(',')}}`,
});

/** The same SQL literal in every row. */
export const constant = <Row>(sql: string): Column<Row> => ({
  array: null,
  convert: () => sql,
  parameter: () => '',
});

export type Shape<Row> = Readonly<Record<string, Column<Row>>>;

const isSent = <Row>(column: Column<Row>): boolean => column.array !== null;

/** `select … from unnest($1, $2 …)` with the columns of `shape` under their names. */
export const rowsSource = <Row>(shape: Shape<Row>): string => {
  const sent = Object.entries(shape).filter(([, column]) => isSent(column));
  const arrays = sent.map(([, { array }], i) => array?.(i + 1));
  const outputs = Object.entries(shape).map(([name, { convert }]) => {
    const converted = convert(name);
    return converted === name ? name : `${converted} as ${name}`;
  });
  const names = sent.map(([name]) => name).join(', ');
  return `select ${outputs.join(', ')} from unnest(${arrays.join(', ')}) as rows(${names})`;
};

export const rowsValues = <Row>(shape: Shape<Row>, rows: readonly Row[]): string[] =>
  Object.values(shape)
    .filter(isSent)
    .map((column) => column.parameter(rows));

/** Writes the rows that it was made of; answers with the number of rows inserted or updated. */
export type WriteRows = (db: Db, schema: string) => Promise<number>;

/** A statement over many rows. They are encoded at once, so that this can be done while another batch is being written. */
export type RowsStatement<Row> = (rows: readonly Row[]) => WriteRows;

const nothing: WriteRows = async () => 0;

/**
 * `{schema}` and `{rows}` in `template` stand for the schema and for the rows. `name` is unique in its projection: with the
 * schema it names the prepared statement. No rows, no statement.
 */
export const rowsStatement = <Row>(
  name: string,
  shape: Shape<Row>,
  template: string,
): RowsStatement<Row> => {
  const withRows = template.replaceAll('{rows}', rowsSource(shape));
  const texts = new Map<string, string>();
  const textFor = (schema: string): string => {
    let sql = texts.get(schema);
    if (sql === undefined) texts.set(schema, (sql = withRows.replaceAll('{schema}', schema)));
    return sql;
  };
  return (rows) => {
    if (rows.length === 0) return nothing;
    const values = rowsValues(shape, rows);
    return async (db, schema) => {
      const { rowCount } = await db.query({
        name: `${schema}.${name}`,
        text: textFor(schema),
        values,
      });
      return rowCount ?? 0;
    };
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

/** One after the other, as they are given. */
export const inOrder =
  (...writes: readonly WriteRows[]): Write =>
  async (db, schema) => {
    for (const write of writes) if (write !== nothing) await write(db, schema);
  };
