/**
 * The thread of the read models: its own client of the log, its own connections, so that a rebuild never delays a till. What it
 * learns that others need (how far each read model is, what it measured) it tells the main thread in messages.
 */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { startProjections } from '../../projections/runner.js';
import { connect, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { createPool } from '../postgres/pool.js';
import type { FromProjections, ProjectionsSettings } from './projectionsThread.js';

/**
 * Where the processors are all busy, tills come before read models, which catch up afterwards: this thread is niced. Linux knows
 * the priority of a single thread; elsewhere it stays as it is.
 */
const niceness = 5;
try {
  setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), niceness);
} catch {
  // Another system, or not allowed: it only means that both have the same right.
}

const { connectionString, postgres } = workerData as ProjectionsSettings;
const port = parentPort;
if (!port) throw new Error('projections.thread.ts runs in a worker thread only');
const tell = (message: FromProjections): void => port.postMessage(message);

const log =
  (level: 'debug' | 'info' | 'warn' | 'error') =>
  (fields: object, message: string): void =>
    tell({ kind: 'log', level, fields: plain(fields), message });
/** Errors lose their fields on the way to another thread; keep those that tell something. */
const plain = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error
        ? { type: value.name, message: value.message, stack: value.stack }
        : value,
    ]),
  );
const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };

const client = connect(connectionString);
const pool = createPool(postgres, {
  applicationName: 'kopilka-projections',
  max: 6,
  onIdleError: (error) => logger.warn({ err: error }, 'a connection of the read models broke'),
});
const stopping = new AbortController();
const feed = createFeed(client, createCodec(eventDefinitions), (error, attempt) =>
  logger.warn({ err: error, attempt }, 'the subscription of the read models was interrupted'),
);
const running = startProjections({
  feed,
  pool,
  logger,
  signal: stopping.signal,
  metrics: {
    batch: (batch) => tell({ kind: 'batch', ...batch }),
    failed: (projection) => tell({ kind: 'failed', projection }),
  },
});
running.advanced.subscribe(({ projections, position }) =>
  tell({ kind: 'advanced', projections, position }),
);
void running.caughtUp.then(() => tell({ kind: 'caughtUp' }));

port.once('message', () => {
  stopping.abort();
  void running.stopped
    .then(() => pool.end())
    .then(() => disconnect(client))
    .finally(() => process.exit(0));
});
