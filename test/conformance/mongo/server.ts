/**
 * The server that the cases are put to: the embedded one, started for the run, or the one that KOPILKA_MONGODB names, so that the
 * day another is at hand the same cases judge both. Each suite has a database of its own and drops it.
 */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type Collection, type Db, type Document, MongoClient, MongoServerError } from 'mongodb';
import type { RunningMongo } from '../../../embedded/mongo/options.js';
import { startMongo } from '../../../embedded/mongo/startMongo.js';

export interface Connected {
  readonly client: MongoClient;
  readonly db: Db;
  readonly address: string;
  close(): Promise<void>;
}

export const connect = async (): Promise<Connected> => {
  const named = process.env['KOPILKA_MONGODB'];
  const own: RunningMongo | null = named ? null : await startMongo();
  const address = named ?? own?.connectionString ?? '';
  const client = await MongoClient.connect(address, { serverSelectionTimeoutMS: 5_000 });
  const db = client.db(`kopilka_test_${randomBytes(6).toString('hex')}`);
  return {
    client,
    db,
    address,
    close: async () => {
      await db.dropDatabase();
      await client.close();
      await own?.stop();
    },
  };
};

/** A connection for the cases of a suite, and a collection that is empty before each. */
export const withCollection = (): {
  readonly db: () => Db;
  readonly client: () => MongoClient;
  readonly collection: () => Collection<Document>;
} => {
  let connected: Connected | undefined;
  let number = 0;
  before(async () => {
    connected = await connect();
  });
  beforeEach(() => {
    number += 1;
  });
  after(() => connected?.close());
  const there = (): Connected => {
    if (!connected) throw new Error('the server is asked before it is there');
    return connected;
  };
  return {
    db: () => there().db,
    client: () => there().client,
    collection: () => there().db.collection(`case${number}`),
  };
};

/** What the server refused. */
export const refusal = async (attempt: Promise<unknown>): Promise<MongoServerError> => {
  const outcome = await attempt.then(
    (value) => new Error(`it was answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(outcome).to.be.instanceOf(MongoServerError);
  return outcome as MongoServerError;
};

/** `_id`s in the order of the answer. */
export const idsOf = (documents: readonly Document[]): unknown[] =>
  documents.map(({ _id }) => _id as unknown);
