/**
 * The thread that tells requesters how their messages stand: its own client of the log and its own connections, so that journals with
 * hundreds of messages to an event are read beside the tills. One process works at a time; the others stand by.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createDirectory } from '../../commands/directory.js';
import { createArrivals } from '../../commands/publication/arrivals.js';
import { createPublish } from '../../commands/publication/publish.js';
import { eventDefinitions } from '../../domain/registry.js';
import { tenantEvents } from '../../domain/tenant/tenant.js';
import { forwardLog } from '../../embedded/thread/forwardLog.js';
import { lowerPriority } from '../../embedded/thread/lowerPriority.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { createStatusPublisher } from '../../workers/outreach/callbackPublishing.js';
import { createCallbacks } from '../../workers/outreach/callbacks.js';
import { connect, createLog, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { createPostgresPersonalKeys } from '../postgres/personalKeys.js';
import { createPool } from '../postgres/pool.js';
import { createSoleRunner } from '../postgres/soleRunner.js';
import { createToldMessages } from '../postgres/toldMessages.js';
import type { CallbacksSettings, FromCallbacks } from './callbacksThread.js';

nameThread('callbacks');
lowerPriority('last');

const { connectionString, postgres } = workerData as CallbacksSettings;
const port = parentPort;
if (!port) throw new Error('callbacks.thread.ts runs in a worker thread only');
const tell = (message: FromCallbacks): void => port.postMessage(message);
const logger = forwardLog(tell);

const client = connect(connectionString);
const codec = createCodec(eventDefinitions);
const feed = createFeed(client, codec, (error, attempt) =>
  logger.warn({ err: error, attempt }, 'a subscription of the callbacks was interrupted'),
);
const pool = createPool(postgres, {
  applicationName: 'kopilka-callbacks',
  max: 3,
  onIdleError: (error) => logger.warn({ err: error }, 'a connection of the callbacks broke'),
});

const directory = createDirectory();
const concerned = [
  ...tenantEvents.map(({ type }) => type),
  ...directory.exchange.eventTypes,
  ...directory.publishing.eventTypes,
];

const followDirectory = async (signal: AbortSignal, onCaughtUp: () => void): Promise<void> => {
  const filter = { eventTypes: concerned };
  for await (const item of feed.subscribe({ from: null, filter, signal })) {
    if (item.kind === 'fact') directory.apply(item.fact);
    else if (item.kind === 'checkpoint') directory.advance(item.position);
    else onCaughtUp();
  }
};

const onFailed = (error: unknown): void =>
  logger.warn({ err: error }, 'requesters could not be told, and are told again');

const work = async (signal: AbortSignal): Promise<void> => {
  const publish = createPublish({
    log: createLog(client, codec),
    directory,
    arrivals: createArrivals(),
    keys: createPostgresPersonalKeys(pool),
    // Limits are for what partners publish: waiting for that of one topic here would keep the requesters of all the others waiting.
    rates: { take: () => undefined },
  });
  const publisher = createStatusPublisher({
    publish,
    directory,
    now: Date.now,
    signal,
    onRefused: (error, { tenant, topicId, publication: { id } }) =>
      logger.warn({ err: error, tenant, topicId, id }, 'a status cannot be published there'),
  });
  const told = createToldMessages(pool);
  const onPublished = (events: number) => tell({ kind: 'published', events });
  await createCallbacks({ feed, told, publisher, now: Date.now, onFailed, onPublished }).run(
    signal,
  );
};

const stopping = new AbortController();
const { signal } = stopping;
port.once('message', () => stopping.abort());

let onCaughtUp = (): void => undefined;
const caughtUp = new Promise<void>((resolve) => (onCaughtUp = resolve));
const following = followDirectory(signal, onCaughtUp);
await Promise.race([caughtUp, following]);
await Promise.all([
  following,
  createSoleRunner(pool, onFailed).run('outreach callbacks', signal, work),
]);
await pool.end();
await disconnect(client);
process.exit(0);
