/**
 * The thread of one job on a read model: does it, tells of its progress, ends.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { createReadModelWork } from '../../projections/work.js';
import { connect, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { createPool } from '../postgres/pool.js';
import type { FromJob } from './jobThread.js';
import type { JobSettings } from './readModelWorkThreads.js';

const { settings, task } = workerData as JobSettings;
nameThread('read model job');
const port = parentPort;
if (!port) throw new Error('readModelWork.thread.ts runs in a worker thread only');
const tell = (message: FromJob): void => port.postMessage(message);

const cancelled = new AbortController();
port.once('message', () => cancelled.abort());

const client = connect(settings.connectionString);
const pool = createPool(settings.postgres, {
  applicationName: 'kopilka-job',
  max: 4,
  onIdleError: () => undefined, // the next query says so
});
const work = createReadModelWork({ feed: createFeed(client, createCodec(eventDefinitions)), pool });
const watched = {
  signal: cancelled.signal,
  onProgress: (progress: Extract<FromJob, { kind: 'progress' }>['progress']) =>
    tell({ kind: 'progress', progress }),
};

const result = (): Promise<unknown> => {
  switch (task.kind) {
    case 'rebuild':
      return work.rebuild(task.projection, watched);
    case 'replay':
      return work.replay(task.projection, task.options, watched);
    case 'verify':
      return work.verify(task.projection, watched);
  }
};

try {
  tell({ kind: 'done', result: await result() });
} catch (error) {
  const { name, message } = error as Error;
  tell({ kind: 'failed', name, message });
} finally {
  await pool.end();
  await disconnect(client);
  // A subscription that was cancelled may keep its socket for a while.
  process.exit(0);
}
