/**
 * The thread of the read models: its own client of the log, its own connections, so that a rebuild never delays a till. What it
 * learns that others need (how far each read model is, what it measured) it tells the main thread in messages.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { forwardLog } from '../../embedded/thread/forwardLog.js';
import { lowerPriority, lowerPriorityOf } from '../../embedded/thread/lowerPriority.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { togetherProjections } from '../../projections/all.js';
import { startProjections } from '../../projections/runner.js';
import { connect, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { createPool } from '../postgres/pool.js';
import type { FromProjections, ProjectionsSettings } from './projectionsThread.js';

nameThread('projections');
lowerPriority('behind');

const { connectionString, postgres } = workerData as ProjectionsSettings;
const port = parentPort;
if (!port) throw new Error('projections.thread.ts runs in a worker thread only');
const tell = (message: FromProjections): void => port.postMessage(message);

const logger = forwardLog(tell);

const client = connect(connectionString);
const pool = createPool(postgres, {
  applicationName: 'kopilka-projections',
  max: 6,
  onBackend: (pid) => lowerPriorityOf(pid, 'behind'),
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
  projections: togetherProjections,
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
