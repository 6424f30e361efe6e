/**
 * What the node promises about crashes: an append it has answered is there afterwards, exactly once, whatever was
 * killed in between.
 */
import { ANY, EventStoreDBClient, NO_STREAM } from '@eventstore/db-client';
import { expect } from 'chai';
import pg from 'pg';
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';
import type { PostgresConnection } from '../../../embedded/postgres/startPostgres.js';
import {
  counted,
  countedUpTo,
  newStream,
  numbersOf,
  until,
} from '../../conformance/eventstore/node.js';
import { newDatabase } from './postgres.js';

const select = async <T>(postgres: PostgresConnection, sql: string): Promise<T[]> => {
  const client = new pg.Client(postgres);
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
};

describe('a node that is restarted', function () {
  this.timeout(120_000);

  it('answers a repeated append as it did before', async () => {
    const postgres = await newDatabase();
    const appends = ([ANY, NO_STREAM] as const).map((expectedRevision) => ({
      stream: newStream(),
      events: countedUpTo(3),
      options: { expectedRevision },
    }));
    const answers: unknown[][] = [];
    for (let start = 0; start < 2; start++) {
      const store = await startEventStore({ postgres });
      const client = EventStoreDBClient.connectionString(store.connectionString);
      const answer = [];
      for (const { stream, events, options } of appends) {
        answer.push(await client.appendToStream(stream, events, options));
        await client.appendToStream(stream, counted(99));
      }
      answers.push(answer);
      await client.dispose();
      await store.stop();
    }
    expect(answers[1]).to.deep.equal(answers[0]);
  });

  it('serves its history and goes on with the next position', async () => {
    const postgres = await newDatabase();
    const stream = newStream();
    for (let n = 0; n < 3; n++) {
      const store = await startEventStore({ postgres });
      const client = EventStoreDBClient.connectionString(store.connectionString);
      const { position } = await client.appendToStream(stream, counted(n));
      expect(position!.commit).to.equal(BigInt(n + 1));
      expect(await numbersOf(client.readStream(stream))).to.deep.equal([0, 1, 2].slice(0, n + 1));
      await client.dispose();
      await store.stop();
    }
  });
});

describe('a node whose PostgreSQL connections are cut', function () {
  this.timeout(120_000);

  it('connects again and neither loses nor doubles an append, and its subscriptions go on', async () => {
    const postgres = await newDatabase();
    const store = await startEventStore({ postgres });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    const streams = Array.from({ length: 16 }, () => newStream());
    const seen: string[] = [];
    const subscription = client.subscribeToAll();
    subscription.on('data', ({ event }) => seen.push(`${event!.streamId}@${event!.revision}`));
    let running = true;
    let appended = 0;
    const writers = streams.map(async (stream) => {
      for (let n = 0; running; n++) {
        await client.appendToStream(stream, counted(n), {
          expectedRevision: n === 0 ? NO_STREAM : BigInt(n - 1),
        });
        appended++;
      }
    });
    for (let cut = 0; cut < 4; cut++) {
      const before = appended;
      await until('appends', () => appended > before + 200);
      await select(
        postgres,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    }
    const before = appended;
    await until('appends after the last cut', () => appended > before + 200);
    running = false;
    await Promise.all(writers);
    await until('all events', () => seen.length === appended);
    expect(new Set(seen).size).to.equal(appended);
    await subscription.unsubscribe();
    await client.dispose();
    await store.stop();
  });
});
