/** The thread that reads pages of publications ahead of the deliveries: its own client of the log, a page for each that is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Fact } from '../../domain/fact.js';
import { eventDefinitions } from '../../domain/registry.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { packPage } from '../../workers/webhook/entries.js';
import { connect, createLog } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { openStreamPages } from '../eventstore/streamPages.js';
import type { FromPages, PagesSettings, PageWanted } from './publicationPages.js';

nameThread('pages');

const { connectionString } = workerData as PagesSettings;
const port = parentPort;
if (!port) throw new Error('publicationPages.thread.ts runs in a worker thread only');
const tell = (message: FromPages, handedOver: ArrayBuffer[] = []): void =>
  port.postMessage(message, handedOver);

const codec = createCodec(eventDefinitions);
const log = createLog(connect(connectionString), codec);
const quick = openStreamPages(connectionString);

const read = async (stream: string, first: number, count: number): Promise<readonly Fact[]> => {
  try {
    const events = await quick?.read(stream, first, count);
    if (events) return events.map((event) => codec.decode(event, event.position?.commit ?? 0n));
  } catch {
    // The client reads it, or says what is wrong.
  }
  return log.read(stream, first, count);
};

port.on('message', ({ id, stream, first, count }: PageWanted) => {
  read(stream, first, count).then(
    (facts) => {
      const page = packPage(facts);
      tell({ kind: 'page', id, page }, [page.bytes]);
    },
    (error: unknown) => tell({ kind: 'failed', id, message: String(error) }),
  );
});
tell({ kind: 'ready' });
