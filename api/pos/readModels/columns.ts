/**
 * How rows come out of Postgres, whatever the pool makes of its types: amounts as numbers (all are below 2^53), times in
 * milliseconds, positions as bigints.
 */
import type { QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** What is asked of a pool. */
export interface Asked {
  query<Row extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<Row>>;
}

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `total::float8 as "total"` for `total`, of the column that has the name in snake case. */
export const amount = (name: string): string => `${snake(name)}::float8 as "${name}"`;
export const instant = (name: string): string =>
  `(extract(epoch from ${snake(name)}) * 1000)::float8 as "${name}"`;
export const plain = (name: string): string => `${snake(name)} as "${name}"`;
/** As text: the caller makes a bigint of it. */
export const position = (name = 'position'): string => `${snake(name)}::text as "${name}"`;

export const columns = (...parts: readonly string[]): string => parts.join(', ');
