/** Catch-up subscriptions to a stream: where they begin, what they give, and how they end. */
import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { END, START, StreamDeletedError } from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, eventsOf, newStream, until, useNode } from './node.js';
import { collect } from './subscriber.js';

describe('a subscription to a stream', function () {
  this.timeout(120_000);
  const node = useNode();
  const subscribe = (
    stream: string,
    options: Parameters<typeof node.client.subscribeToStream>[1] = {},
  ) => {
    const subscription = node.client.subscribeToStream(stream, options);
    return { subscription, ...collect(subscription) };
  };
  const written = async (count: number) => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(count));
    return stream;
  };

  for (const [name, options] of Object.entries({
    'from its start, if nothing else is asked': {},
    'from its start': { fromRevision: START },
  } as const)) {
    it(`gives it ${name}, then what is appended, and says when it has caught up`, async () => {
      const stream = await written(3);
      const { subscription, events, signals, hasCaughtUp } = subscribe(stream, options);
      await until('history', hasCaughtUp);
      for (let n = 3; n < 6; n++) await node.client.appendToStream(stream, counted(n));
      await node.client.appendToStream(newStream(), counted(99));
      await until('live events', () => events.length === 6);
      expect(events.map(({ n }) => n)).to.deep.equal([0, 1, 2, 3, 4, 5]);
      expect(events.map(({ revision }) => revision)).to.deep.equal([0n, 1n, 2n, 3n, 4n, 5n]);
      expect(signals).to.deep.equal(['confirmation@0', 'caughtUp@3']);
      await subscription.unsubscribe();
    });
  }

  it('begins after the revision it names', async () => {
    const stream = await written(5);
    const { subscription, events, hasCaughtUp } = subscribe(stream, { fromRevision: 2n });
    await until('history', hasCaughtUp);
    expect(events.map(({ n }) => n)).to.deep.equal([3, 4]);
    await node.client.appendToStream(stream, counted(5));
    await until('the new event', () => events.length === 3);
    await subscription.unsubscribe();
  });

  it('begins after the last revision with what is appended', async () => {
    const stream = await written(3);
    const { subscription, events, hasCaughtUp } = subscribe(stream, { fromRevision: 2n });
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(stream, counted(3));
    await until('the new event', () => events.length === 1);
    expect(events[0]!.revision).to.equal(3n);
    await subscription.unsubscribe();
  });

  it('begins at the end with what is appended', async () => {
    const stream = await written(3);
    const { subscription, events, signals, hasCaughtUp } = subscribe(stream, { fromRevision: END });
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(stream, [counted(3), counted(4)]);
    await until('the new events', () => events.length === 2);
    expect(events.map(({ n }) => n)).to.deep.equal([3, 4]);
    expect(signals).to.deep.equal(['confirmation@0', 'caughtUp@0']);
    await subscription.unsubscribe();
  });

  it('passes over what comes up to a revision that does not exist yet', async () => {
    const stream = await written(2);
    const { subscription, events, hasCaughtUp } = subscribe(stream, { fromRevision: 4n });
    await until('the head', hasCaughtUp);
    for (let n = 2; n < 7; n++) await node.client.appendToStream(stream, counted(n));
    await until('the new events', () => events.length === 2);
    expect(events.map(({ revision }) => revision)).to.deep.equal([5n, 6n]);
    await subscription.unsubscribe();
  });

  it('waits for a stream that does not exist yet', async () => {
    const stream = newStream();
    const { subscription, events, isConfirmed } = subscribe(stream);
    await until('the confirmation', isConfirmed);
    await node.client.appendToStream(stream, countedUpTo(2));
    await until('the events', () => events.length === 2);
    expect(events.map(({ revision }) => revision)).to.deep.equal([0n, 1n]);
    await subscription.unsubscribe();
  });

  it('gives the same events as a read', async () => {
    const stream = await written(20);
    const received: unknown[] = [];
    const subscription = node.client.subscribeToStream(stream);
    subscription.on('data', ({ event }) => received.push(event));
    await until('history', () => received.length === 20);
    await node.client.appendToStream(stream, counted(20));
    await until('the new event', () => received.length === 21);
    expect(received).to.deep.equal(await eventsOf(node.client.readStream(stream)));
    await subscription.unsubscribe();
  });

  it('gives a long history in order and goes on behind it', async () => {
    const stream = newStream();
    for (let i = 0; i < 5; i++) await node.client.appendToStream(stream, countedUpTo(500));
    const { subscription, events } = subscribe(stream);
    await node.client.appendToStream(stream, counted(9));
    await until('all', () => events.length === 2501);
    expect(events.every(({ revision }, i) => revision === BigInt(i))).to.equal(true);
    await subscription.unsubscribe();
  });

  it('gives nothing of streams whose names begin alike', async () => {
    const stream = newStream();
    const { subscription, events, isConfirmed } = subscribe(stream);
    await until('the confirmation', isConfirmed);
    for (const other of [`${stream}x`, `${stream}-1`, stream.slice(0, -1), stream.toUpperCase()])
      await node.client.appendToStream(other, counted(9));
    await node.client.appendToStream(stream, counted(1));
    await until('the event', () => events.length === 1);
    expect(events[0]!.n).to.equal(1);
    await subscription.unsubscribe();
  });

  it('follows the metadata of a stream as a stream', async () => {
    const stream = newStream();
    await node.client.setStreamMetadata(stream, { maxCount: 1 });
    const { subscription, events, hasCaughtUp } = subscribe(`$$${stream}`);
    await until('history', hasCaughtUp);
    await node.client.setStreamMetadata(stream, { maxCount: 2 });
    await until('both', () => events.length === 2);
    expect(events.map(({ type, revision }) => `${type} ${revision}`)).to.deep.equal([
      '$metadata 0',
      '$metadata 1',
    ]);
    await subscription.unsubscribe();
  });

  it('outlives a delete and gives what is written to the stream again', async () => {
    const stream = await written(3);
    const { subscription, events, errors } = subscribe(stream);
    await until('history', () => events.length === 3);
    await node.client.deleteStream(stream);
    await node.client.appendToStream(stream, [counted(3), counted(4)]);
    await until('the new events', () => events.length === 5);
    expect(events.map(({ revision }) => revision)).to.deep.equal([0n, 1n, 2n, 3n, 4n]);
    expect(errors).to.be.empty;
    await subscription.unsubscribe();
  });

  it('to a deleted stream waits and gives only what is written again', async () => {
    const stream = await written(3);
    await node.client.deleteStream(stream);
    const { subscription, events, isConfirmed } = subscribe(stream);
    await until('the confirmation', isConfirmed);
    await node.client.appendToStream(stream, counted(3));
    await until('the new event', () => events.length === 1);
    expect(events[0]!.revision).to.equal(3n);
    await subscription.unsubscribe();
  });

  it('to a tombstoned stream is refused', async () => {
    const stream = await written(1);
    await node.client.tombstoneStream(stream);
    for (const fromRevision of [START, 0n] as const) {
      const { errors } = subscribe(stream, { fromRevision });
      await until('the error', () => errors.length > 0);
      expect(errors[0]).to.be.instanceOf(StreamDeletedError);
      expect(errors[0]).to.include({ streamName: stream, type: 'stream-deleted' });
    }
  });

  for (const [name, fromRevision] of Object.entries({ start: START, end: END } as const)) {
    it(`from the ${name} ends when the stream is tombstoned`, async () => {
      const stream = await written(2);
      const { events, errors, hasCaughtUp } = subscribe(stream, { fromRevision });
      await until('the head', hasCaughtUp);
      await node.client.appendToStream(stream, counted(2));
      await node.client.tombstoneStream(stream);
      await until('the error', () => errors.length > 0);
      expect(errors[0]).to.be.instanceOf(StreamDeletedError);
      expect(errors[0]).to.have.property('streamName', stream);
      expect(events.map(({ n }) => n)).to.deep.equal(fromRevision === END ? [2] : [0, 1, 2]);
    });
  }

  it('ends quietly when unsubscribed, and gives nothing afterwards', async () => {
    const stream = await written(2);
    const { subscription, events, errors } = subscribe(stream);
    await until('history', () => events.length === 2);
    await subscription.unsubscribe();
    await node.client.appendToStream(stream, counted(2));
    const witness = subscribe(stream);
    await until('another has it', () => witness.events.length === 3);
    expect(events).to.have.length(2);
    expect(errors).to.be.empty;
    await witness.subscription.unsubscribe();
  });

  it('has an id once it is confirmed', async () => {
    const { subscription, isConfirmed } = subscribe(newStream());
    await until('the confirmation', isConfirmed);
    expect((subscription as unknown as { id: string }).id).to.be.a('string').that.is.not.empty;
    await subscription.unsubscribe();
  });

  it('can be iterated', async () => {
    const stream = await written(8);
    const subscription = node.client.subscribeToStream(stream);
    const numbers: number[] = [];
    for await (const { event } of subscription) {
      numbers.push((event!.data as { n: number }).n);
      if (numbers.length === 8) break;
    }
    expect(numbers).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    await subscription.unsubscribe();
  });

  it('can be piped into a slow sink, which sees all in order', async () => {
    const stream = await written(300);
    const subscription = node.client.subscribeToStream(stream);
    const revisions: bigint[] = [];
    const sink = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write: ({ event }: { event: { revision: bigint } }, _encoding, done) => {
        revisions.push(event.revision);
        if (revisions.length === 300) void subscription.unsubscribe();
        if (revisions.length % 30 === 0) setTimeout(done, 5);
        else done();
      },
    });
    await pipeline(subscription, sink).catch(() => {}); // unsubscribing may end it early
    expect(revisions).to.deep.equal(Array.from({ length: 300 }, (_nothing, n) => BigInt(n)));
  });

  it('may be one of fifty to the same stream', async () => {
    const stream = await written(5);
    const all = Array.from({ length: 50 }, () => subscribe(stream));
    await until('history for all', () => all.every(({ events }) => events.length === 5));
    await node.client.appendToStream(stream, [counted(5), counted(6)]);
    await until('live events for all', () => all.every(({ events }) => events.length === 7));
    for (const { events } of all)
      expect(events.map(({ n }) => n)).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    await Promise.all(all.map(({ subscription }) => subscription.unsubscribe()));
  });
});
