/**
 * What persistent subscriptions promise about crashes: whatever was not acknowledged is delivered again, nothing is
 * lost, and what was parked or written down as done stays so.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { binaryEvent, END, EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import { startEventStore } from '../../../../embedded/eventstore/startEventStore.js';
import type { PostgresConnection } from '../../../../embedded/postgres/startPostgres.js';
import { type Node, until } from '../../../conformance/eventstore/node.js';
import {
  ackAll,
  allFromStart,
  appendCounted,
  aWhile,
  consume,
  type Delivered,
  fromStart,
  groupOn,
  newGroup,
  statsOnce,
  upTo,
} from '../../../conformance/eventstore/persistent/consumers.js';
import { newDatabase } from '../postgres.js';

const NODE_PROCESS = fileURLToPath(new URL('../nodeProcess.js', import.meta.url));

type Killable = Node & { kill(): Promise<void> };

/** A node in a process of its own. */
const startProcess = async (postgres: PostgresConnection): Promise<Killable> => {
  const child = fork(NODE_PROCESS, [JSON.stringify({ postgres })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [connectionString] = (await once(child, 'message')) as [string];
  const client = EventStoreDBClient.connectionString(connectionString);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await endProcess(child, signal);
    await client.dispose();
  };
  return { client, connectionString, stop: () => end('SIGKILL'), kill: () => end('SIGKILL') };
};

const endProcess = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
};

/** A node in this process, to be stopped in order. */
const startHere = async (postgres: PostgresConnection): Promise<Node> => {
  const { connectionString, stop } = await startEventStore({ postgres });
  const client = EventStoreDBClient.connectionString(connectionString);
  return {
    client,
    connectionString,
    stop: async () => {
      await client.dispose();
      await stop();
    },
  };
};

describe('a persistent subscription whose node is killed', function () {
  this.timeout(120_000);

  it('delivers again until it is acknowledged, and loses nothing, kill after kill', async () => {
    const postgres = await newDatabase();
    let node = await startProcess(postgres);
    const group = await groupOn(node, 200, {
      checkPointAfter: 100,
      checkPointLowerBound: 1,
      checkPointUpperBound: 20,
    });
    const toAll = { stream: '$all', group: newGroup() };
    await node.client.createPersistentSubscriptionToAll(toAll.group, allFromStart());
    const acked = { stream: new Set<number>(), all: new Set<number>() };
    let appended = 200;
    for (let round = 0; round < 4; round++) {
      // Some are acknowledged, some never: those are in flight when the node dies.
      const someOf =
        (seen: Set<number>) =>
        ({ n, event }: Delivered) => {
          if (n < 0 || event!.streamId !== group.stream) return 'ack' as const;
          if ((n + round) % 5 === 0) return 'nothing' as const;
          seen.add(n);
          return 'ack' as const;
        };
      const consumers = [
        await consume(node, group, someOf(acked.stream), 8),
        await consume(node, group, someOf(acked.stream), 8),
        await consume(node, toAll, someOf(acked.all), 20),
      ];
      await appendCounted(node, group.stream, appended, appended + 50);
      appended += 50;
      await until('consumers to be stuck', () =>
        consumers.every(({ delivered }) => delivered.length > 0),
      );
      await aWhile(300 + 100 * round);
      await node.kill();
      node = await startProcess(postgres);
    }
    const seen = { stream: new Set(acked.stream), all: new Set(acked.all) };
    const last = [
      await consume(node, group, ({ n }) => (seen.stream.add(n), 'ack')),
      await consume(node, toAll, ({ n }) => (n >= 0 && seen.all.add(n), 'ack')),
    ];
    await until('every message', () => seen.stream.size === appended && seen.all.size === appended);
    expect([...seen.stream].sort((a, b) => a - b)).to.deep.equal(upTo(appended));
    expect(last[0]!.numbers()).to.not.include(-1);
    await node.kill();
  });

  it('goes on behind its checkpoint, in order', async () => {
    const postgres = await newDatabase();
    let node = await startProcess(postgres);
    const group = await groupOn(node, 100, {
      checkPointAfter: 100,
      checkPointLowerBound: 1,
      checkPointUpperBound: 10,
    });
    const first = await consume(node, group, ({ n }) => (n < 60 ? 'ack' : 'nothing'));
    await until('a full buffer', () => first.delivered.length === 70);
    const { lastCheckpointedEventRevision } = await statsOnce(
      node,
      group,
      (stats) => stats.lastCheckpointedEventRevision === 59n,
    );
    await node.kill();
    node = await startProcess(postgres);
    const { stats } = await node.client.getPersistentSubscriptionToStreamInfo(
      group.stream,
      group.group,
    );
    expect(stats.lastCheckpointedEventRevision).to.equal(lastCheckpointedEventRevision);
    const second = await consume(node, group);
    await until('the rest', () => second.delivered.length === 40);
    expect(second.numbers()).to.deep.equal(upTo(100).slice(60));
    await node.kill();
  });

  it('keeps what is parked, also in the middle of a replay', async () => {
    const postgres = await newDatabase();
    let node = await startProcess(postgres);
    const group = await groupOn(node, 6);
    const parking = await consume(node, group, () => 'park');
    await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 6n);
    await parking.stop();
    const half = await consume(node, group, () => 'nothing', 3);
    await node.client.replayParkedMessagesToStream(group.stream, group.group);
    await until('half of the replay', () => half.delivered.length === 3);
    await ackAll({ ...half, delivered: half.delivered.slice(0, 1) });
    await statsOnce(node, group, ({ totalItems }) => totalItems === 10n);
    await aWhile(500);
    await node.kill();

    node = await startProcess(postgres);
    await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount >= 5n);
    const again = await consume(node, group);
    await node.client.replayParkedMessagesToStream(group.stream, group.group);
    await until('what was not done', () =>
      [1, 2, 3, 4, 5].every((n) => again.numbers().includes(n)),
    );
    await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 0n);
    await node.kill();
  });

  it('begins where the end was when it was defined', async () => {
    const postgres = await newDatabase();
    let node = await startProcess(postgres);
    const stream = 'ended-1';
    const group = newGroup();
    await appendCounted(node, stream, 0, 3);
    await node.client.createPersistentSubscriptionToStream(
      stream,
      group,
      fromStart({ startFrom: END }),
    );
    await appendCounted(node, stream, 3, 6);
    await node.kill();
    node = await startProcess(postgres);
    const following = await consume(node, { stream, group });
    await until('what came after', () => following.delivered.length === 3);
    expect(following.numbers()).to.deep.equal([3, 4, 5]);
    await node.kill();
  });
});

describe('a persistent subscription whose node is restarted', function () {
  this.timeout(120_000);

  it('does not repeat what was acknowledged, however little that was', async () => {
    const postgres = await newDatabase();
    const first = await startHere(postgres);
    const group = await groupOn(first, 10); // below the lower bound of a checkpoint
    const following = await consume(first, group, ({ n }) => (n < 3 ? 'ack' : 'nothing'));
    await statsOnce(first, group, ({ totalInFlightMessages }) => totalInFlightMessages === 7);
    expect(following.delivered).to.have.length(10);
    await first.stop();
    const second = await startHere(postgres);
    const again = await consume(second, group);
    await until('the rest', () => again.delivered.length === 7);
    expect(again.numbers()).to.deep.equal(upTo(10).slice(3));
    await second.stop();
  });

  it('tells its consumers that the node is unavailable', async () => {
    const node = await startEventStore({ postgres: await newDatabase() });
    const client = EventStoreDBClient.connectionString(node.connectionString);
    const group = await groupOn({ client } as Node, 1);
    const following = await consume({ client } as Node, group);
    await node.stop();
    await until('the end', () => following.errors.length > 0);
    expect(following.errors[0]).to.have.property('type', 'unavailable');
    await client.dispose();
  });
});

/** What the node keeps of the end of the log, consumers or not. */
const RECENT_BYTES = 32 * 1024 * 1024;

/** Bytes of buffers that are still held by somebody. */
const bytesInUse = (): number => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
};

describe('a consumer that does not read', function () {
  this.timeout(120_000);

  it('holds up nobody, and costs the node no more than what it may hold', async () => {
    const node = await startHere(await newDatabase());
    const stream = 'large-1';
    const group = newGroup();
    const data = Buffer.alloc(100_000, 'x');
    const settings = fromStart({ messageTimeout: 600_000 });
    await node.client.createPersistentSubscriptionToStream(stream, group, settings);
    const options = { bufferSize: 5000 };
    const stalled = node.client.subscribeToPersistentSubscriptionToStream(stream, group, options);
    let confirmed = false;
    stalled.once('confirmation', () => {
      confirmed = true;
    });
    stalled.once('data', () => stalled.pause());
    const read: string[] = [];
    const append = async (count: number) => {
      for (let i = 0; i < count; i++)
        await node.client.appendToStream(
          stream,
          Array.from({ length: 10 }, () => binaryEvent({ type: 'Filled', data })),
        );
    };
    const before = bytesInUse();
    await append(70); // 70 MB for one that takes none of it
    await until('the subscription', () => confirmed);
    await aWhile(500);
    const grown = bytesInUse() - before;
    expect(grown).to.be.lessThan(RECENT_BYTES + 48 * 1024 * 1024);
    const working = node.client.subscribeToPersistentSubscriptionToStream(stream, group, options);
    working.on('data', (resolved) => {
      read.push(resolved.event!.id);
      void working.ack(resolved);
    });
    await until('others to go on', () => read.length > 500, 30_000);
    await stalled.unsubscribe();
    await until('what it held to come to others', () => new Set(read).size === 700, 30_000);
    await working.unsubscribe();
    await node.stop();
  });
});
