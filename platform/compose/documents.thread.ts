/**
 * The thread of the read models in documents: its own client of the log and of MongoDB, so that filling them delays no till. What it
 * learns that others need it tells the main thread in messages.
 */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { documentProjections } from '../../projections/documents/all.js';
import { followDocuments } from '../../projections/documents/follow.js';
import { connect, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { openDocumentStore } from '../mongo/client.js';
import type { DocumentsSettings, FromProjections } from './projectionsThread.js';

/** As the thread of the other read models: where the processors are all busy, tills come first. */
const niceness = 5;
try {
  setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), niceness);
} catch {
  // Another system, or not allowed: it only means that both have the same right.
}

const { connectionString, mongoUrl, share } = workerData as DocumentsSettings;
const port = parentPort;
if (!port) throw new Error('documents.thread.ts runs in a worker thread only');
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

const stopping = new AbortController();
const client = connect(connectionString);
const feed = createFeed(client, createCodec(eventDefinitions), (error, attempt) =>
  logger.warn({ err: error, attempt }, 'the subscription of the documents was interrupted'),
);
const store = await openDocumentStore(mongoUrl, {
  applicationName: 'kopilka-documents',
  connectionsMax: 4,
});

const behind = new Set(documentProjections.map(({ name }) => name));
const running = Promise.all(
  documentProjections.map((projection) =>
    followDocuments({
      ...{ feed, db: store.db, projection, logger, share, signal: stopping.signal },
      metrics: {
        batch: (batch) => tell({ kind: 'batch', ...batch }),
        failed: (name) => tell({ kind: 'failed', projection: name }),
      },
      onAdvanced: (name, position) => tell({ kind: 'advanced', projections: [name], position }),
      onCaughtUp: (name) => {
        if (behind.delete(name) && behind.size === 0) tell({ kind: 'caughtUp' });
      },
    }),
  ),
);

port.once('message', () => {
  stopping.abort();
  void running
    .then(() => store.close())
    .then(() => disconnect(client))
    .finally(() => process.exit(0));
});
