/**
 * The server the suites talk to: the one KOPILKA_EVENTSTORE names, or an embedded node on a new database. The official
 * client keeps its pending appends in one table for the whole process, so a suite has one client and leaves it idle.
 *
 * The server may hold other data and be written to by others: cases use names of their own and ask no more of
 * positions than that they grow.
 */
import { randomUUID } from 'node:crypto';
import {
  EventStoreDBClient,
  jsonEvent,
  type EventStoreDBClient as Client,
  type JSONEventType,
  type JSONRecordedEvent,
} from '@eventstore/db-client';
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';
import { beforePostgresStops, newDatabase } from '../../integration/eventstore/postgres.js';

export type Counted = JSONEventType<string, { n: number }, { by: string } | undefined>;

export interface Node {
  readonly client: Client;
  readonly connectionString: string;
  stop(): Promise<void>;
}

export const startNode = async (): Promise<Node> => {
  const given = process.env['KOPILKA_EVENTSTORE'];
  const embedded = given ? undefined : await startEventStore({ postgres: await newDatabase() });
  const connectionString = given ?? embedded!.connectionString;
  const client = EventStoreDBClient.connectionString(connectionString);
  return {
    client,
    connectionString,
    stop: async () => {
      await client.dispose();
      await embedded?.stop();
    },
  };
};

let shared: Promise<Node> | undefined;
beforePostgresStops(async () => (await shared)?.stop());

/** The server of all suites that do nothing to it but use it; there from the first case of a describe block on. */
export const useNode = (): Pick<Node, 'client' | 'connectionString'> => {
  let node: Node | undefined;
  before(async function () {
    this.timeout(120_000);
    node = await (shared ??= startNode());
  });
  return {
    get client() {
      return node!.client;
    },
    get connectionString() {
      return node!.connectionString;
    },
  };
};

/** The connection string with one more option. */
export const withOption = (connectionString: string, option: string): string =>
  `${connectionString}${connectionString.includes('?') ? '&' : '?'}${option}`;

/** The two methods an append can take: credentials of its own make the client use the unary one. */
export const appendWays = {
  'in the batch stream': {},
  'by a call of its own': { credentials: { username: 'admin', password: 'changeit' } },
} as const;

/** A stream name nobody used, also on a server that holds other data. */
export const newStream = (category = 'counter'): string => `${category}-${randomUUID()}`;

export const counted = (n: number, id: string = randomUUID()) =>
  jsonEvent<Counted>({ id, type: 'Counted', data: { n } });

export const countedUpTo = (count: number) =>
  Array.from({ length: count }, (_nothing, n) => counted(n));

/** The events that a read gives, links aside. */
export const eventsOf = async <Event>(
  read: AsyncIterable<{ event?: Event | undefined }>,
): Promise<Event[]> => {
  const events: Event[] = [];
  for await (const { event } of read) events.push(event!);
  return events;
};

/** The numbers of the events that a read gives. */
export const numbersOf = async (read: AsyncIterable<{ event?: unknown }>): Promise<number[]> => {
  const numbers: number[] = [];
  for await (const { event } of read) numbers.push((event as JSONRecordedEvent<Counted>).data.n);
  return numbers;
};

/** What the promise is rejected with; fails when it is not. */
export const rejectionOf = async (promise: Promise<unknown>): Promise<Error> => {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
};

/** Resolves when the condition holds; throws after the deadline. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 40_000,
): Promise<void> => {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
