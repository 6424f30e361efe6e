/**
 * Connections to PostgreSQL. Every statement, lock and idle transaction has a deadline that the server itself keeps,
 * so a lost client or a stuck query never holds others up for long.
 *
 * Types are converted per pool, never globally: int8 becomes a bigint (positions and amounts stay exact), numeric and
 * date stay text (no rounding, no time zone), timestamptz becomes a Date.
 */
import pg from 'pg';

export type PostgresConfig =
  | { readonly connectionString: string }
  | (Readonly<Pick<pg.PoolConfig, 'host' | 'port'>> & {
      readonly user: string;
      readonly password: string;
      readonly database: string;
    });

export interface PoolOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Most connections; 10 unless told. */
  readonly max?: number;
  /** Longest statement, ms; 30,000 unless told. `set local statement_timeout` lifts it for one transaction. */
  readonly statementTimeoutMs?: number;
  /**
   * Every statement walks an index a little way, whatever the size of its tables, and the planner is not to think otherwise: a plan made
   * while a table was nearly empty reads all of it once it has grown, until somebody analyses it.
   */
  readonly byIndex?: true;
  /** Connections stay open however long nobody needs them: whoever is in a hurry then would wait for a new one. */
  readonly keepsIdle?: boolean;
  /** Told of each connection which process of the server serves it, where that server was started here, on this machine. */
  readonly onBackend?: (pid: number) => void;
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  readonly onIdleError: (error: Error) => void;
}

const connectTimeoutMs = 10_000;
const lockTimeoutMs = 10_000;
const idleInTransactionTimeoutMs = 60_000;
const idleTimeoutMs = 30_000;
const byIndex = ['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin']
  .map((way) => `-c enable_${way}=off`)
  .join(' ');

const { INT8, NUMERIC, DATE } = pg.types.builtins;
const asText = (text: string): string => text;

const textParsers = new Map<number, (text: string) => unknown>([
  [INT8, (text) => BigInt(text)],
  [1016, (text) => arrayOf(text)], // int8[]
  [NUMERIC, asText],
  [DATE, asText],
]);

const arrayOf = (text: string): bigint[] =>
  text === '{}'
    ? []
    : text
        .slice(1, -1)
        .split(',')
        .map((item) => BigInt(item));

/** The conversions of this pool, also for a pg.Client of its own. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && textParsers.get(oid)) ||
    pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** What is named by an address may be another machine, whose process numbers mean nothing here. */
const isOurs = (config: PostgresConfig): boolean => !('connectionString' in config);
/** The server's process of a connection. */
type BackendOf = pg.PoolClient & { readonly processID: number };

/** A pool that opens connections as they are needed; close it with end(). */
export const createPool = (config: PostgresConfig, options: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    ...config,
    types,
    application_name: options.applicationName,
    max: options.max ?? 10,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: options.keepsIdle ? 0 : idleTimeoutMs,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    ...(options.byIndex && { options: byIndex }),
  });
  const { onBackend } = options;
  if (onBackend && isOurs(config)) {
    pool.on('connect', (client) => onBackend((client as BackendOf).processID));
  }
  pool.on('error', (error) => {
    // pg hangs its whole client on the error: three kilobytes of its insides in a line of the log.
    Object.defineProperty(error, 'client', { enumerable: false });
    options.onIdleError(error);
  });
  // A connection that breaks while it is used fails its query; unheard, its event would end the process as well.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
};
