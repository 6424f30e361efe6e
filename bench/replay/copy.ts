/**
 * The rows of a read model once more by plain COPY: no events, no decisions, no log; the fastest that PostgreSQL takes them in on
 * this machine. Tables are made like the filled ones, keys included, since a replay has to keep them too.
 */
import { pipeline } from 'node:stream/promises';
import { Readable, Writable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

export interface CopyRate {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly tables: Readonly<Record<string, number>>;
}

const scratch = 'bench_copy';

const tablesOf = async (client: pg.Client, schema: string): Promise<string[]> => {
  const { rows } = await client.query<{ tablename: string }>(
    'select tablename from pg_tables where schemaname = $1 order by tablename',
    [schema],
  );
  return rows.map(({ tablename }) => tablename);
};

const readOut = async (client: pg.Client, table: string): Promise<Buffer[]> => {
  const chunks: Buffer[] = [];
  const keep = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  await pipeline(client.query(copyTo(`copy ${table} to stdout`)), keep);
  return chunks;
};

/** Keys and not-null as in the original; the indexes that only queries need are no part of a replay's filling either. */
const makeLike = async (client: pg.Client, schema: string, tables: readonly string[]) => {
  await client.query(`drop schema if exists ${scratch} cascade`);
  await client.query(`create schema ${scratch}`);
  for (const table of tables) {
    await client.query(
      `create table ${scratch}.${table} (like ${schema}.${table} including defaults)`,
    );
    const { rows } = await client.query<{ definition: string }>(
      `select pg_get_constraintdef(oid) as definition from pg_constraint
        where conrelid = ($1 || '.' || $2)::regclass and contype in ('p', 'u')`,
      [schema, table],
    );
    for (const { definition } of rows) {
      await client.query(`alter table ${scratch}.${table} add ${definition}`);
    }
  }
};

/** In one transaction, as a careful loader would. `schema` is left as it was. */
export const copySameRows = async (url: string, schema: string): Promise<CopyRate> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const tables = await tablesOf(client, schema);
    const contents = new Map<string, Buffer[]>();
    for (const table of tables) contents.set(table, await readOut(client, `${schema}.${table}`));
    await makeLike(client, schema, tables);
    const counts: Record<string, number> = {};
    const started = performance.now();
    await client.query('begin');
    for (const [table, chunks] of contents) {
      const target = client.query(copyFrom(`copy ${scratch}.${table} from stdin`));
      await pipeline(Readable.from(chunks), target);
      counts[table] = target.rowCount;
    }
    await client.query('commit');
    const seconds = (performance.now() - started) / 1000;
    await client.query(`drop schema ${scratch} cascade`);
    const bytes = [...contents.values()].flat().reduce((sum, { length }) => sum + length, 0);
    const rows = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return { rows, bytes, seconds, tables: counts };
  } finally {
    await client.end();
  }
};
