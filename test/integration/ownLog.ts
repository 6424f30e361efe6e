/** A real log on a real PostgreSQL of its own, for tests that need no API: facts are written by hand, and workers run beside it. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { Log } from '../../commands/log.js';
import type { NewFact } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';
import { eventDefinitions } from '../../domain/registry.js';
import { startEventStoreThread } from '../../embedded/eventstore/startThread.js';
import { startPostgres } from '../../embedded/postgres/startPostgres.js';
import { connect, createLog, disconnect } from '../../platform/eventstore/client.js';
import { createCodec } from '../../platform/eventstore/codec.js';
import { createFeed } from '../../platform/eventstore/feed.js';
import { migrate } from '../../platform/postgres/migrate.js';
import { createPool, type PostgresConfig } from '../../platform/postgres/pool.js';
import type { Feed } from '../../projections/feed.js';

/** What another process needs to know. */
export interface LogSettings {
  readonly connectionString: string;
  readonly postgres: PostgresConfig;
}

export interface Stores {
  readonly log: Log;
  readonly feed: Feed;
  readonly pool: pg.Pool;
}

export interface OwnLog extends Stores {
  readonly settings: LogSettings;
  append(tenant: TenantId, stream: string, type: string, data: unknown): Promise<void>;
  stop(): Promise<void>;
}

const quiet = (): void => undefined;
export const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

export const factOf = (tenant: TenantId, type: string, data: unknown): NewFact => {
  const id = randomUUID();
  return {
    id,
    type,
    data,
    metadata: {
      tenant,
      actor: { kind: 'system', id: 'test' },
      correlationId: id,
      causationId: id,
      commandId: id,
      fingerprint: '',
      occurredAt: new Date().toISOString(),
      schemaVersion: 1,
    },
  };
};

const openStores = (
  { connectionString, postgres }: LogSettings,
  applicationName: string,
  onIdleError: (error: Error) => void,
): Stores & { close(): Promise<void> } => {
  const client = connect(connectionString);
  const codec = createCodec(eventDefinitions);
  const pool = createPool(postgres, { applicationName, onIdleError });
  return {
    log: createLog(client, codec),
    feed: createFeed(client, codec),
    pool,
    close: async () => {
      await pool.end();
      await disconnect(client);
    },
  };
};

export const startOwnLog = async (): Promise<OwnLog> => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-log-'));
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), logger: silent });
  await server.ensureDatabase('log');
  await server.ensureDatabase('models');
  const postgres = server.connection('models');
  await migrate(postgres, { logger: silent });
  const node = await startEventStoreThread({
    postgres: server.connection('log'),
    host: '127.0.0.1',
    port: 0,
  });
  const settings = { connectionString: node.connectionString, postgres };
  const { close, ...stores } = openStores(settings, 'test', quiet);
  return {
    ...stores,
    settings,
    append: async (tenant, stream, type, data) =>
      void (await stores.log.append(stream, 'any', [factOf(tenant, type, data)])),
    stop: async () => {
      await close();
      await node.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Runs a worker in this process, with stores of its own. @param trouble told of whatever went wrong. */
export const runBeside = <Worker extends { run(signal: AbortSignal): Promise<unknown> }>(
  settings: LogSettings,
  name: string,
  trouble: (error: unknown) => void,
  open: (stores: Stores) => Worker,
): { readonly worker: Worker; stop(): Promise<void> } => {
  const { close, ...stores } = openStores(settings, name, trouble);
  const worker = open(stores);
  const stopping = new AbortController();
  const running = worker.run(stopping.signal).catch(trouble);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
    await close();
  };
  return { worker, stop: () => (stopped ??= stop()) };
};

/** Looks until it holds. */
export const eventually = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 40_000,
): Promise<void> => {
  const until = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
