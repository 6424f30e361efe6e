import { expect } from 'chai';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { eventDefinitions } from '../../domain/registry.js';
import { startEventStoreThread } from '../../embedded/eventstore/startThread.js';
import { type EmbeddedPostgres, startPostgres } from '../../embedded/postgres/startPostgres.js';
import {
  BACKWARDS,
  END,
  type EventStoreDBClient,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { createAgeLimit } from '../../platform/eventstore/ageLimit.js';
import { connect, createLog, disconnect } from '../../platform/eventstore/client.js';
import { createCodec } from '../../platform/eventstore/codec.js';
import { createCut } from '../../platform/eventstore/cut.js';
import { createFeed } from '../../platform/eventstore/feed.js';
import { openStreamPages } from '../../platform/eventstore/streamPages.js';
import { coin, logContract } from '../contracts/logContract.js';

type Ask = (...given: unknown[]) => unknown;

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('the log through the official client and the embedded node', function () {
  this.timeout(120_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'kopilka-log-'));
  chmodSync(dataDir, 0o755);
  let postgres: EmbeddedPostgres;
  let client: EventStoreDBClient;
  let connectionString: string;
  const closing: (() => Promise<unknown>)[] = [];

  logContract(async () => {
    postgres = await startPostgres({ dataDir, logger });
    closing.push(() => postgres.stop());
    await postgres.ensureDatabase('log');
    const store = await startEventStoreThread({ postgres: postgres.connection('log'), logger });
    closing.push(() => store.stop());
    ({ connectionString } = store);
    client = connect(connectionString);
    closing.push(() => disconnect(client));
    const codec = createCodec(eventDefinitions);
    return { log: createLog(client, codec), feed: createFeed(client, codec) };
  });

  it('is spoken to without the generated classes of the client', async () => {
    const { BatchAppendReq, BatchAppendResp, ReadResp } = streams;
    const slow = [
      { holder: BatchAppendReq, name: 'serializeBinaryToWriter' },
      { holder: BatchAppendResp, name: 'deserializeBinaryFromReader' },
      { holder: ReadResp.ReadEvent, name: 'deserializeBinaryFromReader' },
    ].map(({ holder, name }) => ({ holder: holder as unknown as Record<string, Ask>, name }));
    const asked: string[] = [];
    const usual = slow.map(({ holder, name }) => holder[name] as Ask);
    for (const [index, { holder, name }] of slow.entries()) {
      holder[name] = (...given) => {
        asked.push(name);
        return usual[index]?.(...given);
      };
    }
    try {
      const codec = createCodec(eventDefinitions);
      const log = createLog(client, codec);
      const fact = coin(1);
      await log.append('till-quick', 'noStream', [fact, coin(2)]);
      await log.append('till-quick', 1, [coin(3)]);
      const read = await log.read('till-quick', 0, 10);
      expect(read.map(({ revision }) => revision)).to.deep.equal([0, 1, 2]);
      expect(read[0]?.id).to.equal(fact.id);
    } finally {
      for (const [index, { holder, name }] of slow.entries()) holder[name] = usual[index] as Ask;
    }
    expect(asked).to.deep.equal([]);
  });

  it('gives the same page without the client as with it', async () => {
    const log = createLog(client, createCodec(eventDefinitions));
    const stream = 'till-pages';
    const count = 300;
    for (let first = 0; first < count; first += 100) {
      const facts = Array.from({ length: 100 }, (_, index) => coin(first + index));
      await log.append(stream, first === 0 ? 'noStream' : first - 1, facts);
    }
    await createCut(client)(stream, 3);
    const withIt = async (of: string, first: number, maxCount: number) => {
      const events: unknown[] = [];
      const fromRevision = BigInt(first);
      for await (const { event } of client.readStream(of, { fromRevision, maxCount })) {
        events.push(event);
      }
      return events;
    };
    const pages = openStreamPages(connectionString);
    try {
      for (const [first, most] of [
        [0, 256],
        [3, 1],
        [256, 256],
        [299, 10],
        [300, 10],
      ] as const) {
        const page = await pages?.read(stream, first, most);
        expect(page, `${most} from ${first}`).to.deep.equal(await withIt(stream, first, most));
      }
      expect((await pages?.read(stream, 0, 256))?.length).to.equal(256);
      expect(await pages?.read('till-of-nobody', 0, 10)).to.deep.equal([]);
    } finally {
      pages?.close();
    }
  });

  describe('the metadata of a stream', () => {
    /** As the log has them, and how often they were written. */
    const metadataOf = async (stream: string) => {
      let written = 0;
      try {
        const last = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;
        const all = client.readStream(`$$${stream}`, last);
        for await (const { event } of all) written = Number(event?.revision) + 1;
      } catch (error) {
        expect(error).to.be.instanceOf(StreamNotFoundError);
      }
      return { metadata: (await client.getStreamMetadata(stream)).metadata ?? {}, written };
    };

    it('limit its age, are written once for as long as the limit stays, and keep what else they say', async () => {
      const limitAge = createAgeLimit(client);
      const stream = 'handovers-demo.cars';
      for (const days of [90, 90]) await limitAge(stream, days);
      expect(await metadataOf(stream)).to.eql({ metadata: { maxAge: 7_776_000 }, written: 1 });
      await createCut(client)(stream, 3);
      await limitAge(stream, 30);
      const both = { maxAge: 2_592_000, truncateBefore: 3 };
      expect(await metadataOf(stream)).to.eql({ metadata: both, written: 3 });
      await limitAge(stream, 0);
      expect(await metadataOf(stream)).to.eql({ metadata: { truncateBefore: 3 }, written: 4 });
      await limitAge('handovers-demo.for_ever', 0);
      expect(await metadataOf('handovers-demo.for_ever')).to.eql({ metadata: {}, written: 0 });
    });

    it('let its beginning go, again and again, and never bring it back', async () => {
      const cut = createCut(client);
      const stream = 'deliveries-demo.sub_cut';
      for (const before of [3, 8, 5, 20]) await cut(stream, before);
      expect(await metadataOf(stream)).to.eql({ metadata: { truncateBefore: 20 }, written: 3 });
    });
  });

  after(async () => {
    for (const close of closing.reverse()) await close();
    rmSync(dataDir, { recursive: true, force: true });
  });
});
