/** Opens the log that a command is about, and turns what the tools throw into words and exit codes. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { NoLog, StoreRefused } from '../../embedded/eventstore/tools/connection.js';
import { ImportUnfinished } from '../../embedded/eventstore/tools/unfinishedImport.js';
import { ArchiveFault } from '../../embedded/eventstore/archive/format.js';
import { LogIsTaken } from '../../embedded/eventstore/log/connection.js';
import type { EventStoreOptions } from '../../embedded/eventstore/options.js';
import { hasEmbeddedLog, openEmbeddedLog } from '../../platform/compose/embeddedLog.js';
import { KeysRefused } from '../../platform/postgres/keyBackup.js';
import type { PostgresConfig } from '../../platform/postgres/pool.js';
import { exitCodes, Failure } from '../failure.js';

/** Where the log is, and how to print. */
export interface StoreOptions {
  readonly data: string;
  readonly postgres?: string;
  readonly json: boolean;
}

/** The path of a file that must be there. @throws Failure */
export const archiveIn = (file: string): string => {
  const path = resolve(file);
  if (existsSync(path)) return path;
  throw new Failure(`There is no file ${path}.`, { exitCode: exitCodes.usage });
};

export interface StorePlace {
  readonly log: EventStoreOptions['postgres'];
  /** Where the keys are; undefined where only a log was named. */
  readonly keys: PostgresConfig | undefined;
  /** For people. */
  readonly name: string;
  readonly runningPid: number | undefined;
}

const keysElsewhere = (): PostgresConfig | undefined => {
  const connectionString = process.env['KOPILKA_POSTGRES_URL'];
  return connectionString ? { connectionString } : undefined;
};

/**
 * Hands the log to `work`, and lets it go again.
 * @param create whether a data directory may be begun
 * @throws Failure
 */
export const withStorePlace = async <T>(
  options: Pick<StoreOptions, 'data' | 'postgres'>,
  create: boolean,
  work: (place: StorePlace) => Promise<T>,
): Promise<T> => {
  const { data, postgres } = options;
  try {
    if (postgres !== undefined) {
      const name = postgres.replace(/\/\/.*@/, '//');
      return await work({ log: postgres, keys: keysElsewhere(), name, runningPid: undefined });
    }
    if (!create && !hasEmbeddedLog(data)) throw noLogIn(data);
    const opened = await openEmbeddedLog(data);
    try {
      const { log, readModels, runningPid } = opened;
      return await work({ log, keys: keysElsewhere() ?? readModels, name: data, runningPid });
    } finally {
      await opened.close();
    }
  } catch (error) {
    throw inWords(error, data);
  }
};

const noLogIn = (data: string): Failure =>
  new Failure(`There is no embedded log in ${data}.`, {
    exitCode: exitCodes.usage,
    advice: 'Name the data directory with --data, or the database of the log with --postgres.',
  });

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  '28P01',
  '3D000',
]);

/** What the tools throw, as a Failure where it is none of our faults. */
export const inWords = (error: unknown, data: string): unknown => {
  const { message, code } = error as NodeJS.ErrnoException;
  if (error instanceof NoLog) return noLogIn(data);
  if (error instanceof LogIsTaken) {
    return new Failure('The log is open: an event store node is writing to it.', {
      exitCode: exitCodes.refused,
      advice: 'Stop Kopilka on this log (Ctrl-C, or the pid in ready.json), then do it again.',
    });
  }
  if (error instanceof ArchiveFault) {
    return new Failure(`The file is not what was exported: ${message}.`, {
      exitCode: exitCodes.failed,
      advice:
        'Take another copy of it; nothing of a file that does not fit its checksums is imported.',
    });
  }
  const isRefusal =
    error instanceof StoreRefused ||
    error instanceof KeysRefused ||
    error instanceof ImportUnfinished;
  if (isRefusal) return new Failure(message, { exitCode: exitCodes.refused });
  if (code && unreachable.has(code)) {
    return new Failure(`The database does not answer: ${message}`, {
      exitCode: exitCodes.unreachable,
    });
  }
  return error;
};
