import {
  ANY,
  binaryEvent,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import {
  counted,
  countedUpTo,
  newStream,
  type Node,
  numbersOf,
  rejectionOf,
  startNode,
} from './node.js';

/** Credentials of its own make the client take the unary method instead of the batch one. */
const ways = {
  'in the batch stream': {},
  'by a call of its own': { credentials: { username: 'admin', password: 'changeit' } },
};

for (const [way, options] of Object.entries(ways)) {
  describe(`appending ${way}`, function () {
    this.timeout(30_000);
    let node: Node;
    before(async () => {
      node = await startNode();
    });
    after(() => node.stop());

    const append = (stream: string, n: number, expectedRevision: bigint | typeof ANY = ANY) =>
      node.client.appendToStream(stream, counted(n), { expectedRevision, ...options });

    it('stores events and says where', async () => {
      const stream = newStream();
      const first = await node.client.appendToStream(stream, countedUpTo(3), {
        expectedRevision: NO_STREAM,
        ...options,
      });
      expect(first.success).to.equal(true);
      expect(first.nextExpectedRevision).to.equal(2n);
      const second = await append(stream, 3, 2n);
      expect(second.nextExpectedRevision).to.equal(3n);
      expect(second.position!.commit > first.position!.commit).to.equal(true);
      expect(await numbersOf(node.client.readStream(stream))).to.deep.equal([0, 1, 2, 3]);
    });

    it('keeps id, type, data, metadata, content and time of an event', async () => {
      const stream = newStream();
      const json = jsonEvent({
        type: 'Заказано',
        data: { товар: 'щука 🐟', n: null },
        metadata: { by: 'till' },
      });
      const binary = binaryEvent({ type: 'Scanned', data: Uint8Array.from([0, 255, 10, 0]) });
      const before = Date.now();
      await node.client.appendToStream(stream, [json, binary], options);
      const read = [];
      for await (const { event } of node.client.readStream(stream)) read.push(event!);
      expect(read[0]).to.deep.include({
        streamId: stream,
        id: json.id,
        type: json.type,
        data: json.data,
        metadata: json.metadata,
        isJson: true,
        revision: 0n,
      });
      expect(read[0]!.created.getTime()).to.be.within(before - 1000, Date.now() + 1000);
      expect(read[1]).to.deep.include({
        id: binary.id,
        type: 'Scanned',
        isJson: false,
        metadata: undefined,
      });
      expect([...(read[1]!.data as Uint8Array)]).to.deep.equal([0, 255, 10, 0]);
    });

    it('refuses a revision the stream is not at, naming both', async () => {
      const stream = newStream();
      await append(stream, 0);
      const error = await rejectionOf(append(stream, 1, 5n));
      expect(error).to.be.instanceOf(WrongExpectedVersionError);
      expect(error).to.deep.include({ streamName: stream, expectedVersion: 5n, actualVersion: 0n });
      expect(await rejectionOf(append(newStream(), 1, 0n))).to.deep.include({
        expectedVersion: 0n,
        actualVersion: 'no_stream',
      });
    });

    it('refuses a stream that must not exist and does, and one that must and does not', async () => {
      const stream = newStream();
      await append(stream, 0);
      const appendWith = (
        name: string,
        expectedRevision: typeof NO_STREAM | typeof STREAM_EXISTS,
      ) => node.client.appendToStream(name, counted(1), { expectedRevision, ...options });
      expect(await rejectionOf(appendWith(stream, NO_STREAM))).to.deep.include({
        expectedVersion: NO_STREAM,
        actualVersion: 0n,
      });
      expect(await rejectionOf(appendWith(newStream(), STREAM_EXISTS))).to.deep.include({
        expectedVersion: STREAM_EXISTS,
        actualVersion: 'no_stream',
      });
      expect((await appendWith(stream, STREAM_EXISTS)).nextExpectedRevision).to.equal(1n);
    });

    it('answers a repeated append like the first, whatever was expected', async () => {
      for (const expectedRevision of [ANY, NO_STREAM] as const) {
        const stream = newStream();
        const events = countedUpTo(2);
        const write = () =>
          node.client.appendToStream(stream, events, { expectedRevision, ...options });
        const first = await write();
        await append(stream, 2);
        expect(await write()).to.deep.equal(first);
        expect(await numbersOf(node.client.readStream(stream))).to.deep.equal([0, 1, 2]);
      }
      const stream = newStream();
      await append(stream, 0);
      for (const expectedRevision of [0n, STREAM_EXISTS] as const) {
        const event = counted(9);
        const current = (await append(stream, 0)).nextExpectedRevision;
        const exact = typeof expectedRevision === 'bigint' ? current : expectedRevision;
        const write = () =>
          node.client.appendToStream(stream, event, { expectedRevision: exact, ...options });
        const first = await write();
        await append(stream, 0);
        expect(await write()).to.deep.equal(first);
      }
    });

    it('refuses a repetition that has other events than the first', async () => {
      const stream = newStream();
      const [one, two] = countedUpTo(2);
      await node.client.appendToStream(stream, [one!, two!], {
        expectedRevision: NO_STREAM,
        ...options,
      });
      const changed = node.client.appendToStream(stream, [one!, counted(7)], {
        expectedRevision: NO_STREAM,
        ...options,
      });
      expect(await rejectionOf(changed)).to.be.instanceOf(WrongExpectedVersionError);
    });

    it('takes an append of a mebibyte and refuses a larger one, and goes on', async () => {
      const stream = newStream();
      const sized = (bytes: number) =>
        binaryEvent({ type: 'Scanned', data: Buffer.alloc(bytes, 1) });
      await node.client.appendToStream(stream, sized(1024 * 1024 - 100), options);
      for (const bytes of [1024 * 1024 + 1, 7 * 1024 * 1024]) {
        const error = await rejectionOf(node.client.appendToStream(stream, sized(bytes), options));
        expect(error).to.be.instanceOf(MaxAppendSizeExceededError);
        expect(error).to.have.property('maxAppendSize', 1024 * 1024);
      }
      expect((await append(stream, 1)).nextExpectedRevision).to.equal(1n);
    });

    it('refuses what cannot be stored without harm to other appends', async () => {
      const stream = newStream();
      const [faulty, nameless, good] = await Promise.allSettled([
        node.client.appendToStream(`${stream}\0`, counted(0), options),
        node.client.appendToStream(stream, jsonEvent({ type: '', data: {} }), options),
        append(stream, 1),
      ]);
      expect([faulty.status, nameless.status, good.status]).to.deep.equal([
        'rejected',
        'rejected',
        'fulfilled',
      ]);
      expect(await numbersOf(node.client.readStream(stream))).to.deep.equal([1]);
    });
  });
}

describe('appending in chunks', function () {
  this.timeout(30_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  it('puts appends together whose chunks interleave, each whole and in order', async () => {
    const streams = Array.from({ length: 8 }, () => newStream());
    // Chunks of a few hundred bytes: every append comes in many, among those of the others.
    const results = await Promise.all(
      streams.map((stream) =>
        node.client.appendToStream(stream, countedUpTo(40), {
          expectedRevision: NO_STREAM,
          batchAppendSize: 300,
        }),
      ),
    );
    for (const [i, stream] of streams.entries()) {
      expect(results[i]!.nextExpectedRevision).to.equal(39n);
      const positions: bigint[] = [];
      const numbers: number[] = [];
      for await (const { event } of node.client.readStream(stream)) {
        positions.push(event!.position!.commit);
        numbers.push((event!.data as { n: number }).n);
      }
      expect(numbers).to.deep.equal(Array.from({ length: 40 }, (_nothing, n) => n));
      expect(positions.at(-1)! - positions[0]!).to.equal(39n);
    }
  });

  it('judges each of many appends sent at once by those before it', async () => {
    const stream = newStream();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_nothing, n) =>
        node.client.appendToStream(stream, counted(n), {
          expectedRevision: n === 0 ? NO_STREAM : BigInt(n - 1),
        }),
      ),
    );
    expect(outcomes.every(({ status }) => status === 'fulfilled')).to.equal(true);
    const rivals = await Promise.allSettled(
      Array.from({ length: 10 }, (_nothing, n) =>
        node.client.appendToStream(stream, counted(100 + n), { expectedRevision: 19n }),
      ),
    );
    expect(rivals.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
  });

  it('gives 64 writers at once consecutive positions', async () => {
    const positions: bigint[] = [];
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        const stream = newStream();
        for (let n = 0; n < 20; n++) {
          const { position } = await node.client.appendToStream(stream, counted(n), {
            expectedRevision: n === 0 ? NO_STREAM : BigInt(n - 1),
          });
          positions.push(position!.commit);
        }
      }),
    );
    const inOrder = positions.sort((a, b) => (a < b ? -1 : 1));
    expect(new Set(inOrder).size).to.equal(64 * 20);
    if (!process.env['KOPILKA_EVENTSTORE'])
      expect(inOrder.at(-1)! - inOrder[0]!).to.equal(64n * 20n - 1n);
  });
});
