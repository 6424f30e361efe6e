/**
 * The thread of the read models in documents: its own client of the log and of MongoDB, so that filling them delays no till. What it
 * learns that others need it tells the main thread in messages.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { forwardLog } from '../../embedded/thread/forwardLog.js';
import { lowerPriority } from '../../embedded/thread/lowerPriority.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { waitedMs } from '../../embedded/thread/waitedMs.js';
import { documentProjections } from '../../projections/documents/all.js';
import { followDocuments } from '../../projections/documents/follow.js';
import { connect, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { openDocumentStore } from '../mongo/client.js';
import { joinTurns, restingAsItWaits } from './givingWay.js';
import type { DocumentsSettings, FromProjections } from './projectionsThread.js';

nameThread('documents');
lowerPriority('spare');

const { connectionString, mongoUrl, share, turns } = workerData as DocumentsSettings;
const port = parentPort;
if (!port) throw new Error('documents.thread.ts runs in a worker thread only');
const tell = (message: FromProjections): void => port.postMessage(message);

const logger = forwardLog(tell);

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
// Nobody is answered before all are filled.
const givingWay = restingAsItWaits(joinTurns(turns), waitedMs, () => behind.size === 0);
const running = Promise.all(
  documentProjections.map((projection) =>
    followDocuments({
      feed,
      db: store.db,
      projection,
      logger,
      share,
      givingWay,
      signal: stopping.signal,
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
