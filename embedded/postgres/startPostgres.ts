/**
 * The real PostgreSQL on one machine, without an installation: a server of our own below the data directory,
 * started and stopped with Kopilka, and started again when it ends by itself.
 *
 * Invariant: one server per data directory, owned by the process that holds its lock. Whatever a crash leaves (a
 * half-made cluster, a running server, a stale pid file) the next start clears by itself. Everything that outlives
 * a run lies in the data directory: password, port, cluster, logs, and `cluster-location` if the cluster had to be
 * kept apart.
 */
import { mkdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { provideCluster, providePassword, superuser } from './cluster.js';
import { choosePort, provideSocketFolder, type SocketFolder } from './endpoint.js';
import { takeLock } from './lock.js';
import type { EmbeddedPostgresLogger } from './logger.js';
import { placeCluster, type Placement } from './placement.js';
import { untilReady } from './readiness.js';
import { startServer, type Exit, type Server } from './server.js';
import { logTail, pruneLogs } from './serverLog.js';
import { supervise, type SupervisionLimits } from './supervise.js';
import { writeSettings, type PostgresSettings } from './settings.js';
import { takeOverCluster } from './takeover.js';

export type { EmbeddedPostgresLogger } from './logger.js';

export interface StartPostgres {
  /** Created when missing. As root: make its parents passable (0711) to spare a cluster kept apart. */
  readonly dataDir: string;
  readonly logger: EmbeddedPostgresLogger;
  /** Server settings that override ours. */
  readonly settings?: PostgresSettings;
  /** When to give up on a server that ends by itself; two minutes of failed starts, or ten ends in five, unless told. */
  readonly supervision?: Partial<SupervisionLimits>;
  /** Called once if the server has ended without being asked to and cannot be brought back. */
  readonly onExit?: (exit: Exit & { readonly logTail: string }) => void;
}

/** What pg.Pool and pg.Client take: our own socket. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface EmbeddedPostgres {
  /** Of the server that runs now. */
  readonly pid: number;
  /** Lies on the disk that the data lie on. */
  readonly folder: string;
  readonly superuser: string;
  /** For Kopilka's own connections (a UNIX socket). */
  connection(database: string): PostgresConnection;
  /** For people and other programs (TCP on 127.0.0.1), with the password. */
  url(database: string): string;
  /** Creates the database when missing. */
  ensureDatabase(database: string): Promise<void>;
  /** Fast shutdown within 8 s, then an immediate one. Twice is safe. */
  stop(): Promise<void>;
}

const lockName = 'kopilka.lock';
const startAttempts = 3;

interface Running {
  readonly server: Server;
  readonly connection: (database: string) => PostgresConnection;
  readonly socketFolder: SocketFolder;
}

const portIsTaken = (home: string): boolean =>
  /could not bind|Address already in use/i.test(logTail(home));

const runOnce = async (
  placement: Placement,
  password: string,
  dataDir: string,
  options: StartPostgres,
) => {
  const port = await choosePort(dataDir);
  const socketFolder = provideSocketFolder(placement);
  writeSettings(placement, { socketFolder: socketFolder.path, port }, options.settings ?? {});
  const connection = (database: string): PostgresConnection => ({
    host: socketFolder.path,
    port,
    user: superuser,
    password,
    database,
  });
  try {
    const server = await startReady(placement, connection('postgres'), options.logger);
    return { server, connection, socketFolder };
  } catch (error) {
    socketFolder.remove();
    throw error;
  }
};

/** Starts a server and waits until it answers; one that does not is stopped again, as is one that is no longer wanted. */
const startReady = async (
  placement: Placement,
  admin: PostgresConnection,
  logger: EmbeddedPostgresLogger,
  signal?: AbortSignal,
): Promise<Server> => {
  const server = await startServer(placement);
  const stop = () => void server.stop();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    await untilReady(server, admin, logger);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
};

const runServer = async (
  placement: Placement,
  password: string,
  dataDir: string,
  options: StartPostgres,
): Promise<Running> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(placement, password, dataDir, options);
    } catch (error) {
      // Somebody may take the port between our look at it and the server's.
      if (attempt < startAttempts && portIsTaken(placement.home)) continue;
      const said = logTail(placement.home);
      throw new Error(`${(error as Error).message}. Its log ends:\n${said}`, { cause: error });
    }
  }
};

const quotedIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const alreadyCreated = new Set(['42P04', '23505']); // also by another connection at the same moment

const ensureDatabase = async (admin: PostgresConnection, database: string): Promise<void> => {
  const client = new pg.Client(admin);
  client.on('error', () => {}); // the query that runs fails as well
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${quotedIdentifier(database)}`);
  } catch (error) {
    if (!alreadyCreated.has((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await client.end();
  }
};

/**
 * Starts the server, creating its cluster on the first start (about two seconds).
 * @throws "Data directory in use by pid N" while another process runs it; otherwise with the log's last lines.
 */
export const startPostgres = async (options: StartPostgres): Promise<EmbeddedPostgres> => {
  if (process.platform === 'win32') {
    throw new Error('The embedded PostgreSQL runs on Linux and macOS: set KOPILKA_POSTGRES_URL.');
  }
  mkdirSync(resolve(options.dataDir), { recursive: true });
  const dataDir = realpathSync(options.dataDir);
  const placement = placeCluster(dataDir, options.logger);
  const lock = await takeLock(join(placement.home, lockName), dataDir);
  let running: Running;
  try {
    const password = providePassword(dataDir, placement);
    await provideCluster(placement, password);
    await takeOverCluster(placement.cluster, options.logger);
    pruneLogs(placement.home);
    running = await runServer(placement, password, dataDir, options);
  } catch (error) {
    lock.release();
    throw error;
  }
  const { connection, socketFolder } = running;
  const { logger } = options;
  const supervision = supervise(running.server, {
    logger,
    limits: options.supervision ?? {},
    restart: async (signal) => {
      await takeOverCluster(placement.cluster, logger);
      socketFolder.clear();
      return startReady(placement, connection('postgres'), logger, signal);
    },
    onGivenUp: (exit) => {
      const said = logTail(placement.home);
      logger.error({ ...exit, logTail: said }, 'PostgreSQL has ended and cannot be brought back');
      options.onExit?.({ ...exit, logTail: said });
    },
  });
  const stop = async (): Promise<void> => {
    await supervision.stop();
    socketFolder.remove();
    lock.release();
  };
  let stopping: Promise<void> | undefined;
  const { port } = connection('postgres');
  logger.info({ pid: running.server.pid, port, home: placement.home }, 'PostgreSQL is ready');
  return {
    get pid() {
      return supervision.server().pid;
    },
    folder: placement.home,
    superuser,
    connection,
    url: (database) => {
      const { user, password } = connection(database);
      return `postgres://${user}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
    },
    ensureDatabase: (database) => ensureDatabase(connection('postgres'), database),
    stop: () => (stopping ??= stop()),
  };
};
