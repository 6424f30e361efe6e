/** Scavenging removes what nobody may read any more, and nobody may notice but by the room it frees. */
import {
  ANY,
  BACKWARDS,
  END,
  EventStoreDBClient,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  START,
  StreamDeletedError,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';
import type { RunningEventStore } from '../../../embedded/eventstore/options.js';
import { compact } from '../../../embedded/eventstore/tools/compact.js';
import { openTableSource } from '../../../embedded/eventstore/tools/exportLog.js';
import { scavenge, type ScavengeOptions } from '../../../embedded/eventstore/tools/scavenge.js';
import { storeInfo } from '../../../embedded/eventstore/tools/storeInfo.js';
import type { PostgresConnection } from '../../../embedded/postgres/startPostgres.js';
import {
  counted,
  countedUpTo,
  newStream,
  numbersOf,
  rejectionOf,
} from '../../conformance/eventstore/node.js';
import { newDatabase } from '../eventstore/postgres.js';
import { select } from './sampleLog.js';

const revisionsOf = async (postgres: PostgresConnection, stream: string): Promise<number[]> => {
  const rows = await select<{ revision: string }>(
    postgres,
    `SELECT revision FROM eventstore.events WHERE stream = '${stream}' ORDER BY revision`,
  );
  return rows.map(({ revision }) => Number(revision));
};

describe('a scavenged log', function () {
  this.timeout(120_000);
  let postgres: PostgresConnection;
  let node: RunningEventStore;
  let client: EventStoreDBClient;
  const run = (options: Partial<ScavengeOptions> = {}) =>
    scavenge({ postgres, dryRun: false, ...options });
  const read = (stream: string, options = {}) => client.readStream(stream, options);

  before(async () => {
    postgres = await newDatabase();
    node = await startEventStore({ postgres });
    client = EventStoreDBClient.connectionString(node.connectionString);
  });
  after(async () => {
    await client.dispose();
    await node.stop();
  });
  const restart = async (): Promise<void> => {
    await client.dispose();
    await node.stop();
    node = await startEventStore({ postgres });
    client = EventStoreDBClient.connectionString(node.connectionString);
  };

  it('keeps what $maxCount and $tb leave, at the same revisions and positions', async () => {
    const [byCount, before] = [newStream(), newStream()];
    for (const stream of [byCount, before]) await client.appendToStream(stream, countedUpTo(10));
    await client.setStreamMetadata(byCount, { maxCount: 3 });
    await client.setStreamMetadata(before, { truncateBefore: 6 });
    const places = `SELECT position, revision, stream FROM eventstore.events
      WHERE stream = '${byCount}' AND revision >= 7 OR stream = '${before}' AND revision >= 6
      ORDER BY position`;
    const kept = await select(postgres, places);
    await run();
    expect(await revisionsOf(postgres, byCount)).to.deep.equal([7, 8, 9]);
    expect(await revisionsOf(postgres, before)).to.deep.equal([6, 7, 8, 9]);
    expect(await select(postgres, places)).to.deep.equal(kept);
    expect(await numbersOf(read(byCount))).to.deep.equal([7, 8, 9]);
    expect(await numbersOf(read(before, { direction: BACKWARDS, fromRevision: END }))).to.eql([
      9, 8, 7, 6,
    ]);
    await restart();
    const next = await client.appendToStream(byCount, counted(10), { expectedRevision: 9n });
    expect(next.nextExpectedRevision).to.equal(10n);
  });

  it('keeps what is younger than $maxAge, and the last event whatever its age', async () => {
    const [old, mixed] = [newStream(), newStream()];
    for (const stream of [old, mixed]) {
      await client.appendToStream(stream, countedUpTo(6));
      await client.setStreamMetadata(stream, { maxAge: 3600 });
    }
    await select(
      postgres,
      `UPDATE eventstore.events SET created_ms = created_ms - 7200000
       WHERE stream = '${old}' OR (stream = '${mixed}' AND revision < 4)`,
    );
    await run();
    expect(await revisionsOf(postgres, old)).to.deep.equal([5]);
    expect(await revisionsOf(postgres, mixed)).to.deep.equal([4, 5]);
    expect(await numbersOf(read(mixed))).to.deep.equal([4, 5]);
    await restart();
    const next = await client.appendToStream(old, counted(6), { expectedRevision: 5n });
    expect(next.nextExpectedRevision).to.equal(6n);
  });

  it('lets a deleted stream go on at its next revision', async () => {
    const stream = newStream();
    await client.appendToStream(stream, countedUpTo(5));
    await client.deleteStream(stream);
    await run();
    expect(await revisionsOf(postgres, stream)).to.deep.equal([4]);
    await restart();
    expect(await rejectionOf(numbersOf(read(stream)))).to.be.instanceOf(StreamNotFoundError);
    const next = await client.appendToStream(stream, counted(5), { expectedRevision: NO_STREAM });
    expect(next.nextExpectedRevision).to.equal(5n);
    expect(await numbersOf(read(stream))).to.deep.equal([5]);
    await run();
    expect(await revisionsOf(postgres, stream)).to.deep.equal([5]);
  });

  it('keeps a tombstoned stream closed', async () => {
    const stream = newStream();
    await client.appendToStream(stream, countedUpTo(5));
    await client.tombstoneStream(stream);
    await run();
    expect(await revisionsOf(postgres, stream)).to.deep.equal([Number.MAX_SAFE_INTEGER]);
    await restart();
    expect(await rejectionOf(numbersOf(read(stream)))).to.be.instanceOf(StreamDeletedError);
    const append = client.appendToStream(stream, counted(1), { expectedRevision: ANY });
    expect(await rejectionOf(append)).to.be.instanceOf(StreamDeletedError);
  });

  it('keeps the newest metadata of those that replaced each other', async () => {
    const stream = newStream();
    for (const maxCount of [50, 40, 30]) await client.setStreamMetadata(stream, { maxCount });
    await run();
    expect(await revisionsOf(postgres, `$$${stream}`)).to.deep.equal([2]);
    await restart();
    expect((await client.getStreamMetadata(stream)).metadata?.maxCount).to.equal(30);
  });

  it('never gives a position twice, also where the end of the log was hidden', async () => {
    const stream = newStream();
    await client.appendToStream(stream, countedUpTo(3));
    const { position } = await client.deleteStream(stream);
    await run();
    await restart();
    const next = await client.appendToStream(newStream(), counted(0));
    expect(Number(next.position!.commit)).to.equal(Number(position!.commit) + 1);
  });

  it('is read and followed over its gaps, from any position', async () => {
    const [gone, kept] = [newStream(), newStream('kept')];
    let from = 0n;
    for (let n = 0; n < 30; n++) {
      const appended = await client.appendToStream(n % 3 === 0 ? kept : gone, counted(n));
      if (n === 10) from = appended.position!.commit;
    }
    await client.tombstoneStream(gone);
    await run();
    await restart();
    const seen: number[] = [];
    const place = { commit: from, prepare: from };
    const forwards = client.readAll({ direction: FORWARDS, fromPosition: place, maxCount: 1000 });
    for await (const { event } of forwards) {
      if (event?.streamId === kept) seen.push((event.data as { n: number }).n);
    }
    expect(seen).to.deep.equal([12, 15, 18, 21, 24, 27]);
    const followed: number[] = [];
    for await (const { event } of client.subscribeToAll({ fromPosition: START })) {
      if (event?.streamId === kept) followed.push((event.data as { n: number }).n);
      if (followed.at(-1) === 27) break;
    }
    expect(followed).to.deep.equal([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  });

  it('is only counted in a dry run', async () => {
    const stream = newStream();
    await client.appendToStream(stream, countedUpTo(2500));
    await client.setStreamMetadata(stream, { maxCount: 100 });
    await run({ dryRun: true });
    const found = await run({ dryRun: true });
    expect(found).to.include({ complete: true, events: 2400 });
    expect(await run()).to.include({ complete: true, events: 2400 });
    expect(await run({ dryRun: true })).to.include({ complete: true, events: 0, bytes: 0 });
  });

  it('is stopped between two steps and gone on with by the next run', async () => {
    const stream = newStream();
    await client.appendToStream(stream, countedUpTo(4000));
    await client.setStreamMetadata(stream, { maxCount: 1 });
    const controller = new AbortController();
    const onProgress = (_share: number, removed: number): void => {
      if (removed > 0) controller.abort();
    };
    const stopped = await run({ signal: controller.signal, onProgress });
    expect(stopped.complete).to.equal(false);
    expect(stopped.events).to.be.within(1, 3000);
    expect(await numbersOf(read(stream))).to.deep.equal([3999]);
    const rest = await run();
    expect(stopped.events + rest.events).to.equal(3999);
  });

  it('is not scavenged while it is exported, nor twice at once', async () => {
    const source = await openTableSource(postgres);
    const error = await rejectionOf(run());
    await source.close();
    expect(error.message).to.match(/exported or scavenged/);
    expect((await run()).complete).to.equal(true);
  });

  it('says what it holds, and gives room back once it is closed', async () => {
    const stream = newStream();
    const large = jsonEvent({ type: 'Large', data: { text: 'x'.repeat(4000) } });
    for (let i = 0; i < 5; i++) {
      const events = Array.from({ length: 100 }, () => ({ ...large, id: crypto.randomUUID() }));
      await client.appendToStream(stream, events);
    }
    await client.deleteStream(stream);
    await run();
    const before = await storeInfo(postgres);
    expect(before.isOpen).to.equal(true);
    expect(before.removed).to.equal(before.last!.position - before.events);
    expect(before.deletedStreams).to.be.at.least(2);
    expect(before.tombstonedStreams).to.equal(2);
    expect((await rejectionOf(compact(postgres))).message).to.match(/stop it first/);
    await node.stop();
    await compact(postgres);
    const after = await storeInfo(postgres);
    expect(after).to.include({ events: before.events, isOpen: false });
    expect(after.tableBytes).to.be.below(before.tableBytes / 2);
    await restart();
  });
});

describe('a scavenge beside a node at work', function () {
  this.timeout(120_000);
  let postgres: PostgresConnection;
  let node: RunningEventStore;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    postgres = await newDatabase();
    node = await startEventStore({ postgres });
    client = EventStoreDBClient.connectionString(node.connectionString);
  });
  /** Twice is safe. */
  const close = async (): Promise<void> => {
    await client.dispose();
    await node.stop();
  };
  afterEach(close);

  it('takes nothing that may be read, from writers, readers and subscribers alike', async () => {
    const streams = Array.from({ length: 8 }, () => newStream());
    for (const stream of streams) await client.setStreamMetadata(stream, { maxCount: 20 });
    const followed = new Map<string, number[]>();
    const subscription = client.subscribeToAll({ fromPosition: START });
    subscription.on('data', ({ event }) => {
      if (!event || event.streamId.startsWith('$')) return;
      const numbers = followed.get(event.streamId) ?? [];
      followed.set(event.streamId, [...numbers, (event.data as { n: number }).n]);
    });
    let isOver = false;
    const write = async (stream: string): Promise<number> => {
      let n = 0;
      for (; !isOver; n++) {
        await client.appendToStream(stream, counted(n), {
          expectedRevision: n === 0 ? NO_STREAM : BigInt(n - 1),
        });
      }
      return n;
    };
    const watch = async (stream: string): Promise<void> => {
      while (!isOver) {
        const numbers = await numbersOf(client.readStream(stream)).catch((error: unknown) => {
          if (error instanceof StreamNotFoundError) return [];
          throw error;
        });
        const first = numbers[0] ?? 0;
        expect(numbers).to.deep.equal(numbers.map((_n, i) => first + i));
        if (first > 0) expect(numbers.length).to.equal(20);
      }
    };
    const writing = Promise.all(streams.map(write));
    const watching = Promise.all(streams.slice(0, 2).map(watch));
    let removed = 0;
    const scavenging = async (): Promise<void> => {
      const [until, deadline] = [Date.now() + 3_000, Date.now() + 30_000];
      while (Date.now() < until || (removed <= 100 && Date.now() < deadline)) {
        removed += (await scavenge({ postgres, dryRun: false })).events;
      }
    };
    // Whatever fails ends the others too, or they would keep the node at work for ever.
    await Promise.race([scavenging(), writing, watching]).finally(() => (isOver = true));
    const [written] = await Promise.all([writing, watching]);
    expect(removed).to.be.above(100);
    for (const [i, stream] of streams.entries()) {
      const count = written[i]!;
      const last20 = Array.from({ length: 20 }, (_nothing, n) => count - 20 + n);
      expect(await numbersOf(client.readStream(stream))).to.deep.equal(last20);
      const deadline = Date.now() + 10_000;
      while (followed.get(stream)?.at(-1) !== count - 1 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const seen = followed.get(stream)!;
      expect(seen.at(-1)).to.equal(count - 1);
      expect([...seen].sort((a, b) => a - b)).to.deep.equal(seen);
      expect(new Set(seen).size).to.equal(seen.length);
    }
    await subscription.unsubscribe();
    await close();
    expect((await scavenge({ postgres, dryRun: false })).events).to.be.at.least(0);
    for (const stream of streams) expect(await revisionsOf(postgres, stream)).to.have.length(20);
  });
});
