/**
 * Schemas of read models: each version owns `<name>_v<version>`, the views of schema `read` show the live one. Replacing what is
 * live is a change of views in one transaction, so a reader sees the old tables or the new ones and never none.
 */
import type { Db, Projection } from './projection.js';

export const schemaOf = ({ name, version }: Pick<Projection, 'name' | 'version'>): string =>
  `${name}_v${version}`;

const grammar = /^[a-z][a-z0-9_]{0,35}$/;

/** Names of schemas are put into statements as they are. @throws RangeError where one is not plain. */
export const checkedSchema = (name: string): string => {
  if (grammar.test(name)) return name;
  throw new RangeError(`A schema is named by lower case letters, digits and _: not ${name}.`);
};

const inSchema = (ddl: string, schema: string): string =>
  ddl.replaceAll('{schema}', checkedSchema(schema));

export const schemaExists = async (db: Db, schema: string): Promise<boolean> => {
  const { rowCount } = await db.query('select from pg_namespace where nspname = $1', [schema]);
  return rowCount === 1;
};

/** Empty tables; what lay there is dropped. */
export const createTables = async (db: Db, schema: string, projection: Projection) => {
  await dropSchema(db, schema);
  await db.query(`create schema ${checkedSchema(schema)}`);
  await db.query(inSchema(projection.tables, schema));
};

/** With fresh statistics: queries must not plan with those of the empty tables. */
export const createIndexes = async (db: Db, schema: string, projection: Projection) => {
  if (projection.indexes) await db.query(inSchema(projection.indexes, schema));
  for (const table of await tablesOf(db, schema)) await db.query(`analyze ${schema}.${table}`);
};

export const dropSchema = async (db: Db, schema: string): Promise<void> => {
  await db.query(`drop schema if exists ${checkedSchema(schema)} cascade`);
};

/** Names of its tables, sorted. */
export const tablesOf = async (db: Db, schema: string): Promise<string[]> => {
  const { rows } = await db.query<{ tablename: string }>(
    'select tablename from pg_tables where schemaname = $1 order by tablename',
    [schema],
  );
  return rows.map(({ tablename }) => tablename);
};

/** `create or replace` keeps what depends on a view; only where the columns changed is it made anew. */
const viewChanged = new Set(['42P16']);

/** Lets the views of `read` show this schema. In a transaction. */
export const pointViews = async (db: Db, schema: string, projection: Projection): Promise<void> => {
  await db.query('create schema if not exists read');
  for (const [name, query] of Object.entries(projection.views)) {
    const definition = `view read.${name} as ${inSchema(query, schema)}`;
    await db.query('savepoint view');
    try {
      await db.query(`create or replace ${definition}`);
    } catch (error) {
      if (!viewChanged.has((error as { code?: string }).code ?? '')) throw error;
      await db.query('rollback to savepoint view');
      await db.query(`drop view read.${name}`);
      await db.query(`create ${definition}`);
    }
    await db.query('release savepoint view');
  }
};

/** Only one process at a time makes or replaces schemas. Until the end of the transaction. */
export const lockSchemas = async (db: Db): Promise<void> => {
  await db.query(`select pg_advisory_xact_lock(hashtext('kopilka.projections'))`);
};
