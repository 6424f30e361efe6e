/**
 * The writer's connection. It holds an advisory lock for as long as it lives, so a database has one writer: a second
 * node is refused, and after a lost connection the old backend is known to have finished, committed or not, before
 * the new one may look.
 */
import pg from 'pg';
import { lowerPriorityOf } from '../../thread/lowerPriority.js';
import type { EventStoreOptions, Logger } from '../options.js';
import { applySchema } from '../schema.js';
import { pause } from './pause.js';

/** Any two numbers, the same in every node. */
export const LOCK_KEYS = [0x4b6f7069, 0x6c6b6101] as const;
const LOCK_POLL_MS = 100;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** When this passes without an answer the connection itself is taken for dead. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/** Another node writes to this database. */
export class LogIsTaken extends Error {}

/**
 * Every query of the node walks an index a little way, whatever the size of the log, and the planner is not to think
 * otherwise: before the first ANALYZE of a log that grew quickly it would read and sort all that is left of it to find
 * one page (43,000 instead of 200,000 rows/s at 200,000 events, and worse with each more).
 */
export const BY_INDEX = `
  SET enable_seqscan = off;
  SET enable_bitmapscan = off;
  SET enable_sort = off;
  SET enable_hashjoin = off;
  SET enable_mergejoin = off;
  SET jit = off;`;

/** pg's settings for a connection of this node. */
export const connectionConfig = (
  postgres: EventStoreOptions['postgres'],
  name: string,
): pg.ClientConfig => ({
  ...(typeof postgres === 'string' ? { connectionString: postgres } : postgres),
  application_name: `kopilka-eventstore-${name}`,
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
  query_timeout: ANSWER_TIMEOUT_MS,
  keepAlive: true,
});

export interface WriterConnection {
  readonly client: pg.Client;
  /** Position of the last event stored. */
  readonly head: number;
}

/** Connects, takes the log's lock within `lockWaitMs`, and brings the schema up to date. Throws `LogIsTaken`. */
export const openWriter = async (
  postgres: EventStoreOptions['postgres'],
  lockWaitMs: number,
  logger: Logger,
): Promise<WriterConnection> => {
  const client = new pg.Client(connectionConfig(postgres, 'writer'));
  client.on('error', (error) =>
    logger.warn({ err: error }, 'the event log lost its connection to PostgreSQL'),
  );
  try {
    await client.connect();
    // What is named by an address may be another machine, whose process numbers mean nothing here.
    if (typeof postgres !== 'string') lowerPriorityOf(backendOf(client), 'beside');
    await takeLock(client, lockWaitMs);
    await applySchema(client);
    await client.query(
      `${BY_INDEX} SET synchronous_commit = on; SET plan_cache_mode = force_generic_plan`,
    );
    const { rows } = await client.query<{ head: string }>(
      'SELECT coalesce(max(position), 0) AS head FROM eventstore.events',
    );
    return { client, head: Number(rows[0]!.head) };
  } catch (error) {
    await closeClient(client);
    throw error;
  }
};

/** The server's process of a connection. */
const backendOf = (client: pg.Client): number =>
  (client as pg.Client & { readonly processID: number }).processID;

/** Waits for the log's lock, which lives as long as the connection. Throws `LogIsTaken`. */
export const takeLock = async (client: pg.Client, waitMs: number): Promise<void> => {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock($1, $2) AS taken',
      [...LOCK_KEYS],
    );
    if (rows[0]?.taken) return;
    if (Date.now() >= deadline) {
      throw new LogIsTaken(
        'Another event store node is writing to this database: stop it first, or give this one a database of its own.',
      );
    }
    await pause(LOCK_POLL_MS);
  }
};

/** Closes a connection that may be broken; gives up waiting for it after a second. */
export const closeClient = (client: pg.Client): Promise<void> =>
  Promise.race([client.end().catch(() => {}), pause(1000)]);

/** True when the statement failed and the connection lives: the transaction is then known to be rolled back. */
export const isStatementError = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.severity !== 'FATAL' && error.severity !== 'PANIC';
/** SQLSTATE classes: insufficient resources (a full disk is 53100), operator intervention, system error, lock not available. */
const PASSING_CLASSES = new Set(['53', '57', '58', '55']);

/** True when the statement failed for a reason that lies in the server's circumstances and not in the statement. */
export const isPassingError = (error: unknown): error is pg.DatabaseError =>
  isStatementError(error) &&
  PASSING_CLASSES.has((error as pg.DatabaseError).code?.slice(0, 2) ?? '');
