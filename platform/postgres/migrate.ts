/**
 * Brings a database's schema up to date: runs the SQL files of a folder that it has not seen, in the order of their
 * numbers, each in a transaction of its own, under an advisory lock that a second process waits for.
 *
 * Files are named 0001_what_it_does.sql and only go up: a mistake is mended by the next file, since the data it
 * touched is already there.
 */
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { packageRoot } from '../packageRoot.js';
import type { PostgresConfig } from './pool.js';

export interface MigrationLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface MigrateOptions {
  /** Where the SQL files lie; Kopilka's own unless told. */
  readonly directory?: string;
  /** Schema of the table that remembers what was run (`migrations`); created when missing. */
  readonly schema?: string;
  readonly logger: MigrationLogger;
}

export const migrationsDirectory = join(packageRoot, 'platform', 'postgres', 'migrations');

const forRunner = (logger: MigrationLogger) => ({
  info: (text: string) => {
    const started = /^### MIGRATION (\S+) \(UP\)/.exec(text);
    if (started) logger.info({ migration: started[1] }, 'migrating the database');
  },
  warn: (text: string) => {
    // It misses a transaction around all files; each file has its own.
    if (!text.includes('not wrapped in a transaction')) logger.warn({}, text.trim());
  },
  error: (text: string) => logger.error({}, text.trim()),
});

/**
 * Runs what is missing and answers with the names of the files that were run.
 * @throws when a file fails (its own transaction is rolled back, earlier files stay), or when the database has seen
 * files that this version does not have.
 */
export const migrate = async (
  config: PostgresConfig,
  { directory = migrationsDirectory, schema = 'kopilka', logger }: MigrateOptions,
): Promise<readonly string[]> => {
  const client = new pg.Client({ ...config, application_name: 'kopilka-migrate' });
  await client.connect();
  try {
    const ran = await runner({
      dbClient: client,
      dir: directory,
      direction: 'up',
      migrationsTable: 'migrations',
      migrationsSchema: schema,
      createMigrationsSchema: true,
      advisoryLockMode: 'wait',
      singleTransaction: false,
      logger: forRunner(logger),
    });
    return ran.map(({ name }) => name);
  } finally {
    await client.end();
  }
};
