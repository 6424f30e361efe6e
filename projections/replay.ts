/**
 * A read model as it was at a place or a time, in a schema of its own: `replay_<name>_<n>`. The live one is never touched.
 *
 * What was asked for is kept with the schema, so a replay that was cancelled or crashed is resumed by its name alone.
 */
import type pg from 'pg';
import type { Position } from '../domain/fact.js';
import type { Target } from './batch.js';
import {
  type Checkpoint,
  deleteCheckpoint,
  insertCheckpoint,
  knownCheckpoint,
  readCheckpoints,
  setStatus,
} from './checkpoints.js';
import type { Feed } from './feed.js';
import { fill, headOf, type Until } from './fill.js';
import { createMeter, type OnProgress, type Progress } from './progress.js';
import type { Db, Projection } from './projection.js';
import {
  checkedSchema,
  createIndexes,
  createTables,
  dropSchema,
  lockSchemas,
  schemaExists,
  tablesOf,
} from './schema.js';
import { inTransaction } from './transaction.js';

export interface ReplayOptions {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly projection: Projection;
  /** Neither: up to the end of the log as it is now. The time is when the log took a fact, not when it happened. */
  readonly until?: { readonly position?: Position; readonly recordedAt?: number };
  /** Of a replay that was begun before and is to be finished; `until` is then the one it was begun with. */
  readonly resume?: string;
  readonly onProgress?: OnProgress;
  readonly signal: AbortSignal;
}

export interface Replayed {
  readonly schema: string;
  /** Names of the tables in it. */
  readonly tables: readonly string[];
  readonly progress: Progress;
}

/** @throws the signal's reason where it was cancelled; `resume` with the schema's name goes on. */
export const replay = async (options: ReplayOptions): Promise<Replayed> => {
  const { feed, pool, projection, signal, onProgress } = options;
  const { target, until } = await inTransaction(
    pool,
    (db) => (options.resume === undefined ? begin(db, options) : goOn(db, options, options.resume)),
    { long: true },
  );
  const { schema, key } = target;
  const meter = createMeter(
    { name: projection.name, schema, target: until.position },
    target.position,
  );
  try {
    await fill({
      feed,
      pool,
      targets: [target],
      until,
      signal,
      onBatch: ({ facts, position }) => onProgress?.(meter.add(facts, position)),
    });
    await inTransaction(pool, (db) => createIndexes(db, schema, projection), { long: true });
    await setStatus(pool, key, 'replayed');
  } catch (error) {
    if (signal.aborted) await setStatus(pool, key, 'cancelled').catch(() => undefined);
    throw error;
  }
  return { schema, tables: await tablesOf(pool, schema), progress: meter.latest() };
};

interface Begun {
  readonly target: Target;
  readonly until: Until;
}

const begin = async (db: Db, options: ReplayOptions): Promise<Begun> => {
  const { projection, feed } = options;
  await lockSchemas(db);
  const head = await headOf(feed);
  const asked = options.until?.position ?? head;
  const recordedAt = options.until?.recordedAt;
  const position = asked < head ? asked : head;
  const until = recordedAt === undefined ? { position } : { position, recordedAt };
  const schema = await freeName(db, projection.name);
  const key = { projection: schema, version: projection.version };
  await createTables(db, schema, projection);
  await insertCheckpoint(db, key, 'replaying');
  await describe(db, schema, until);
  return { target: { projection, schema, key, position: 0n, events: 0 }, until };
};

const goOn = async (db: Db, options: ReplayOptions, schema: string): Promise<Begun> => {
  const { projection } = options;
  if (!schema.startsWith(`replay_${projection.name}_`)) {
    throw new Error(`${schema} is not a replay of ${projection.name}.`);
  }
  const key = { projection: checkedSchema(schema), version: projection.version };
  const until = await description(db, schema);
  const { position } = await knownCheckpoint(db, key);
  await setStatus(db, key, 'replaying');
  return { target: { projection, schema, key, position, events: 0 }, until };
};

const freeName = async (db: Db, name: string): Promise<string> => {
  for (let n = 1; ; n += 1) {
    const schema = `replay_${name}_${n}`;
    if (!(await schemaExists(db, schema))) return schema;
  }
};

const describe = async (db: Db, schema: string, until: Until): Promise<void> => {
  const text = JSON.stringify({ ...until, position: String(until.position) });
  await db.query(`comment on schema ${schema} is '${text}'`); // numbers only
};

const description = async (db: Db, schema: string): Promise<Until> => {
  const { rows } = await db.query<{ text: string | null }>(
    `select obj_description(oid, 'pg_namespace') as text from pg_namespace where nspname = $1`,
    [schema],
  );
  const text = rows[0]?.text;
  if (!text) throw new Error(`There is no replay ${schema} to resume: start a new one.`);
  const stored = JSON.parse(text) as { position: string; recordedAt?: number };
  return { ...stored, position: BigInt(stored.position) };
};

/** Those that are there, finished or not; `projection` of each is its schema. */
export const listReplays = async (db: Db): Promise<Checkpoint[]> =>
  (await readCheckpoints(db)).filter(({ projection }) => projection.startsWith('replay_'));

/** @throws where there is no replay of this name. */
export const dropReplay = (pool: pg.Pool, schema: string): Promise<void> =>
  inTransaction(
    pool,
    async (db) => {
      await lockSchemas(db);
      const known = (await listReplays(db)).filter(({ projection }) => projection === schema);
      if (known.length === 0) throw new Error(`There is no replay ${schema}.`);
      await dropSchema(db, schema);
      for (const checkpoint of known) await deleteCheckpoint(db, checkpoint);
    },
    { long: true },
  );
