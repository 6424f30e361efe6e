import {
  BACKWARDS,
  END,
  FORWARDS,
  NO_STREAM,
  START,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { countedUpTo, newStream, type Node, numbersOf, rejectionOf, startNode } from './node.js';

const COUNT = 700; // more than the first page of a read

describe('reading', function () {
  this.timeout(30_000);
  let node: Node;
  const stream = newStream();
  let positions: bigint[];
  const upTo = Array.from({ length: COUNT }, (_nothing, n) => n);

  before(async () => {
    node = await startNode();
    await node.client.appendToStream(stream, countedUpTo(COUNT), { expectedRevision: NO_STREAM });
    positions = [];
    for await (const { event } of node.client.readStream(stream))
      positions.push(event!.position!.commit);
  });
  after(() => node.stop());

  const read = (options: Parameters<Node['client']['readStream']>[1]) =>
    numbersOf(node.client.readStream(stream, options));

  it('gives a stream from either end', async () => {
    expect(await read({})).to.deep.equal(upTo);
    expect(await read({ direction: BACKWARDS, fromRevision: END })).to.deep.equal(
      [...upTo].reverse(),
    );
    expect(await read({ direction: FORWARDS, fromRevision: END })).to.deep.equal([]);
    expect(await read({ direction: BACKWARDS, fromRevision: START })).to.deep.equal([0]);
  });

  it('begins at the revision asked for and stops at the limit', async () => {
    expect(await read({ fromRevision: 690n })).to.deep.equal(upTo.slice(690));
    expect(await read({ fromRevision: 5n, maxCount: 3 })).to.deep.equal([5, 6, 7]);
    expect(await read({ fromRevision: 2n, direction: BACKWARDS })).to.deep.equal([2, 1, 0]);
    expect(await read({ fromRevision: END, direction: BACKWARDS, maxCount: 300 })).to.deep.equal(
      [...upTo].reverse().slice(0, 300),
    );
    expect(await read({ fromRevision: 5000n })).to.deep.equal([]);
    expect(await read({ fromRevision: 5000n, direction: BACKWARDS, maxCount: 1 })).to.deep.equal([
      COUNT - 1,
    ]);
  });

  it('says of a stream that does not exist that it does not', async () => {
    const error = await rejectionOf(numbersOf(node.client.readStream('nothing-here')));
    expect(error).to.be.instanceOf(StreamNotFoundError);
    expect(error).to.have.property('streamName', 'nothing-here');
  });

  it('gives $all from a position, that event included, either way', async () => {
    const commit = positions[300]!;
    const from = { commit, prepare: commit };
    const forwards = node.client.readAll({ fromPosition: from, maxCount: 300 });
    expect(await numbersOf(forwards)).to.deep.equal(upTo.slice(300, 600));
    const backwards = node.client.readAll({
      fromPosition: from,
      direction: BACKWARDS,
      maxCount: 300,
    });
    expect(await numbersOf(backwards)).to.deep.equal(upTo.slice(1, 301).reverse());
  });

  it('gives all of $all in order of position', async () => {
    for (const direction of [FORWARDS, BACKWARDS] as const) {
      const seen: bigint[] = [];
      for await (const { event, commitPosition } of node.client.readAll({
        direction,
        fromPosition: direction === FORWARDS ? START : END,
      })) {
        expect(commitPosition).to.equal(event!.position!.commit);
        seen.push(commitPosition!);
      }
      const sorted = [...seen].sort((a, b) => (a < b ? -1 : 1));
      expect(seen).to.deep.equal(direction === FORWARDS ? sorted : sorted.reverse());
      for (const position of positions) expect(seen).to.include(position);
    }
  });

  it('ends a read that its caller leaves, and goes on serving', async () => {
    for (let i = 0; i < 20; i++) {
      const events = node.client.readStream(stream);
      for await (const { event } of events) {
        expect(event!.revision).to.equal(0n);
        break;
      }
      await events.cancel();
    }
    expect(await read({ maxCount: 2 })).to.deep.equal([0, 1]);
  });

  it('reads many streams at once', async () => {
    const reads = Array.from({ length: 40 }, (_nothing, n) =>
      read({ fromRevision: BigInt(n), maxCount: 2 }),
    );
    expect(await Promise.all(reads)).to.deep.equal(reads.map((_read, n) => [n, n + 1]));
  });
});
