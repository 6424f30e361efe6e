/** The node as a part that is started, stopped and shared: threads, a second node, discovery, slow readers. */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { binaryEvent, EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import pg from 'pg';
import { LogIsTaken } from '../../../embedded/eventstore/log/connection.js';
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';
import { startEventStoreThread } from '../../../embedded/eventstore/startThread.js';
import {
  counted,
  newStream,
  numbersOf,
  rejectionOf,
  until,
} from '../../conformance/eventstore/node.js';
import { newDatabase } from './postgres.js';

/** Bytes of buffers that something still holds: what was only not collected yet is left out. What a collection lets go of is counted until the next one begins. */
const held = async (): Promise<number> => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let collections = 0; collections < 2; collections += 1) {
    collect();
    await setImmediate();
  }
  return process.memoryUsage().arrayBuffers;
};

describe('the embedded node', function () {
  this.timeout(120_000);

  it('is the only one on its database: a second is refused and told why', async () => {
    const postgres = await newDatabase();
    const first = await startEventStore({ postgres });
    const error = await rejectionOf(startEventStore({ postgres, lockWaitMs: 200 }));
    expect(error).to.be.instanceOf(LogIsTaken);
    expect(error.message).to.match(/stop it first/);
    await first.stop();
    const next = await startEventStore({ postgres });
    await next.stop();
  });

  it('refuses a database of a newer version', async () => {
    const postgres = await newDatabase();
    await (await startEventStore({ postgres })).stop();
    const client = new pg.Client(postgres);
    await client.connect();
    await client.query('INSERT INTO eventstore.schema_versions (version) VALUES (9999)');
    await client.end();
    expect((await rejectionOf(startEventStore({ postgres }))).message).to.match(
      /start the newer version/,
    );
  });

  it('is found by gossip as the leader of a cluster of one', async () => {
    const store = await startEventStore({ postgres: await newDatabase() });
    const host = `127.0.0.1:${store.port}`;
    const client = EventStoreDBClient.connectionString(`esdb://${host},${host}?tls=false`);
    const stream = newStream();
    await client.appendToStream(stream, counted(1));
    expect(await numbersOf(client.readStream(stream))).to.deep.equal([1]);
    await client.dispose();
    await store.stop();
  });

  it('works in a thread of its own and stops with its calls answered', async () => {
    const lines: string[] = [];
    const note = (_fields: object, message: string) => void lines.push(message);
    const crashes: Error[] = [];
    const store = await startEventStoreThread({
      postgres: await newDatabase(),
      logger: { debug: note, info: note, warn: note, error: note },
      onCrash: (error) => crashes.push(error),
    });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    const subscription = client.subscribeToAll();
    const failures: Error[] = [];
    subscription.on('error', (error) => failures.push(error));
    subscription.on('data', () => {});
    await client.appendToStream(newStream(), counted(1));
    await store.stop();
    await store.stop();
    await until('the end of the subscription', () => failures.length > 0);
    expect(failures[0]!.name).to.equal('Error');
    expect(failures[0]).to.have.property('type', 'unavailable');
    expect(lines).to.include('event store is ready');
    expect(crashes).to.be.empty;
    await client.dispose();
  });

  it('says when its thread has died', async () => {
    const postgres = await newDatabase();
    const created = once(process, 'worker') as Promise<[Worker]>;
    const crashes: Error[] = [];
    const store = await startEventStoreThread({
      postgres,
      onCrash: (error) => crashes.push(error),
    });
    const [worker] = await created;
    await worker.terminate();
    await until('the crash', () => crashes.length === 1);
    expect(crashes[0]!.message).to.match(/thread ended by itself/);
    await store.stop();
    const next = await startEventStore({ postgres });
    await next.stop();
  });

  it('says when its thread cannot start, by the name and message of the reason', async () => {
    const postgres = await newDatabase();
    const first = await startEventStore({ postgres });
    const error = await rejectionOf(startEventStoreThread({ postgres, lockWaitMs: 200 }));
    expect(error.message).to.match(/stop it first/);
    await first.stop();
  });

  it('holds nothing in memory for a subscriber that does not read', async () => {
    const store = await startEventStore({ postgres: await newDatabase() });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    const data = Buffer.alloc(100_000, 'x');
    const tenLarge = () => Array.from({ length: 10 }, () => binaryEvent({ type: 'Filled', data }));
    const append = async (count: number) => {
      for (let n = 0; n < count; n++) await client.appendToStream(newStream('filler'), tenLarge());
    };
    // Not read from: the client's buffers fill, then flow control holds the server back.
    const stalled = Array.from({ length: 4 }, () => client.subscribeToAll());
    await append(36); // past the bounds of what the node keeps as recent
    const before = await held();
    await append(36); // 36 MB more, for each of four
    const grown = (await held()) - before;
    let read = 0;
    stalled[0]!.on('data', () => read++);
    await until('the stalled subscription to go on', () => read === 72 * 10, 30_000);
    for (const subscription of stalled) await subscription.unsubscribe();
    await client.dispose();
    await store.stop();
    // Asked at last: a node that is not stopped would keep the process alive.
    expect(grown).to.be.lessThan(24 * 1024 * 1024);
  });
});
