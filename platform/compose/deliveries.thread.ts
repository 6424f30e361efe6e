/**
 * The thread of deliveries: its own client of the log, its own connections, so that neither a slow endpoint nor a hundred thousand events
 * delay a till. What it measures and logs it tells the main thread in messages.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { forwardLog } from '../../embedded/thread/forwardLog.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { connect, createLog, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createCut } from '../eventstore/cut.js';
import { createFeed } from '../eventstore/feed.js';
import { rangeOf } from '../outbound/addresses.js';
import { createGuardedClient } from '../outbound/guardedClient.js';
import { createPool } from '../postgres/pool.js';
import { entryOf } from '../../workers/webhook/entries.js';
import { traceDialler } from '../../workers/webhook/tracing.js';
import { openThreadTracing } from '../tracing/thread.js';
import { createDeliveries } from './deliveries.js';
import type { DeliveriesSettings, FromDeliveries } from './deliveriesThread.js';
import { openPublicationPages } from './publicationPages.js';

const settings = workerData as DeliveriesSettings;
const { connectionString, postgres, privateNetworks, keptDays } = settings;
nameThread('deliveries');
const port = parentPort;
if (!port) throw new Error('deliveries.thread.ts runs in a worker thread only');
const tell = (message: FromDeliveries): void => port.postMessage(message);

const logger = forwardLog(tell);
const warn = (error: unknown, fields: object, message: string): void =>
  logger.warn({ ...fields, err: error }, message);

const client = connect(connectionString);
const codec = createCodec(eventDefinitions);
const pool = createPool(postgres, {
  applicationName: 'kopilka-deliveries',
  max: 4,
  onIdleError: (error) => warn(error, {}, 'a connection of the deliveries broke'),
});
const opened = privateNetworks.map(rangeOf);
const reportEveryMs = 1_000;
const dayMs = 86_400_000;

const traced = await openThreadTracing(settings.tracing, 'deliveries', logger);

let attempts: Record<string, number> = {};
/** Most attempts are counted as the one before: to put the name together and find it takes as long as to hash a body. */
let counted = { outcome: '', cause: '', name: '' };
let latencies: number[] = [];
const log = createLog(client, codec);
const pages = openPublicationPages({
  settings: { connectionString },
  readHere: async (stream, first, count) => (await log.read(stream, first, count)).map(entryOf),
  onFailed: (error) => warn(error, {}, 'a backlog of deliveries is not read beside for a while'),
});
const deliveries = createDeliveries({
  log,
  readAhead: pages.read,
  feed: createFeed(client, codec, (error, attempt) =>
    warn(error, { attempt }, 'a subscription of the deliveries was interrupted'),
  ),
  pool,
  openDialler: (connectionsMax) => {
    const dialler = createGuardedClient({ opened, connectionsMax });
    return traced ? traceDialler(dialler, traced.tracing) : dialler;
  },
  measures: {
    attempted: ({ outcome, cause }) => {
      if (counted.outcome !== outcome || counted.cause !== cause) {
        counted = { outcome, cause, name: `${outcome} ${cause}` };
      }
      const { name } = counted;
      attempts[name] = (attempts[name] ?? 0) + 1;
    },
    latency: (ms) => latencies.push(ms),
  },
  owner: randomUUID(),
  now: Date.now,
  ...(keptDays > 0 ? { retention: { keptMs: keptDays * dayMs, cut: createCut(client) } } : {}),
  onFailed: (error, key) => warn(error, { key }, 'a delivery could not go on, and is tried again'),
});

const report = (): void => {
  tell({ kind: 'measured', attempts, latencies, state: deliveries.state() });
  [attempts, latencies] = [{}, []];
};
const reporting = setInterval(report, reportEveryMs);

const stopping = new AbortController();
port.once('message', () => stopping.abort());
await deliveries.run(stopping.signal);
clearInterval(reporting);
report();
await pages.close();
await pool.end();
await disconnect(client);
await traced?.close();
process.exit(0);
