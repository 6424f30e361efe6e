/**
 * MongoDB's official client with deadlines and measurements. The driver is loaded when the first client is made, not before: it takes
 * a quarter of a second and 20 MB, which a Kopilka without an exchange need not spend.
 */
import type { CommandStartedEvent, Db, MongoClient } from 'mongodb';
import type { Metrics } from '../metrics.js';

export interface DocumentStore {
  readonly db: Db;
  /** @throws what the driver throws, after the deadline at the latest. */
  ping(): Promise<void>;
  /** Twice is safe. */
  close(): Promise<void>;
}

export interface MongoMeasures {
  /** Of one command; `ok` is whether the server carried it out. */
  command(name: string, seconds: number, ok: boolean): void;
}

export interface ConnectOptions {
  readonly applicationName: string;
  readonly connectionsMax?: number;
  readonly measures?: MongoMeasures;
}

/** Where the address names none. */
const databaseDefault = 'kopilka';

/**
 * Milliseconds. A server that is gone is noticed by these; a search has a shorter deadline of its own. Whether a server is there is asked under
 * the time to connect: it is long, so that one that is busy for a moment loses no connection.
 */
const deadlines = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 30_000,
  socketTimeoutMS: 60_000,
  waitQueueTimeoutMS: 5_000,
} as const;
const pingMs = 2_000;

const databaseOf = (address: string): string =>
  /^[a-z+]+:\/\/[^/]+\/([^?/]+)/.exec(address)?.[1] ?? databaseDefault;

/** Commands by which the driver looks after itself. */
const ownAffairs = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'endSessions']);

const measure = (client: MongoClient, { command }: MongoMeasures): void => {
  const done =
    (ok: boolean) => (event: Pick<CommandStartedEvent, 'commandName'> & { duration: number }) => {
      if (!ownAffairs.has(event.commandName))
        command(event.commandName, event.duration / 1_000, ok);
    };
  client.on('commandSucceeded', done(true)).on('commandFailed', done(false));
};

/** Connects at the first command, and again by itself. */
export const openDocumentStore = async (
  address: string,
  { applicationName, connectionsMax = 8, measures }: ConnectOptions,
): Promise<DocumentStore> => {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(address, {
    ...deadlines,
    appName: applicationName,
    maxPoolSize: connectionsMax,
    monitorCommands: measures !== undefined,
    ignoreUndefined: true,
  });
  if (measures) measure(client, measures);
  const db = client.db(databaseOf(address));
  let closed: Promise<void> | undefined;
  return {
    db,
    ping: async () => void (await db.command({ ping: 1 }, { timeoutMS: pingMs })),
    close: () => (closed ??= client.close()),
  };
};

export const measureMongo = (metrics: Metrics): MongoMeasures => {
  const seconds = metrics.histogram({
    name: 'kopilka_documents_command_seconds',
    help: 'Time that the document store took for a command, by outcome.',
    labelNames: ['command', 'outcome'],
  });
  return {
    command: (command, took, ok) =>
      seconds.observe({ command, outcome: ok ? 'done' : 'failed' }, took),
  };
};
