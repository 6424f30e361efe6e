import {
  NO_STREAM,
  START,
  StreamDeletedError,
  StreamNotFoundError,
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

describe('deleting', function () {
  this.timeout(30_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  const numbers = (stream: string) => numbersOf(node.client.readStream(stream));

  it('hides a stream until it is written to again, whose revisions go on', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(3));
    const { position } = await node.client.deleteStream(stream);
    expect(position!.commit > 0n).to.equal(true);
    expect(await rejectionOf(numbers(stream))).to.be.instanceOf(StreamNotFoundError);
    const { nextExpectedRevision } = await node.client.appendToStream(stream, counted(9), {
      expectedRevision: NO_STREAM,
    });
    expect(nextExpectedRevision).to.equal(3n);
    expect(await numbers(stream)).to.deep.equal([9]);
    expect((await node.client.appendToStream(stream, counted(10))).nextExpectedRevision).to.equal(
      4n,
    );
    expect(await numbers(stream)).to.deep.equal([9, 10]);
  });

  it('refuses a revision the stream is not at', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(3));
    for (const remove of ['deleteStream', 'tombstoneStream'] as const) {
      const error = await rejectionOf(node.client[remove](stream, { expectedRevision: 7n }));
      expect(error).to.be.instanceOf(WrongExpectedVersionError);
      expect(error).to.deep.include({ streamName: stream, expectedVersion: 7n, actualVersion: 2n });
    }
    await node.client.deleteStream(stream, { expectedRevision: 2n });
  });

  it('closes a tombstoned stream for ever', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(2));
    await node.client.tombstoneStream(stream);
    const attempts = [
      () => numbers(stream),
      () => node.client.appendToStream(stream, counted(0)),
      () =>
        node.client.appendToStream(stream, counted(0), {
          credentials: { username: 'admin', password: 'changeit' },
        }),
      () => node.client.deleteStream(stream),
      () => node.client.tombstoneStream(stream),
    ];
    for (const attempt of attempts) {
      const error = await rejectionOf(attempt());
      expect(error).to.be.instanceOf(StreamDeletedError);
      expect(error).to.have.property('streamName', stream);
    }
  });

  it('names a stream in an error whatever letters it has', async () => {
    const stream = `${newStream()}-щука %`;
    await node.client.tombstoneStream(stream);
    const error = await rejectionOf(numbers(stream));
    expect(error).to.be.instanceOf(StreamDeletedError);
    expect(decodeURIComponent((error as StreamDeletedError).streamName)).to.equal(stream);
  });
});

describe('stream metadata', function () {
  this.timeout(30_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  it('are kept, read back, and guarded by their own revisions', async () => {
    const stream = newStream();
    await node.client.setStreamMetadata(
      stream,
      { maxCount: 10, owner: 'shop' },
      { expectedRevision: NO_STREAM },
    );
    const read = await node.client.getStreamMetadata(stream);
    expect(read.metadata).to.deep.equal({ maxCount: 10, owner: 'shop' });
    const again = node.client.setStreamMetadata(stream, {}, { expectedRevision: NO_STREAM });
    expect(await rejectionOf(again)).to.be.instanceOf(WrongExpectedVersionError);
  });

  it('limit what may be read of the stream by number, revision and age', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(10));
    const read = () => numbersOf(node.client.readStream(stream, { fromRevision: START }));
    await node.client.setStreamMetadata(stream, { maxCount: 3 });
    expect(await read()).to.deep.equal([7, 8, 9]);
    await node.client.setStreamMetadata(stream, { truncateBefore: 5 });
    expect(await read()).to.deep.equal([5, 6, 7, 8, 9]);
    await node.client.setStreamMetadata(stream, { maxAge: 3600 });
    expect(await read()).to.have.length(10);
  });
});
