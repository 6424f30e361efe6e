/**
 * Brings the schema and checkpoint of a read model's version into being, or finds them as they were left.
 *
 * The first version of a name is live at once, there is nothing older to answer; a later one is built beside the live one.
 */
import type pg from 'pg';
import type { Target } from './batch.js';
import {
  type Checkpoint,
  type CheckpointKey,
  type CheckpointStatus,
  deleteCheckpoint,
  insertCheckpoint,
  knownCheckpoint,
  readCheckpoint,
  readCheckpoints,
  setStatus,
} from './checkpoints.js';
import type { Db, Projection } from './projection.js';
import {
  createIndexes,
  createTables,
  lockSchemas,
  pointViews,
  schemaExists,
  schemaOf,
} from './schema.js';
import { inTransaction } from './transaction.js';

export const keyOf = ({ name, version }: Projection): CheckpointKey => ({
  projection: name,
  version,
});

export interface Opened extends Target {
  status: CheckpointStatus;
}

/** Safe to call again, and by several processes at once. */
export const openProjection = (pool: pg.Pool, projection: Projection): Promise<Opened> =>
  inTransaction(pool, (db) => openIn(db, projection), { long: true });

const openIn = async (db: Db, projection: Projection): Promise<Opened> => {
  await lockSchemas(db);
  const key = keyOf(projection);
  const schema = schemaOf(projection);
  let checkpoint = await readCheckpoint(db, key, 'for update');
  if (checkpoint && !(await schemaExists(db, schema))) {
    // Somebody dropped it: the log has everything.
    await deleteCheckpoint(db, key);
    checkpoint = null;
  }
  checkpoint ??= await begin(db, projection);
  const status = checkpoint.status === 'live' ? 'live' : 'building';
  if (status !== checkpoint.status) await setStatus(db, key, status);
  return { projection, schema, key, position: checkpoint.position, events: 0, status };
};

const begin = async (db: Db, projection: Projection): Promise<Checkpoint> => {
  const { name } = projection;
  const schema = schemaOf(projection);
  const older = (await readCheckpoints(db)).some(
    ({ projection: other, status }) => other === name && status === 'live',
  );
  await createTables(db, schema, projection);
  if (!older) {
    await createIndexes(db, schema, projection);
    await pointViews(db, schema, projection);
  }
  await insertCheckpoint(db, keyOf(projection), older ? 'building' : 'live');
  return knownCheckpoint(db, keyOf(projection));
};

/** Puts a version that was built beside the live one in its place, in one transaction. */
export const goLive = async (pool: pg.Pool, target: Opened): Promise<void> => {
  const { projection, schema, key } = target;
  await inTransaction(
    pool,
    async (db) => {
      await lockSchemas(db);
      await createIndexes(db, schema, projection);
      for (const other of await readCheckpoints(db)) {
        if (other.projection === key.projection && other.status === 'live') {
          await setStatus(db, other, 'retired');
        }
      }
      await pointViews(db, schema, projection);
      await setStatus(db, key, 'live');
    },
    { long: true },
  );
  target.status = 'live';
};
