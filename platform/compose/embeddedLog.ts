/**
 * The database of a data directory's embedded log, for the log's own tools: that of the Kopilka that is running on it,
 * else its PostgreSQL started for as long as the tool works (Kopilka is then refused the directory, and says so).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { superuser } from '../../embedded/postgres/cluster.js';
import { DataDirectoryInUse } from '../../embedded/postgres/lock.js';
import { type PostgresConnection, startPostgres } from '../../embedded/postgres/startPostgres.js';
import { databases } from './stores.js';

export interface EmbeddedLog {
  readonly log: PostgresConnection;
  /** Where the keys of personal data are. */
  readonly readModels: PostgresConnection;
  /** Of the Kopilka that runs on this directory; undefined when none does. */
  readonly runningPid: number | undefined;
  close(): Promise<void>;
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Whether anything was ever kept in this directory. */
export const hasEmbeddedLog = (dataDir: string): boolean =>
  existsSync(join(dataDir, 'postgres', 'password'));

/** Creates the data directory when it is missing. @throws what starting PostgreSQL throws */
export const openEmbeddedLog = async (dataDir: string): Promise<EmbeddedLog> => {
  const folder = join(dataDir, 'postgres');
  try {
    const server = await startPostgres({ dataDir: folder, logger: silent });
    await server.ensureDatabase(databases.log);
    await server.ensureDatabase(databases.readModels);
    return {
      log: server.connection(databases.log),
      readModels: server.connection(databases.readModels),
      runningPid: undefined,
      close: () => server.stop(),
    };
  } catch (error) {
    if (!(error instanceof DataDirectoryInUse)) throw error;
    return attach(folder, error.pid);
  }
};

const attach = (folder: string, runningPid: number): EmbeddedLog => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
  const connection = (database: string): PostgresConnection => ({
    host: '127.0.0.1',
    port: Number(read('port')),
    user: superuser,
    password: read('password'),
    database,
  });
  return {
    log: connection(databases.log),
    readModels: connection(databases.readModels),
    runningPid,
    close: async () => {},
  };
};
