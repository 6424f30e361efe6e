/** Stream metadata: what may be set, what is read back, and the revisions that guard it. */
import {
  BACKWARDS,
  END,
  jsonEvent,
  NO_STREAM,
  STREAM_EXISTS,
  type StreamMetadata,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import {
  counted,
  countedUpTo,
  eventsOf,
  newStream,
  numbersOf,
  rejectionOf,
  useNode,
} from './node.js';

const kinds: Record<string, StreamMetadata> = {
  'a greatest count': { maxCount: 12 },
  'a greatest age': { maxAge: 3600 },
  'a truncation': { truncateBefore: 1 },
  'a time to cache': { cacheControl: 15 },
  'an access control list': {
    acl: {
      readRoles: ['$all'],
      writeRoles: ['$all'],
      deleteRoles: ['$admins'],
      metaReadRoles: ['$all'],
      metaWriteRoles: ['$all'],
    },
  },
  'keys of its owner': { owner: 'shop', rules: { deep: [1, { two: null }] }, ключ: 'щука' },
  everything: {
    maxCount: 12,
    maxAge: 3600,
    truncateBefore: 1,
    cacheControl: 15,
    acl: { readRoles: ['$all'], writeRoles: ['$all'] },
    owner: 'shop',
  },
  nothing: {},
};

describe('stream metadata', function () {
  this.timeout(120_000);
  const node = useNode();

  for (const [what, metadata] of Object.entries(kinds)) {
    it(`may be ${what}`, async () => {
      const stream = newStream();
      await node.client.setStreamMetadata(stream, metadata);
      const read = await node.client.getStreamMetadata(stream);
      expect(read.metadata).to.deep.equal(metadata);
      expect(read.streamName).to.equal(stream);
      expect(read.metastreamRevision).to.be.a('bigint');
    });
  }

  it('are none of a stream that has none, and of one that does not exist', async () => {
    const stream = newStream();
    expect(await node.client.getStreamMetadata(stream)).to.deep.equal({ streamName: stream });
    await node.client.appendToStream(stream, counted(1));
    expect(await node.client.getStreamMetadata(stream)).to.deep.equal({ streamName: stream });
  });

  it('may be set before the stream is written, which does not make it readable', async () => {
    const stream = newStream();
    await node.client.setStreamMetadata(stream, { maxCount: 2 });
    expect(await rejectionOf(eventsOf(node.client.readStream(stream)))).to.be.instanceOf(
      StreamNotFoundError,
    );
    await node.client.appendToStream(stream, countedUpTo(5), { expectedRevision: NO_STREAM });
    expect(await numbersOf(node.client.readStream(stream))).to.deep.equal([3, 4]);
  });

  it('are replaced as a whole', async () => {
    const stream = newStream();
    await node.client.setStreamMetadata(stream, { maxCount: 2, owner: 'shop' });
    await node.client.setStreamMetadata(stream, { maxAge: 10 });
    expect((await node.client.getStreamMetadata(stream)).metadata).to.deep.equal({ maxAge: 10 });
  });

  it('are guarded by revisions of their own', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(7));
    const set = (expectedRevision: bigint | typeof NO_STREAM | typeof STREAM_EXISTS) =>
      node.client.setStreamMetadata(stream, { maxCount: 9 }, { expectedRevision });
    const first = await set(NO_STREAM);
    expect(first.nextExpectedRevision).to.equal(0n);
    expect((await set(0n)).nextExpectedRevision).to.equal(1n);
    expect((await set(STREAM_EXISTS)).nextExpectedRevision).to.equal(2n);
    for (const expected of [NO_STREAM, 0n, 6n] as const) {
      const error = await rejectionOf(set(expected));
      expect(error).to.be.instanceOf(WrongExpectedVersionError);
      expect(error).to.include({
        streamName: `$$${stream}`,
        expectedVersion: expected,
        actualVersion: 2n,
      });
    }
  });

  it('refuse STREAM_EXISTS as long as there are none', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, counted(1));
    const error = await rejectionOf(
      node.client.setStreamMetadata(stream, {}, { expectedRevision: STREAM_EXISTS }),
    );
    expect(error).to.be.instanceOf(WrongExpectedVersionError);
    expect(error).to.have.property('actualVersion', NO_STREAM);
  });

  it('stand in a stream of their own, of which the last can be read', async () => {
    const stream = newStream();
    for (const maxCount of [1, 2, 3]) await node.client.setStreamMetadata(stream, { maxCount });
    for (const options of [{}, { direction: BACKWARDS, fromRevision: END }] as const) {
      const events = await eventsOf(node.client.readStream(`$$${stream}`, options));
      expect(events).to.have.length(1);
      expect(events[0]).to.deep.include({
        streamId: `$$${stream}`,
        type: '$metadata',
        revision: 2n,
        isJson: true,
        data: { $maxCount: 3 },
      });
    }
  });

  it('may be written by an append to that stream', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(5));
    await node.client.appendToStream(
      `$$${stream}`,
      jsonEvent({ type: '$metadata', data: { $maxCount: 1 } }),
    );
    expect(await numbersOf(node.client.readStream(stream))).to.deep.equal([4]);
    expect((await node.client.getStreamMetadata(stream)).metadata).to.deep.equal({ maxCount: 1 });
  });

  it('of a deleted stream say so', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, counted(1));
    await node.client.deleteStream(stream);
    const { metadata } = await node.client.getStreamMetadata(stream);
    expect(metadata).to.deep.equal({ truncateBefore: Number(2n ** 63n - 1n) });
  });

  it('appear in $all', async () => {
    const stream = newStream();
    const { position } = await node.client.setStreamMetadata(stream, { maxCount: 3 });
    const [event] = await eventsOf(node.client.readAll({ fromPosition: position!, maxCount: 1 }));
    expect(event).to.deep.include({ streamId: `$$${stream}`, type: '$metadata' });
  });
});
