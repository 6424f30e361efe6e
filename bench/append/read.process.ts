/** Reads the log through the official client: as pages asked for, and as a subscription that catches up. */
import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';
import { answerParent } from '../child.js';

export interface ReadPlan {
  readonly connectionString: string;
  readonly way: 'readAll' | 'subscribeToAll';
  readonly eventsMax: number;
}

export interface ReadRate {
  readonly events: number;
  readonly seconds: number;
}

let client: EventStoreDBClient | undefined;

const readAll = async (log: EventStoreDBClient, eventsMax: number): Promise<number> => {
  let events = 0;
  const pages = log.readAll({ direction: FORWARDS, fromPosition: START, maxCount: eventsMax });
  for await (const { event } of pages) if (event) events += 1;
  return events;
};

/** Up to the moment that the server says it has caught up. */
const catchUp = (log: EventStoreDBClient, eventsMax: number): Promise<number> =>
  new Promise((resolve, reject) => {
    let events = 0;
    const subscription = log.subscribeToAll({ fromPosition: START });
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

const read = async ({ connectionString, way, eventsMax }: ReadPlan): Promise<ReadRate> => {
  const log = (client ??= EventStoreDBClient.connectionString(connectionString));
  const started = performance.now();
  const events = await (way === 'readAll' ? readAll(log, eventsMax) : catchUp(log, eventsMax));
  return { events, seconds: (performance.now() - started) / 1000 };
};

answerParent(read, async () => client?.dispose());
