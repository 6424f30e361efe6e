/**
 * Rebuilds a read model of the same version from the log: a shadow schema is filled beside the live one, which answers and
 * follows meanwhile, then takes its place in one transaction. The tables replaced are kept until `cleanUp`.
 *
 * It may run in any process. The swap locks the live checkpoint, brings the shadow up to it or beyond, and leaves the shadow's
 * position there: the runner finds it moved, reads it again and goes on in the new tables.
 */
import type pg from 'pg';
import type { Target } from './batch.js';
import {
  deleteCheckpoint,
  insertCheckpoint,
  knownCheckpoint,
  readCheckpoint,
  readCheckpoints,
} from './checkpoints.js';
import type { Feed } from './feed.js';
import { fill, headOf } from './fill.js';
import { keyOf } from './open.js';
import { createMeter, type OnProgress, type Progress } from './progress.js';
import type { Db, Projection } from './projection.js';
import {
  createIndexes,
  createTables,
  dropSchema,
  lockSchemas,
  pointViews,
  schemaExists,
  schemaOf,
} from './schema.js';
import { inTransaction } from './transaction.js';

export interface RebuildOptions {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly projection: Projection;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Goes on with a shadow that was left behind instead of beginning again; only for unchanged code. */
  readonly resume?: boolean;
}

const shadowOf = (projection: Projection): string => `${schemaOf(projection)}_rebuild`;
const replacedOf = (projection: Projection): string => `${schemaOf(projection)}_replaced`;

/** While the live one is held: a shadow that needs longer is brought nearer first. */
const swapMs = 4_000;
const swapAttempts = 10;

/** Who reads two of the views may hold one and wait for the other, as the swap does the other way round: one of them has to begin again. */
const isDeadlock = (error: unknown): boolean =>
  (error as { code?: string } | null)?.code === '40P01';

/**
 * Answers when the new tables are live.
 * @throws the signal's reason where it was cancelled: the live read model is as it was.
 */
export const rebuild = async (options: RebuildOptions): Promise<Progress> => {
  const { pool, projection, signal, feed } = options;
  const shadow = await inTransaction(pool, (db) => openShadow(db, options), { long: true });
  const target = await headOf(feed);
  const meter = createMeter(
    { name: projection.name, schema: shadow.schema, target },
    shadow.position,
  );
  const fillTo = (position: bigint, until: AbortSignal): Promise<void> =>
    fill({
      feed,
      pool,
      targets: [shadow],
      until: { position },
      signal: until,
      onBatch: (done) => options.onProgress?.(meter.add(done.facts, done.position)),
    });
  await fillTo(target, signal);
  await inTransaction(pool, (db) => createIndexes(db, shadow.schema, projection), { long: true });
  for (let attempt = 1; ; attempt += 1) {
    await fillTo(await headOf(feed), signal);
    signal.throwIfAborted();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(swapMs)]);
    try {
      await swap(pool, projection, shadow, async () => fillTo(await headOf(feed), deadline));
      return meter.latest();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === swapAttempts || !(deadline.aborted || isDeadlock(error))) throw error;
    }
  }
};

const openShadow = async (db: Db, options: RebuildOptions): Promise<Target> => {
  const { projection, resume = false } = options;
  const schema = shadowOf(projection);
  const key = { projection: schema, version: projection.version };
  await lockSchemas(db);
  const left = await readCheckpoint(db, key, 'for update');
  if (!left || !resume || !(await schemaExists(db, schema))) {
    await deleteCheckpoint(db, key);
    await createTables(db, schema, projection);
    await insertCheckpoint(db, key, 'rebuilding');
  }
  const { position } = await knownCheckpoint(db, key);
  return { projection, schema, key, position, events: 0 };
};

const swap = (
  pool: pg.Pool,
  projection: Projection,
  shadow: Target,
  reach: () => Promise<void>,
): Promise<void> =>
  inTransaction(
    pool,
    async (db) => {
      await lockSchemas(db);
      const key = keyOf(projection);
      await readCheckpoint(db, key, 'for update');
      await reach();
      const schema = schemaOf(projection);
      await dropSchema(db, replacedOf(projection));
      if (await schemaExists(db, schema)) {
        await db.query(`alter schema ${schema} rename to ${replacedOf(projection)}`);
      }
      await db.query(`alter schema ${shadow.schema} rename to ${schema}`);
      await pointViews(db, schema, projection);
      const { position, events } = await knownCheckpoint(db, shadow.key);
      await db.query(
        `update kopilka.checkpoints set position = $3, events = $4, last_error = null, updated_at = now()
          where projection = $1 and version = $2`,
        [key.projection, key.version, String(position), events],
      );
      await deleteCheckpoint(db, shadow.key);
    },
    { long: true },
  );

/** Drops what rebuilds and newer versions have replaced. Answers with the names of the schemas. */
export const cleanUp = (pool: pg.Pool, projections: readonly Projection[]): Promise<string[]> =>
  inTransaction(
    pool,
    async (db) => {
      await lockSchemas(db);
      const dropped: string[] = [];
      const drop = async (schema: string): Promise<void> => {
        if (!(await schemaExists(db, schema))) return;
        await dropSchema(db, schema);
        dropped.push(schema);
      };
      for (const projection of projections) await drop(replacedOf(projection));
      for (const { projection, version, status } of await readCheckpoints(db)) {
        if (status !== 'retired') continue;
        await drop(schemaOf({ name: projection, version }));
        await deleteCheckpoint(db, { projection, version });
      }
      return dropped;
    },
    { long: true },
  );
