/**
 * The reading side: everything through the official client, in a process of its own. Also fills the log, in appends of many events,
 * since how fast it fills is not the question here.
 */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  ANY,
  EventStoreDBClient,
  FORWARDS,
  jsonEvent,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { connect } from '../../platform/eventstore/client.js';
import { smallEvent } from '../append/sampleEvents.js';
import { answerParent } from '../child.js';
import type { Way } from './ways.js';

/** For the whole life of the process: what Kopilka changes of the client holds for all of them. */
export type ClientKind = 'as published' | 'as Kopilka connects it';

export interface ReadPlan {
  readonly ask: 'read';
  readonly connectionString: string;
  readonly client: ClientKind;
  readonly way: Way;
  readonly eventsMax: number;
}

export interface FillPlan {
  readonly ask: 'fill';
  readonly connectionString: string;
  readonly client: ClientKind;
  /** Half of them go to one long stream, half to many short ones. */
  readonly events: number;
}

export interface ReadRate {
  readonly events: number;
  readonly seconds: number;
  /** Of this process: the client's decoding and what it runs on. */
  readonly cpuSeconds: number;
}

const longStream = 'rawlong-0';
const eventsOfAppend = 250;
/** Lets everything through, which a filter has to find out for each event. */
const prefixes = ['other', 'raw'];
const checkpointInterval = 32;

let client: EventStoreDBClient | undefined;
let connectedTo = '';

/** One client at a time: another's end would fail what is under way. */
const connected = async (plan: ReadPlan | FillPlan): Promise<EventStoreDBClient> => {
  const { connectionString } = plan;
  if (client && connectedTo === connectionString) return client;
  await client?.dispose();
  connectedTo = connectionString;
  client =
    plan.client === 'as published'
      ? EventStoreDBClient.connectionString(connectionString)
      : connect(connectionString);
  return client;
};

/** By `data` events, as the subscriptions here: `for await` costs about two microseconds an event more. */
const count = (reading: Readable): Promise<number> =>
  new Promise((resolve, reject) => {
    let events = 0;
    reading.on('data', ({ event }: { event?: unknown }) => {
      if (event) events += 1;
    });
    reading.once('end', () => resolve(events));
    reading.once('error', reject);
  });

/** Up to the moment that the server says it has caught up. */
const catchUp = (log: EventStoreDBClient, way: Way, eventsMax: number): Promise<number> =>
  new Promise((resolve, reject) => {
    let events = 0;
    const subscription = log.subscribeToAll({
      fromPosition: START,
      ...(way === 'subscribeFiltered'
        ? { filter: streamNameFilter({ prefixes, checkpointInterval }) }
        : {}),
    });
    const end = () => {
      resolve(events);
      void subscription.unsubscribe();
    };
    subscription.on('data', () => {
      events += 1;
      if (events === eventsMax) end();
    });
    subscription.on('caughtUp', end);
    subscription.on('error', reject);
  });

const readBy = (log: EventStoreDBClient, way: Way, maxCount: number): Promise<number> => {
  const direction = FORWARDS;
  if (way === 'readAll') return count(log.readAll({ direction, fromPosition: START, maxCount }));
  if (way === 'readStream')
    return count(log.readStream(longStream, { direction, fromRevision: START, maxCount }));
  return catchUp(log, way, maxCount);
};

const read = async (plan: ReadPlan): Promise<ReadRate> => {
  const { way, eventsMax } = plan;
  const log = await connected(plan);
  const before = process.cpuUsage();
  const started = performance.now();
  const events = await readBy(log, way, eventsMax);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { events, seconds, cpuSeconds: (user + system) / 1e6 };
};

const fill = async (plan: FillPlan): Promise<void> => {
  const { events } = plan;
  const log = await connected(plan);
  const metadata = new TextEncoder().encode(smallEvent.metadata);
  const { type, data } = smallEvent;
  for (let done = 0, index = 0; done < events; done += eventsOfAppend, index += 1) {
    const stream = index % 2 === 0 ? longStream : `rawshort-${index}`;
    const batch = Array.from({ length: eventsOfAppend }, () =>
      jsonEvent({ id: randomUUID(), type, data: { ...data }, metadata }),
    );
    await log.appendToStream(stream, batch, { expectedRevision: ANY });
  }
};

answerParent(
  (question: ReadPlan | FillPlan) => (question.ask === 'fill' ? fill(question) : read(question)),
  async () => client?.dispose(),
);
