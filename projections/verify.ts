/**
 * Proves that a read model is what the log says: replays it whole into a scratch schema and compares the tables row by row with
 * the live ones, both at the same position. The live one is held only for the last stretch and while the snapshot is taken.
 */
import type pg from 'pg';
import type { Position } from '../domain/fact.js';
import type { Target } from './batch.js';
import {
  deleteCheckpoint,
  insertCheckpoint,
  knownCheckpoint,
  readCheckpoint,
} from './checkpoints.js';
import type { Feed } from './feed.js';
import { fill } from './fill.js';
import { keyOf } from './open.js';
import { createMeter, type OnProgress } from './progress.js';
import type { Db, Projection } from './projection.js';
import { createTables, dropSchema, schemaOf, tablesOf } from './schema.js';
import { inTransaction } from './transaction.js';

export interface VerifyOptions {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly projection: Projection;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface TableDifference {
  readonly table: string;
  /** Rows that the live table has and the replay has not, and the other way round. */
  readonly liveOnly: number;
  readonly replayOnly: number;
  /** The first few of them as JSON. */
  readonly samples: readonly string[];
}

export interface Verified {
  readonly projection: string;
  readonly position: Position;
  /** Compared, by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Empty: the read model is exactly what the log says. */
  readonly differences: readonly TableDifference[];
}

const scratchOf = (projection: Projection): string => `verify_${schemaOf(projection)}`;

export const verify = async (options: VerifyOptions): Promise<Verified> => {
  const { pool, projection } = options;
  const schema = scratchOf(projection);
  const key = { projection: schema, version: projection.version };
  const drop = () =>
    inTransaction(
      pool,
      async (db) => {
        await dropSchema(db, schema);
        await deleteCheckpoint(db, key);
      },
      { long: true },
    );
  await drop();
  await inTransaction(pool, async (db) => {
    await createTables(db, schema, projection);
    await insertCheckpoint(db, key, 'replaying');
  });
  const scratch = { projection, schema, key, position: 0n, events: 0 };
  try {
    return await compare(options, scratch);
  } finally {
    await drop();
  }
};

const compare = async (options: VerifyOptions, scratch: Target): Promise<Verified> => {
  const { feed, pool, projection, signal, onProgress } = options;
  const near = (await knownCheckpoint(pool, keyOf(projection))).position;
  const { name } = projection;
  const meter = createMeter({ name, schema: scratch.schema, target: near }, 0n);
  const fillTo = (position: Position) =>
    fill({
      feed,
      pool,
      targets: [scratch],
      until: { position },
      signal,
      onBatch: (done) => onProgress?.(meter.add(done.facts, done.position)),
    });
  await fillTo(near);
  return withSnapshot(pool, async (reader) => {
    // Held: the live tables stand still until the snapshot that compares them is taken.
    const position = await inTransaction(pool, async (db) => {
      const held = await readCheckpoint(db, keyOf(projection), 'for update');
      const reached = held?.position ?? near;
      await fillTo(reached);
      await reader.query('select from kopilka.checkpoints limit 1');
      return reached;
    });
    const rows: Record<string, number> = {};
    const differences: TableDifference[] = [];
    for (const table of await tablesOf(reader, scratch.schema)) {
      const difference = await compareTable(reader, table, schemaOf(projection), scratch.schema);
      rows[table] = difference.rows;
      if (difference.liveOnly + difference.replayOnly > 0) differences.push(difference);
    }
    return { projection: name, position, rows, differences };
  });
};

/** A transaction whose first statement takes its snapshot for good. */
const withSnapshot = async <T>(pool: pg.Pool, work: (db: Db) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  try {
    await client.query(
      'begin isolation level repeatable read; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0',
    );
    return await work(client);
  } finally {
    const broken = await client.query('rollback').then(
      () => undefined,
      (error: Error) => error,
    );
    client.release(broken);
  }
};

const samplesMax = 5;

const compareTable = async (
  db: Db,
  table: string,
  live: string,
  scratch: string,
): Promise<TableDifference & { readonly rows: number }> => {
  const only = async (left: string, right: string) => {
    const { rows } = await db.query<{ count: string; samples: readonly string[] | null }>(
      `with alone as (select * from ${left}.${table} except all select * from ${right}.${table})
        select (select count(*) from alone) as count,
          (select array_agg(row_to_json(sample)::text) from (select * from alone limit ${samplesMax}) as sample) as samples`,
    );
    return { count: Number(rows[0]?.count ?? 0), samples: rows[0]?.samples ?? [] };
  };
  const liveOnly = await only(live, scratch);
  const replayOnly = await only(scratch, live);
  const { rows } = await db.query<{ count: string }>(
    `select count(*) as count from ${live}.${table}`,
  );
  return {
    table,
    rows: Number(rows[0]?.count ?? 0),
    liveOnly: liveOnly.count,
    replayOnly: replayOnly.count,
    samples: [...liveOnly.samples, ...replayOnly.samples],
  };
};
