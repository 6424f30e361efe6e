/**
 * What the node promises about crashes: an append it has answered is there afterwards, exactly once, whatever was
 * killed in between.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  ANY,
  type AppendExpectedRevision,
  EventStoreDBClient,
  NO_STREAM,
} from '@eventstore/db-client';
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

const APPEND_DEADLINE_MS = 3000;
const NODE_PROCESS = fileURLToPath(new URL('./nodeProcess.js', import.meta.url));

const startProcess = async (
  postgres: PostgresConnection,
): Promise<{ child: ChildProcess; address: string }> => {
  const child = fork(NODE_PROCESS, [JSON.stringify({ postgres })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [address] = (await once(child, 'message')) as [string];
  return { child, address };
};

const kill = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

const select = async <T>(postgres: PostgresConnection, sql: string): Promise<T[]> => {
  const client = new pg.Client(postgres);
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
};

/** The client waits for ever for the answer to an append it sent on a connection just broken. */
const withDeadline = <T>(promise: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in time')), APPEND_DEADLINE_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** One writer: appends to a stream until the connection breaks, and remembers what was answered and what was sent. */
const writeUntilBroken = async (client: EventStoreDBClient, stream: string, from: number) => {
  let answered = from;
  for (;;) {
    const event = counted(answered);
    const expectedRevision: AppendExpectedRevision =
      answered === 0 ? NO_STREAM : BigInt(answered - 1);
    try {
      await withDeadline(client.appendToStream(stream, event, { expectedRevision }));
      answered++;
    } catch {
      return { answered, inDoubt: { event, expectedRevision } };
    }
  }
};

describe('a node that is killed', function () {
  this.timeout(120_000);

  it('has lost nothing it had answered, after any number of kills', async () => {
    const postgres = await newDatabase();
    const streams = Array.from({ length: 24 }, () => newStream());
    let written = streams.map(() => 0);
    let node = await startProcess(postgres);
    for (let round = 0; round < 4; round++) {
      const client = EventStoreDBClient.connectionString(node.address);
      const writers = streams.map((stream, i) => writeUntilBroken(client, stream, written[i]!));
      await new Promise((resolve) => setTimeout(resolve, 250 + 130 * round));
      await kill(node.child);
      const outcomes = await Promise.all(writers);
      await client.dispose();

      node = await startProcess(postgres);
      const after = EventStoreDBClient.connectionString(node.address);
      expect(outcomes.reduce((sum, { answered }) => sum + answered, 0)).to.be.greaterThan(
        written.reduce((sum, count) => sum + count, 0),
      );
      // The append in doubt is repeated with the same id: stored now or found stored, never twice.
      written = await Promise.all(
        outcomes.map(async ({ answered, inDoubt }, i) => {
          const { event, expectedRevision } = inDoubt;
          const repeated = await after.appendToStream(streams[i]!, event, { expectedRevision });
          expect(repeated.nextExpectedRevision).to.equal(BigInt(answered));
          return answered + 1;
        }),
      );
      for (const [i, stream] of streams.entries()) {
        const numbers = await numbersOf(after.readStream(stream));
        expect(numbers).to.deep.equal(Array.from({ length: written[i]! }, (_nothing, n) => n));
      }
      await after.dispose();
    }
    await kill(node.child);
    const [row] = await select<{ events: string; last: string }>(
      postgres,
      'SELECT count(*) AS events, max(position) AS last FROM eventstore.events',
    );
    expect(row!.last).to.equal(row!.events); // positions have no gaps
    expect(Number(row!.events)).to.equal(written.reduce((sum, count) => sum + count, 0));
  });
});

describe('a node that is restarted', function () {
  this.timeout(60_000);

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
  this.timeout(60_000);

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
