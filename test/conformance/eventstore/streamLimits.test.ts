/**
 * What $maxCount, $maxAge and $tb hide, in reads of either direction and from any place, and in subscriptions.
 * Nothing is hidden from $all, and revisions never change.
 */
import {
  BACKWARDS,
  END,
  type ReadStreamOptions,
  START,
  type StreamMetadata,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { collect } from './subscriber.js';
import { counted, countedUpTo, eventsOf, newStream, numbersOf, until, useNode } from './node.js';

const backwards = { direction: BACKWARDS } as const;

interface Hidden {
  readonly metadata: StreamMetadata;
  /** What is left of events 0 to 9. */
  readonly left: readonly number[];
}

const limits: Record<string, Hidden> = {
  '$maxCount 3': { metadata: { maxCount: 3 }, left: [7, 8, 9] },
  '$maxCount 1': { metadata: { maxCount: 1 }, left: [9] },
  '$maxCount above the number of events': {
    metadata: { maxCount: 50 },
    left: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  },
  '$tb 4': { metadata: { truncateBefore: 4 }, left: [4, 5, 6, 7, 8, 9] },
  '$tb 9': { metadata: { truncateBefore: 9 }, left: [9] },
  '$tb beyond the end': { metadata: { truncateBefore: 10 }, left: [] },
  '$tb 4 and $maxCount 3': { metadata: { truncateBefore: 4, maxCount: 3 }, left: [7, 8, 9] },
  '$tb 8 and $maxCount 3': { metadata: { truncateBefore: 8, maxCount: 3 }, left: [8, 9] },
  '$maxAge of an hour': { metadata: { maxAge: 3600 }, left: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  '$maxAge of an hour and $maxCount 2': { metadata: { maxAge: 3600, maxCount: 2 }, left: [8, 9] },
};

describe('a stream with limits', function () {
  this.timeout(120_000);
  const node = useNode();

  const limited = async (metadata: StreamMetadata) => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(10));
    await node.client.setStreamMetadata(stream, metadata);
    const read = (options: ReadStreamOptions = {}) =>
      numbersOf(node.client.readStream(stream, options));
    return { stream, read };
  };

  for (const [name, { metadata, left }] of Object.entries(limits)) {
    it(`gives what ${name} leaves, from either end and from within`, async () => {
      const { read } = await limited(metadata);
      expect(await read()).to.deep.equal(left);
      expect(await read({ fromRevision: 5n })).to.deep.equal(left.filter((n) => n >= 5));
      expect(await read({ fromRevision: END, ...backwards })).to.deep.equal([...left].reverse());
      expect(await read({ fromRevision: 8n, ...backwards })).to.deep.equal(
        left.filter((n) => n <= 8).reverse(),
      );
    });

    it(`counts only what ${name} leaves against the reader's own limit`, async () => {
      const { read } = await limited(metadata);
      const last = { fromRevision: END, maxCount: 2, ...backwards } as const;
      expect(await read(last)).to.deep.equal([...left].reverse().slice(0, 2));
    });

    it(`subscribes to what ${name} leaves, then to what is appended`, async () => {
      const { stream } = await limited(metadata);
      const subscription = node.client.subscribeToStream(stream, { fromRevision: START });
      const { events } = collect(subscription);
      await until('history', () => events.length === left.length);
      await node.client.appendToStream(stream, [counted(10), counted(11)]);
      await until('what is new', () => events.length === left.length + 2);
      expect(events.map(({ n }) => n)).to.deep.equal([...left, 10, 11]);
      await subscription.unsubscribe();
    });
  }

  it('moves on with its $maxCount as events are appended', async () => {
    const { stream, read } = await limited({ maxCount: 3 });
    await node.client.appendToStream(stream, counted(10));
    expect(await read()).to.deep.equal([8, 9, 10]);
    const [first] = await eventsOf(node.client.readStream(stream));
    expect(first!.revision).to.equal(8n);
  });

  it('shows again what a wider limit lets through', async () => {
    const { stream, read } = await limited({ maxCount: 3 });
    expect(await read()).to.have.length(3);
    await node.client.setStreamMetadata(stream, { maxCount: 6 });
    expect(await read()).to.deep.equal([4, 5, 6, 7, 8, 9]);
  });

  it('hides nothing from $all', async () => {
    const stream = newStream();
    await node.client.setStreamMetadata(stream, { maxCount: 1 });
    const first = await node.client.appendToStream(stream, counted(0));
    await node.client.appendToStream(stream, countedUpTo(3));
    const all = await eventsOf(node.client.readAll({ fromPosition: first.position! }));
    expect(all.filter(({ streamId }) => streamId === stream)).to.have.length(4);
  });

  it('keeps its expected revisions, however much is hidden', async () => {
    const { stream } = await limited({ truncateBefore: 10 });
    const { nextExpectedRevision } = await node.client.appendToStream(stream, counted(10), {
      expectedRevision: 9n,
    });
    expect(nextExpectedRevision).to.equal(10n);
  });

  it('hides events older than $maxAge', async () => {
    const stream = newStream();
    // Not so short that the event that is appended later is too old before it is read.
    await node.client.setStreamMetadata(stream, { maxAge: 4 });
    await node.client.appendToStream(stream, countedUpTo(3));
    const read = () => numbersOf(node.client.readStream(stream));
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect(await read()).to.deep.equal([]);
    const subscription = node.client.subscribeToStream(stream);
    const { events, hasCaughtUp } = collect(subscription);
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(stream, counted(3));
    expect(await read()).to.deep.equal([3]);
    await until('the new event', () => events.length === 1);
    expect(events[0]!.n).to.equal(3);
    await subscription.unsubscribe();
    const last = node.client.readStream(stream, { fromRevision: END, maxCount: 5, ...backwards });
    expect(await numbersOf(last)).to.deep.equal([3]);
  });
});
