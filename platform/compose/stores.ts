/**
 * The servers that hold data: those that the connection strings name, or the embedded ones.
 *
 * The embedded log lives in a database of its own on the embedded PostgreSQL and runs in a thread of its own, so that neither a
 * busy API nor a busy log delays the other.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedPostgres, startPostgres } from '../../embedded/postgres/startPostgres.js';
import { startEventStoreThread } from '../../embedded/eventstore/startThread.js';
import { type Config, ConfigError } from '../config.js';
import type { Logger } from '../logging.js';
import type { PostgresConfig } from '../postgres/pool.js';
import { embeddedLogSettings } from './embeddedLogSettings.js';

/** What PostgreSQL needs to go on when the log takes no more: its own log grows in files of 16 MB, for read models too. */
const diskReserveBytes = 128 * 1024 * 1024;

export const databases = { readModels: 'kopilka', log: 'kopilka_log' } as const;

export interface PostgresStore {
  readonly config: PostgresConfig;
  /** For people, with psql; null where the server is not ours. */
  readonly url: string | null;
  readonly embedded: EmbeddedPostgres | null;
  stop(): Promise<void>;
}

export const openPostgres = async (
  config: Config,
  logger: Logger,
  onExit: (error: Error) => void,
): Promise<PostgresStore> => {
  if (config.postgresUrl) {
    const connection = { connectionString: config.postgresUrl };
    return { config: connection, url: null, embedded: null, stop: async () => undefined };
  }
  mkdirSync(config.dataDir, { recursive: true });
  const embedded = await startPostgres({
    dataDir: join(config.dataDir, 'postgres'),
    logger: logger.child({ component: 'postgres' }),
    onExit: ({ logTail }) =>
      onExit(
        new Error(
          `PostgreSQL ended by itself and cannot be started again. Its log ends:\n${logTail}`,
        ),
      ),
  });
  await embedded.ensureDatabase(databases.readModels);
  return {
    config: embedded.connection(databases.readModels),
    url: embedded.url(databases.readModels),
    embedded,
    stop: () => embedded.stop(),
  };
};

export interface LogStore {
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** @throws ConfigError where no log is named and there is no embedded PostgreSQL to keep one in. */
export const openLog = async (
  config: Config,
  postgres: PostgresStore,
  logger: Logger,
  onExit: (error: Error) => void,
): Promise<LogStore> => {
  if (config.eventStoreUrl) {
    return { connectionString: config.eventStoreUrl, stop: async () => undefined };
  }
  if (!postgres.embedded) {
    throw new ConfigError([
      'The embedded log needs the embedded PostgreSQL: set KOPILKA_EVENTSTORE_URL as well, or leave KOPILKA_POSTGRES_URL empty.',
    ]);
  }
  await postgres.embedded.ensureDatabase(databases.log);
  return startEventStoreThread({
    postgres: postgres.embedded.connection(databases.log),
    storage: { folder: postgres.embedded.folder, reserveBytes: diskReserveBytes },
    ...embeddedLogSettings(config),
    logger: logger.child({ component: 'eventstore' }),
    onCrash: onExit,
  });
};
