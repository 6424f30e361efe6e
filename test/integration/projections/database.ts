/** A real PostgreSQL for the specs of this folder, with an empty, migrated database for each spec. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { type EmbeddedPostgres, startPostgres } from '../../../embedded/postgres/startPostgres.js';
import { migrate } from '../../../platform/postgres/migrate.js';
import { createPool, type PoolOptions } from '../../../platform/postgres/pool.js';

export const quiet = {
  debug: (): void => undefined,
  info: (): void => undefined,
  warn: (): void => undefined,
  error: (): void => undefined,
};

export interface Database {
  /** Another pool of the same database: another process, as it were. */
  readonly pool: (options?: Partial<PoolOptions>) => pg.Pool;
  readonly close: () => Promise<void>;
}

export interface Server {
  /** Empty and migrated. */
  readonly database: () => Promise<Database>;
  readonly stop: () => Promise<void>;
}

export const startServer = async (settings: Record<string, string> = {}): Promise<Server> => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-projections-'));
  const server: EmbeddedPostgres = await startPostgres({
    dataDir: folder,
    logger: quiet,
    settings: { shared_buffers: '64MB', ...settings },
  });
  let count = 0;
  return {
    database: async () => {
      const name = `spec${(count += 1)}`;
      await server.ensureDatabase(name);
      await migrate(server.connection(name), { logger: quiet });
      const pools: pg.Pool[] = [];
      return {
        pool: (options) => {
          const pool = createPool(server.connection(name), {
            applicationName: 'spec',
            onIdleError: () => undefined,
            ...options,
          });
          pools.push(pool);
          return pool;
        },
        close: async () => {
          await Promise.all(pools.map((pool) => pool.end()));
        },
      };
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Looks until it holds. */
export const eventually = async (
  holds: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 40_000,
): Promise<void> => {
  const until = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
