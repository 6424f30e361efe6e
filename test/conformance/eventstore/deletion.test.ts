/**
 * Soft deletes and tombstones: every state a stream can be in against every expected revision, and what is left to
 * read and to write afterwards.
 */
import {
  ANY,
  BACKWARDS,
  END,
  type EventStoreDBClient,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
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

type Expected = typeof ANY | typeof NO_STREAM | bigint;
/** Done, or the revision that the error says the stream is at; -1 stands for no stream. */
type Answer = 'done' | 'deleted' | bigint;
type Prepare = (client: EventStoreDBClient, stream: string) => Promise<unknown>;

const withThreeEvents: Prepare = (client, stream) => client.appendToStream(stream, countedUpTo(3));
const prepared: Record<string, Prepare> = {
  'a stream that was never written': async () => {},
  'a stream of three events': withThreeEvents,
  'a deleted stream': async (client, stream) => {
    await withThreeEvents(client, stream);
    await client.deleteStream(stream);
  },
  'a tombstoned stream': async (client, stream) => {
    await withThreeEvents(client, stream);
    await client.tombstoneStream(stream);
  },
  'a stream that has only metadata': (client, stream) =>
    client.setStreamMetadata(stream, { maxCount: 3 }),
};

const cases: [state: string, Expected, ofDelete: Answer, ofTombstone: Answer][] = [
  ['a stream that was never written', ANY, -1n, 'done'],
  ['a stream that was never written', NO_STREAM, -1n, 'done'],
  ['a stream that was never written', 0n, -1n, -1n],
  ['a stream of three events', ANY, 'done', 'done'],
  ['a stream of three events', NO_STREAM, 2n, 2n],
  ['a stream of three events', 2n, 'done', 'done'],
  ['a stream of three events', 1n, 2n, 2n],
  ['a stream of three events', 3n, 2n, 2n],
  ['a deleted stream', ANY, 'done', 'done'],
  ['a deleted stream', NO_STREAM, 'done', 'done'],
  ['a deleted stream', 2n, 'done', 'done'],
  ['a deleted stream', 0n, 2n, 2n],
  ['a tombstoned stream', ANY, 'deleted', 'deleted'],
  ['a tombstoned stream', NO_STREAM, 'deleted', 'deleted'],
  ['a tombstoned stream', 2n, 'deleted', 'deleted'],
  ['a stream that has only metadata', ANY, 'done', 'done'],
  ['a stream that has only metadata', NO_STREAM, 'done', 'done'],
];

const EXPECTED_NUMBERS = { [ANY]: -2n, [NO_STREAM]: -1n };

describe('deleting and tombstoning', function () {
  this.timeout(120_000);
  const node = useNode();

  for (const [method, column] of [
    ['deleteStream', 2],
    ['tombstoneStream', 3],
  ] as const) {
    for (const entry of cases) {
      const [state, expectedRevision] = entry;
      const answer = entry[column];
      const outcome =
        answer === 'done'
          ? 'is done'
          : answer === 'deleted'
            ? 'is refused since it is deleted'
            : `is refused, naming ${answer}`;
      it(`${method} of ${state}, ${expectedRevision} expected, ${outcome}`, async () => {
        const stream = newStream();
        await prepared[state]!(node.client, stream);
        const deleting = node.client[method](stream, { expectedRevision });
        if (answer === 'done') {
          const { position } = await deleting;
          expect(position!.commit > 0n && position!.prepare > 0n).to.equal(true);
          const error = await rejectionOf(eventsOf(node.client.readStream(stream)));
          expect(error).to.be.instanceOf(
            method === 'deleteStream' ? StreamNotFoundError : StreamDeletedError,
          );
          return;
        }
        const error = await rejectionOf(deleting);
        expect(error).to.have.property('streamName', stream);
        if (answer === 'deleted') {
          expect(error).to.be.instanceOf(StreamDeletedError);
          return;
        }
        expect(error).to.be.instanceOf(WrongExpectedVersionError);
        expect(error).to.include({
          type: 'wrong-expected-version',
          code: 9,
          actualVersion: answer,
          expectedVersion:
            typeof expectedRevision === 'bigint'
              ? expectedRevision
              : EXPECTED_NUMBERS[expectedRevision],
        });
      });
    }
  }

  it('tombstoneStream takes STREAM_EXISTS, which a missing stream refuses', async () => {
    const stream = newStream();
    // The client takes it, its types do not know.
    const options = { expectedRevision: STREAM_EXISTS as unknown as typeof ANY };
    const error = await rejectionOf(node.client.tombstoneStream(stream, options));
    expect(error).to.be.instanceOf(WrongExpectedVersionError);
    expect(error).to.include({ expectedVersion: -4n, actualVersion: -1n });
    await node.client.appendToStream(stream, counted(1));
    await node.client.tombstoneStream(stream, options);
  });
});

describe('a deleted stream', function () {
  this.timeout(120_000);
  const node = useNode();
  const numbers = (stream: string) => numbersOf(node.client.readStream(stream));
  const deleted = async () => {
    const stream = newStream();
    await prepared['a deleted stream']!(node.client, stream);
    return stream;
  };

  it('is not found from either end', async () => {
    const stream = await deleted();
    for (const options of [
      {},
      { direction: BACKWARDS, fromRevision: END },
      { fromRevision: 1n },
    ] as const) {
      const error = await rejectionOf(eventsOf(node.client.readStream(stream, options)));
      expect(error).to.be.instanceOf(StreamNotFoundError);
      expect(error).to.include({ streamName: stream, type: 'stream-not-found' });
    }
  });

  it('goes on with its revisions once it is written to again, and shows only the new', async () => {
    const stream = await deleted();
    const { nextExpectedRevision } = await node.client.appendToStream(
      stream,
      [counted(3), counted(4)],
      { expectedRevision: NO_STREAM },
    );
    expect(nextExpectedRevision).to.equal(4n);
    const events = await eventsOf(node.client.readStream(stream));
    expect(events.map(({ revision }) => revision)).to.deep.equal([3n, 4n]);
    const backwards = node.client.readStream(stream, { direction: BACKWARDS, fromRevision: END });
    expect(await numbersOf(backwards)).to.deep.equal([4, 3]);
  });

  it('can be deleted and begun anew time and again', async () => {
    const stream = newStream();
    for (let round = 0; round < 3; round++) {
      const { nextExpectedRevision } = await node.client.appendToStream(stream, counted(round), {
        expectedRevision: NO_STREAM,
      });
      expect(nextExpectedRevision).to.equal(BigInt(round));
      expect(await numbers(stream)).to.deep.equal([round]);
      await node.client.deleteStream(stream, { expectedRevision: nextExpectedRevision });
    }
  });

  it('forgets the metadata it had', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(5));
    await node.client.setStreamMetadata(stream, { maxCount: 1, owner: 'shop' });
    await node.client.deleteStream(stream);
    const { metadata } = await node.client.getStreamMetadata(stream);
    expect(Object.keys(metadata!)).to.deep.equal(['truncateBefore']);
    await node.client.appendToStream(stream, countedUpTo(3));
    expect(await numbers(stream)).to.have.length(3);
    expect((await node.client.getStreamMetadata(stream)).metadata).to.deep.equal({
      truncateBefore: 5,
    });
  });

  it('comes back empty when its metadata are set, and never with its old events', async () => {
    const stream = await deleted();
    await node.client.setStreamMetadata(stream, { maxCount: 100 });
    expect(await numbers(stream)).to.deep.equal([]);
    const { metadata } = await node.client.getStreamMetadata(stream);
    expect(metadata).to.deep.equal({ maxCount: 100, truncateBefore: 3 });
    await node.client.appendToStream(stream, counted(3), { expectedRevision: 2n });
    expect(await numbers(stream)).to.deep.equal([3]);
  });

  it('keeps its events in $all, the new one before the metadata that show it', async () => {
    const stream = newStream();
    const { position } = await node.client.appendToStream(stream, counted(0));
    await node.client.deleteStream(stream);
    await node.client.appendToStream(stream, counted(1));
    const seen: string[] = [];
    for await (const { event } of node.client.readAll({ fromPosition: position! })) {
      if (event!.streamId === stream || event!.streamId === `$$${stream}`)
        seen.push(`${event!.type} ${event!.revision}`);
    }
    expect(seen).to.deep.equal(['Counted 0', '$metadata 0', 'Counted 1', '$metadata 1']);
  });
});

describe('a tombstoned stream', function () {
  this.timeout(120_000);
  const node = useNode();
  const tombstoned = async () => {
    const stream = newStream();
    await prepared['a tombstoned stream']!(node.client, stream);
    return stream;
  };

  it('cannot be read from either end', async () => {
    const stream = await tombstoned();
    for (const options of [
      {},
      { direction: BACKWARDS, fromRevision: END },
      { maxCount: 1 },
    ] as const) {
      const error = await rejectionOf(eventsOf(node.client.readStream(stream, options)));
      expect(error).to.be.instanceOf(StreamDeletedError);
      expect(error).to.include({ streamName: stream, type: 'stream-deleted', code: 9 });
    }
  });

  it('takes no metadata and gives none', async () => {
    const stream = newStream();
    await node.client.setStreamMetadata(stream, { maxCount: 5 });
    await node.client.tombstoneStream(stream);
    for (const attempt of [
      () => node.client.setStreamMetadata(stream, { maxCount: 5 }),
      () => node.client.getStreamMetadata(stream),
    ]) {
      const error = await rejectionOf(attempt());
      expect(error).to.be.instanceOf(StreamDeletedError);
      expect(error).to.have.property('streamName', `$$${stream}`);
    }
  });

  it('ends in $all with an event of its own', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, counted(0));
    const { position } = await node.client.tombstoneStream(stream);
    const [event] = await eventsOf(node.client.readAll({ fromPosition: position!, maxCount: 1 }));
    expect(event).to.deep.include({
      streamId: stream,
      type: '$streamDeleted',
      revision: 2n ** 63n - 1n,
      isJson: false,
    });
    expect(event!.position).to.deep.equal(position);
  });

  it('is named in the error whatever letters it has', async () => {
    const stream = `${newStream()}-щука %`;
    await node.client.tombstoneStream(stream);
    const error = await rejectionOf(eventsOf(node.client.readStream(stream)));
    expect(error).to.be.instanceOf(StreamDeletedError);
    expect(decodeURIComponent((error as StreamDeletedError).streamName)).to.equal(stream);
  });
});
