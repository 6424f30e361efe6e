/**
 * The tools' own connection to the log's database, and the locks by which they keep out of each other's way: exports
 * share one that a scavenge takes alone, so that nothing is removed from under an export.
 */
import pg from 'pg';
import type { EventStoreOptions } from '../options.js';
import { BY_INDEX, connectionConfig, LOCK_KEYS, takeLock } from '../log/connection.js';
import { applySchema } from '../schema.js';

/** Counting a large log takes longer than any statement of the node may. */
const STATEMENT_TIMEOUT_MS = 30 * 60_000;
/** Beside the writer's: see log/connection.ts. */
const TOOLS_LOCK = [0x4b6f7069, 0x6c6b6102] as const;

/** What was asked for cannot be done on this database now; the message says why and what to do. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}

/** The database holds no log. */
export class NoLog extends Error {
  override readonly name = 'NoLog';
  constructor() {
    super('There is no log in this database yet.');
  }
}

/** Connects. Close it with `end()`. */
export const openTool = async (
  postgres: EventStoreOptions['postgres'],
  name: string,
): Promise<pg.Client> => {
  const client = new pg.Client({
    ...connectionConfig(postgres, name),
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
  });
  client.on('error', () => {}); // the statement in hand fails with it
  await client.connect();
  await client.query(BY_INDEX);
  return client;
};

/** @throws NoLog */
export const requireLog = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('eventstore.events') IS NOT NULL AS found`,
  );
  if (!rows[0]!.found) throw new NoLog();
};

/** Held until the connection ends. @throws StoreRefused */
export const lockForExport = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock_shared($1, $2) AS taken',
    [...TOOLS_LOCK],
  );
  if (!rows[0]!.taken) {
    throw new StoreRefused('The log is being scavenged: export it when that is done.');
  }
};

/** Held until the connection ends. @throws StoreRefused */
export const lockForScavenge = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1, $2) AS taken',
    [...TOOLS_LOCK],
  );
  if (!rows[0]!.taken) {
    throw new StoreRefused('The log is being exported or scavenged: try again when that is done.');
  }
};

/** Whether a node has this log open for writing. */
export const hasWriter = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (
       SELECT FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND objsubid = 2
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND classid = $1::bigint::oid AND objid = $2::bigint::oid
     ) AS found`,
    [...LOCK_KEYS],
  );
  return rows[0]!.found;
};

/** Opens a log in the place of a node, made when there is none. @throws LogIsTaken while a node has it open */
export const openAsWriter = async (
  postgres: EventStoreOptions['postgres'],
  name: string,
  lockWaitMs: number,
): Promise<pg.Client> => {
  const client = await openTool(postgres, name);
  try {
    await takeLock(client, lockWaitMs);
    await applySchema(client);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
};
