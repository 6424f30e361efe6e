/** Writers of documents against the embedded store: bounds, other writers, faults; and whoever waits for them. */
import { expect } from 'chai';
import type { Db } from 'mongodb';
import { startMongo } from '../../../embedded/mongo/startMongo.js';
import { startMongoThread } from '../../../embedded/mongo/startThread.js';
import type { RunningMongo } from '../../../embedded/mongo/options.js';
import type { Fact } from '../../../domain/fact.js';
import { openDocumentStore, type DocumentStore } from '../../../platform/mongo/client.js';
import { readDocumentCheckpoint } from '../../../projections/documents/checkpoints.js';
import type {
  DocumentProjection,
  FactDocuments,
  HistoryDocuments,
} from '../../../projections/documents/documentProjection.js';
import { followDocuments } from '../../../projections/documents/follow.js';
import { type GivingWay, neverInTheWay } from '../../../projections/givingWay.js';
import { createReached } from '../../../projections/documents/reached.js';
import { answeringVersion, DocumentsNotReady } from '../../../projections/documents/reading.js';
import { rebuildDocuments } from '../../../projections/documents/status.js';
import { ProjectionBehind } from '../../../projections/waiting.js';
import { createMemoryFeed, type MemoryFeed } from '../../unit/projections/memoryFeed.js';

const counted = (changes: Partial<FactDocuments> = {}): FactDocuments => ({
  ...{ name: 'counted', version: 1, question: 'How many?', eventTypes: ['Counted'] },
  ...{ timeField: 'at', inMemoryMax: 1_000_000, indexes: [] },
  project: (facts) =>
    facts.map(({ id, position, recordedAt, data }) => ({
      ...{ _id: id, position, at: new Date(recordedAt), data },
    })),
  ...changes,
});

const factAt = (n: number, id = `f${n}`): Fact =>
  ({ id, type: 'Counted', position: BigInt(n), recordedAt: n * 1_000, data: n }) as unknown as Fact;
const facts = (from: number, to: number): Fact[] =>
  Array.from({ length: to - from + 1 }, (_, i) => factAt(from + i));

describe('following the log in documents', () => {
  let mongo: RunningMongo;
  let store: DocumentStore;
  let db: Db;
  const stops: (() => Promise<void>)[] = [];
  before(async () => {
    mongo = await startMongo();
    store = await openDocumentStore(mongo.connectionString, { applicationName: 'test' });
    db = store.db;
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await db.dropDatabase();
  });
  after(async () => {
    await store.close();
    await mongo.stop();
  });

  const follow = (
    feed: MemoryFeed,
    projection: DocumentProjection,
    share: number | null = null,
    givingWay: GivingWay = neverInTheWay,
  ) => {
    const stopping = new AbortController();
    const reached = createReached(null);
    const lines: string[] = [];
    const say = (_fields: object, message: string) => void lines.push(message);
    const running = followDocuments({
      ...{ feed, db, projection, share, givingWay, metrics: {}, signal: stopping.signal },
      logger: { debug: say, info: say, warn: say, error: say },
      onAdvanced: (name, position) => reached.announce(name, position),
      onCaughtUp: () => undefined,
    });
    const stop = async () => {
      stopping.abort();
      await running;
    };
    stops.push(stop);
    return { lines, stop, until: (n: number) => reached.waitFor('counted', BigInt(n), 15_000) };
  };
  /** As another writer would. */
  const moveTo = (position: bigint) =>
    db.collection('checkpoints').updateOne({ _id: 'counted_v1' as never }, { $set: { position } });
  const untilCheckpoint = async (position: bigint): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while ((await readDocumentCheckpoint(db, counted()))?.position !== position) {
      if (Date.now() > deadline) throw new Error(`the checkpoint is not at ${position}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const count = () => db.collection('counted_v1').countDocuments();

  it('goes on from its checkpoint', async () => {
    const feed = createMemoryFeed(facts(1, 5));
    const first = follow(feed, counted());
    await first.until(5);
    await first.stop();
    expect(await readDocumentCheckpoint(db, counted())).to.include({ position: 5n, events: 5 });
    await db.collection('counted_v1').deleteOne({ _id: 'f1' as never });
    feed.add(facts(6, 7));
    await follow(feed, counted()).until(7);
    expect(await count()).to.equal(6);
  });

  it('lets the older of two writers of a document lose, whichever writes last', async () => {
    const feed = createMemoryFeed([factAt(2, 'same')]);
    await follow(feed, counted()).until(2);
    feed.add([factAt(3, 'same')]);
    await follow(feed, counted()).until(3);
    await moveTo(0n);
    feed.add([factAt(4, 'another')]);
    await untilCheckpoint(4n);
    const same = await db.collection('counted_v1').findOne({ _id: 'same' as never });
    expect(same?.['data']).to.equal(3);
    expect(await count()).to.equal(2);
  });

  it('reads its checkpoint again where another moved it', async () => {
    const feed = createMemoryFeed(facts(1, 3));
    const writer = follow(feed, counted());
    await writer.until(3);
    await moveTo(1n);
    feed.add(facts(4, 4));
    await writer.until(4);
    for (let i = 0; i < 500 && writer.lines.length === 0; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(writer.lines).to.include('the read model goes on elsewhere');
    expect(await count()).to.equal(4);
  });

  /** Sums by name; a fact of the name `all` doubles each that is not doubled yet. */
  const summed: HistoryDocuments = {
    ...{ name: 'counted', version: 1, question: 'How much?', eventTypes: ['Counted'] },
    ...{ timeField: 'at', inMemoryMax: 1_000_000, indexes: [] },
    changesOf: ({ id, data, recordedAt }) =>
      id === 'all'
        ? []
        : id.split(' ').map((name) => ({
            id: name,
            apply: (earlier) => ({
              _id: name,
              at: new Date(recordedAt),
              sum: Number(earlier?.['sum'] ?? 0) + Number(data),
              doubled: earlier?.['doubled'] ?? false,
            }),
          })),
    sweepOf: ({ id }) =>
      id === 'all'
        ? {
            filter: { doubled: false },
            apply: (earlier) => ({ ...earlier, sum: Number(earlier['sum']) * 2, doubled: true }),
          }
        : null,
  };
  const sums = async (): Promise<Record<string, number>> => {
    const documents = await db.collection('counted_v1').find().toArray();
    return Object.fromEntries(
      documents.map((document) => [String(document._id), Number(document['sum'])]),
    );
  };

  it('goes on from documents as they are, and leaves out what they hold already', async () => {
    const feed = createMemoryFeed([factAt(1, 'a'), factAt(2, 'a b a'), factAt(3, 'b')]);
    const writer = follow(feed, summed);
    await writer.until(3);
    expect(await sums()).to.deep.equal({ a: 5, b: 5 });
    feed.add([factAt(4, 'b c')]);
    await writer.until(4);
    await writer.stop();
    expect(await sums()).to.deep.equal({ a: 5, b: 9, c: 4 });
    // As after a batch that was written and whose checkpoint was not.
    await moveTo(1n);
    feed.add([factAt(5, 'a')]);
    await follow(feed, summed).until(5);
    expect(await sums()).to.deep.equal({ a: 10, b: 9, c: 4 });
  });

  it('gives way in small steps, one at a time, also within a fact about many', async () => {
    let [turns, steps, most] = [0, 0, 0];
    const givingWay: GivingWay = {
      givesWay: () => true,
      turn: async () => {
        most = Math.max(most, (turns += 1));
        steps += 1;
        return () => (turns -= 1);
      },
    };
    const names = Array.from({ length: 450 }, (_, index) => `n${index}`);
    const feed = createMemoryFeed([factAt(1, names.join(' ')), factAt(2, 'n1'), factAt(3, 'all')]);
    await follow(feed, summed, null, givingWay).until(3);
    const found = await sums();
    expect(Object.keys(found)).to.have.length(450);
    expect([found['n0'], found['n1']]).to.deep.equal([2, 6]);
    expect([turns, most]).to.deep.equal([0, 1]);
    // Five slices are written and as many swept, each is looked for, and the end of the sweep is.
    expect(steps).to.be.greaterThan(15);
  });

  it('sweeps through all that were there before a fact, once', async () => {
    const feed = createMemoryFeed([factAt(1, 'a b'), factAt(2, 'all'), factAt(3, 'a c')]);
    const writer = follow(feed, summed);
    await writer.until(3);
    await writer.stop();
    expect(await sums()).to.deep.equal({ a: 5, b: 2, c: 3 });
    await moveTo(0n);
    feed.add([factAt(4, 'all')]);
    await follow(feed, summed).until(4);
    expect(await sums()).to.deep.equal({ a: 5, b: 2, c: 6 });
  });

  it('is made anew where that is asked for, also when nothing happens', async () => {
    const indexes = [{ name: 'at', key: { at: 1 } }] as const;
    const projection = counted({ indexes });
    await follow(createMemoryFeed(facts(1, 30)), projection).until(30);
    await db.collection('counted_v1').insertOne({ _id: 'odd' as never });
    await rebuildDocuments(db, projection);
    const refused = await answeringVersion(db, projection).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(DocumentsNotReady);
    const deadline = Date.now() + 10_000;
    while (!(await readDocumentCheckpoint(db, projection))?.live && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await count()).to.equal(30);
    expect((await db.collection('counted_v1').indexes()).map(({ name }) => name)).to.include('at');
  });

  it('tries again what failed, and passes nothing over', async () => {
    let faults = 2;
    const { project } = counted();
    const failing = counted({
      project: (given) => {
        faults -= 1;
        if (faults >= 0) throw new Error('not yet');
        return project(given);
      },
    });
    const writer = follow(createMemoryFeed(facts(1, 3)), failing);
    await writer.until(3);
    expect(writer.lines.filter((line) => line === 'documents cannot be written')).to.have.length(2);
    expect(await count()).to.equal(3);
  });

  it('keeps the latest of a store in memory, and remembers since when', async () => {
    const feed = createMemoryFeed(facts(1, 2_500));
    await follow(feed, counted({ inMemoryMax: 2_000 }), 0.5).until(2_500);
    expect(await count()).to.equal(1_000);
    const checkpoint = await readDocumentCheckpoint(db, counted());
    expect(checkpoint?.keptFrom).to.equal(1_500_001);
    expect(checkpoint?.events).to.equal(2_500);
  });

  it('claims nothing of what went before it, where times are out of order', async () => {
    const { project } = counted();
    // Each second one is of ten minutes later: recorded late, and let go early.
    const late = (n: number): number => n * 1_000 + (n % 2) * 600_000;
    const projection = counted({
      inMemoryMax: 100,
      project: (given) =>
        project(given).map((document, i) => ({
          ...document,
          at: new Date(late(Number(given[i]?.position))),
        })),
    });
    await follow(createMemoryFeed(facts(1, 400)), projection, 1).until(400);
    const kept = await db.collection('counted_v1').find().toArray();
    const ids = new Set(kept.map(({ _id }) => String(_id)));
    const gone = Array.from({ length: 400 }, (_, i) => i + 1).filter((n) => !ids.has(`f${n}`));
    const { keptFrom } = (await readDocumentCheckpoint(db, projection)) ?? {};
    expect(keptFrom).to.equal(Math.max(...gone.map(late)) + 1);
  });

  it('lets the version before answer while the next is filled', async () => {
    const notYet = await answeringVersion(db, counted()).catch((error: unknown) => error);
    expect(notYet).to.be.instanceOf(DocumentsNotReady);
    await follow(createMemoryFeed(facts(1, 1)), counted()).until(1);
    expect((await answeringVersion(db, counted({ version: 2 }))).collection).to.equal('counted_v1');
    await follow(createMemoryFeed(facts(1, 1)), counted({ version: 2 })).until(1);
    expect((await answeringVersion(db, counted({ version: 2 }))).collection).to.equal('counted_v2');
  });
});

describe('the thread of the document store', () => {
  it('ends by itself when it outgrows its memory, and the process goes on', async function () {
    this.timeout(120_000);
    const crashed = new Promise<Error>((resolve) => {
      void startMongoThread({ memoryMaxMb: 48, onCrash: resolve }).then(async (mongo) => {
        const store = await openDocumentStore(mongo.connectionString, { applicationName: 'test' });
        const collection = store.db.collection('large');
        const list = Array.from({ length: 5_000 }, (_, n) => n + 0.5);
        try {
          for (let i = 0; i < 500; i += 1) {
            await collection.insertMany(Array.from({ length: 20 }, (_, n) => ({ n, list })));
          }
        } catch {
          // The connection went with it.
        } finally {
          await store.close();
        }
      });
    });
    expect(await crashed).to.include({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
  });

  it('stops when it is told, twice too', async () => {
    const crashes: Error[] = [];
    const mongo = await startMongoThread({ onCrash: (error) => crashes.push(error) });
    await Promise.all([mongo.stop(), mongo.stop()]);
    expect(crashes).to.deep.equal([]);
  });
});

describe('waiting for documents', () => {
  it('ends when the position is announced', async () => {
    const reached = createReached(null);
    const waiting = reached.waitFor('a', 5n, 5_000);
    reached.announce('b', 9n);
    reached.announce('a', 4n);
    reached.announce('a', 6n);
    await waiting;
    await reached.waitFor('a', 6n, 0);
  });

  it('gives up after the deadline, and when it is closed', async () => {
    const reached = createReached(null);
    const late = await reached.waitFor('a', 5n, 20).catch((error: unknown) => error);
    expect(late).to.be.instanceOf(ProjectionBehind);
    const waiting = reached.waitFor('a', 5n, 60_000).catch((error: unknown) => error);
    reached.close();
    expect(await waiting).to.be.instanceOf(ProjectionBehind);
  });

  it('looks where nobody announces', async () => {
    let position = 0n;
    const reached = createReached(async () => (position += 1n));
    await reached.waitFor('a', 3n, 5_000);
    expect(position).to.equal(3n);
  });
});
