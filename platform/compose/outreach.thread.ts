/**
 * The thread of outreach: its own client of the log, its own connections, so that neither a slow provider nor a hundred thousand messages
 * delay a till. What it measures and logs it tells the main thread in messages.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { forwardLog } from '../../embedded/thread/forwardLog.js';
import { pause } from '../../projections/pause.js';
import { queueDepth } from '../../projections/outbox/figures.js';
import { connect, createLog, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { createPool } from '../postgres/pool.js';
import { openProvider } from '../../workers/outreach/providers/open.js';
import { traceProviders } from '../../workers/outreach/providers/tracing.js';
import { openThreadTracing } from '../tracing/thread.js';
import { createOutreachSide } from './outreach.js';
import { gatherMeasures } from './outreachMeasures.js';
import type { FromOutreach, OutreachSettings } from './outreachThread.js';

const settings = workerData as OutreachSettings;
const { connectionString, postgres, privateNetworks, publicUrl } = settings;
const port = parentPort;
if (!port) throw new Error('outreach.thread.ts runs in a worker thread only');
const tell = (message: FromOutreach): void => port.postMessage(message);
const logger = forwardLog(tell);

const reportEveryMs = 1_000;
/** At least; and it takes no more of the database's time than one part of so many. */
const depthEveryMs = 5_000;
const depthShare = 20;

const client = connect(connectionString);
const codec = createCodec(eventDefinitions);
const pool = createPool(postgres, {
  applicationName: 'kopilka-outreach',
  max: 8,
  byIndex: true,
  onIdleError: (error) => logger.warn({ err: error }, 'a connection of outreach broke'),
});
const urgentPool = createPool(postgres, {
  applicationName: 'kopilka-outreach-urgent',
  max: 3,
  byIndex: true,
  onIdleError: (error) => logger.warn({ err: error }, 'a connection of outreach broke'),
});
const gathered = gatherMeasures((record) => logger.info(record, 'called a provider'));
const traced = await openThreadTracing(settings.tracing, 'outreach', logger);
const side = createOutreachSide({
  ...(traced && { openProvider: traceProviders(openProvider, traced.tracing) }),
  log: createLog(client, codec),
  feed: createFeed(client, codec, (error, attempt) =>
    logger.warn({ err: error, attempt }, 'a subscription of outreach was interrupted'),
  ),
  pool,
  urgentPool,
  privateNetworks,
  publicUrl,
  logger,
  measures: gathered.measures,
  owner: randomUUID(),
  now: Date.now,
});

const report = (): void =>
  tell({ kind: 'measured', measured: gathered.take(), state: side.state() });
const lookAtDepth = async (): Promise<void> => {
  while (!stopping.signal.aborted) {
    const started = performance.now();
    await queueDepth(pool, Date.now())
      .then((depth) => tell({ kind: 'depth', depth }))
      .catch((error: unknown) => logger.debug({ err: error }, 'the queue could not be looked at'));
    const took = performance.now() - started;
    await pause(Math.max(depthEveryMs, took * depthShare), stopping.signal);
  }
};
const reporting = setInterval(report, reportEveryMs);

const stopping = new AbortController();
const looking = lookAtDepth();
port.once('message', () => stopping.abort());
await side.run(stopping.signal);
clearInterval(reporting);
report();
await looking;
await Promise.all([pool.end(), urgentPool.end()]);
await disconnect(client);
await traced?.close();
process.exit(0);
