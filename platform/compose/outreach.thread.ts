/**
 * A thread of outreach: its own client of the log, its own connections, so that neither a slow provider nor a hundred thousand messages
 * delay a till. What it measures and logs it tells the main thread in messages. One-time passwords have a thread like it: it fills no tables,
 * and where processors are all busy it comes before the other.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { forwardLog } from '../../embedded/thread/forwardLog.js';
import { lowerPriority, lowerPriorityOf } from '../../embedded/thread/lowerPriority.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { pause } from '../../projections/pause.js';
import { queueDepth } from '../../projections/outbox/figures.js';
import { connect, createLog, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { createPool } from '../postgres/pool.js';
import { openProvider } from '../../workers/outreach/providers/open.js';
import { traceProviders } from '../../workers/outreach/providers/tracing.js';
import { openThreadTracing } from '../tracing/thread.js';
import { hearCalls, tellCalls } from './callsUnderWay.js';
import { joinTurns } from './givingWay.js';
import { createOutreachSide, type Told } from './outreach.js';
import { gatherMeasures } from './outreachMeasures.js';
import type { FromOutreach, OutreachThreadSettings } from './outreachThread.js';

const settings = workerData as OutreachThreadSettings;
const { connectionString, postgres, privateNetworks, publicUrl, lanes, processId } = settings;
const isUrgent = lanes === 'urgent';
nameThread(isUrgent ? 'outreach urgent' : 'outreach');
if (!isUrgent) lowerPriority('last');
const port = parentPort;
if (!port) throw new Error('outreach.thread.ts runs in a worker thread only');
const tell = (message: FromOutreach): void => port.postMessage(message);
const logger = forwardLog(tell);

const reportEveryMs = 1_000;
/** At least; and it takes no more of the database's time than one part of so many: of more while one-time passwords are sent. */
const depthEveryMs = 5_000;
const depthShare = { usual: 20, beside: 400 } as const;

const client = connect(connectionString);
const codec = createCodec(eventDefinitions);
const pool = createPool(postgres, {
  applicationName: `kopilka-outreach-${lanes}`,
  max: isUrgent ? 2 : 8,
  ...(isUrgent ? {} : { onBackend: (pid: number) => lowerPriorityOf(pid, 'last') }),
  byIndex: true,
  keepsIdle: isUrgent,
  onIdleError: (error) => logger.warn({ err: error }, 'a connection of outreach broke'),
});
const urgentPool = createPool(postgres, {
  applicationName: `kopilka-outreach-${lanes}-first`,
  max: 3,
  byIndex: true,
  keepsIdle: isUrgent,
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
  lanes,
  tellUrgent: (told) => tell({ kind: 'toUrgent', told }),
  otherThread: (isUrgent ? hearCalls : tellCalls)(settings.callsUnderWay),
  turns: joinTurns(settings.turns),
  processId,
  owner: `${processId}/${randomUUID()}`,
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
    const share = side.givesWay() ? depthShare.beside : depthShare.usual;
    await pause(Math.max(depthEveryMs, took * share), stopping.signal);
  }
};
const reporting = setInterval(report, reportEveryMs);

const stopping = new AbortController();
const looking = isUrgent ? undefined : lookAtDepth();
port.on('message', (message: Told | 'stop') => {
  if (message === 'stop') stopping.abort();
  else side.told(message);
});
await side.run(stopping.signal);
clearInterval(reporting);
report();
await looking;
await Promise.all([pool.end(), urgentPool.end()]);
await disconnect(client);
await traced?.close();
process.exit(0);
