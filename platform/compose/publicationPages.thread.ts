/** The thread that reads pages of publications ahead of the deliveries: its own client of the log, a page for each that is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { packPage } from '../../workers/webhook/entries.js';
import { connect, createLog } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import type { FromPages, PagesSettings, PageWanted } from './publicationPages.js';

nameThread('pages');

const { connectionString } = workerData as PagesSettings;
const port = parentPort;
if (!port) throw new Error('publicationPages.thread.ts runs in a worker thread only');
const tell = (message: FromPages, handedOver: ArrayBuffer[] = []): void =>
  port.postMessage(message, handedOver);

const log = createLog(connect(connectionString), createCodec(eventDefinitions));

port.on('message', ({ id, stream, first, count }: PageWanted) => {
  log.read(stream, first, count).then(
    (facts) => {
      const page = packPage(facts);
      tell({ kind: 'page', id, page }, [page.bytes]);
    },
    (error: unknown) => tell({ kind: 'failed', id, message: String(error) }),
  );
});
tell({ kind: 'ready' });
