/** Reading one stream: from either end or within, up to a limit, and what is said when there is nothing to read. */
import {
  BACKWARDS,
  END,
  FORWARDS,
  InvalidArgumentError,
  NO_STREAM,
  type ReadStreamOptions,
  START,
  StreamNotFoundError,
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

const COUNT = 700; // more than the first page of a read
const upTo = Array.from({ length: COUNT }, (_nothing, n) => n);
const downFrom = (last: number) => upTo.slice(0, last + 1).reverse();

const reads: [what: string, ReadStreamOptions, expected: readonly number[]][] = [
  ['all of it, if nothing else is asked', {}, upTo],
  ['all of it from the start', { fromRevision: START, direction: FORWARDS }, upTo],
  ['all of it backwards from the end', { fromRevision: END, direction: BACKWARDS }, downFrom(699)],
  ['nothing forwards from the end', { fromRevision: END, direction: FORWARDS }, []],
  ['the first event backwards from the start', { fromRevision: START, direction: BACKWARDS }, [0]],
  ['revision 0 and on', { fromRevision: 0n }, upTo],
  ['a revision and those after it', { fromRevision: 690n }, upTo.slice(690)],
  ['the last revision', { fromRevision: 699n }, [699]],
  ['nothing right after the last revision', { fromRevision: 700n }, []],
  ['nothing far beyond the last revision', { fromRevision: 5_000n }, []],
  ['a revision and those before it', { fromRevision: 2n, direction: BACKWARDS }, [2, 1, 0]],
  ['only revision 0 backwards from it', { fromRevision: 0n, direction: BACKWARDS }, [0]],
  [
    'the last backwards from beyond the end',
    { fromRevision: 5_000n, direction: BACKWARDS, maxCount: 2 },
    [699, 698],
  ],
  ['one event', { maxCount: 1 }, [0]],
  ['as many as asked for from a revision', { fromRevision: 5n, maxCount: 3 }, [5, 6, 7]],
  [
    'as many as asked for backwards',
    { fromRevision: 5n, direction: BACKWARDS, maxCount: 3 },
    [5, 4, 3],
  ],
  ['exactly all', { maxCount: COUNT }, upTo],
  ['all, when more is asked for', { maxCount: COUNT + 1 }, upTo],
  ['all, when the largest number is asked for', { maxCount: Number.MAX_SAFE_INTEGER }, upTo],
  [
    'what is left before the start, when more is asked for',
    { fromRevision: 4n, direction: BACKWARDS, maxCount: 10 },
    [4, 3, 2, 1, 0],
  ],
  ['more than a page', { fromRevision: 100n, maxCount: 500 }, upTo.slice(100, 600)],
  [
    'more than a page backwards',
    { fromRevision: 599n, direction: BACKWARDS, maxCount: 500 },
    upTo.slice(100, 600).reverse(),
  ],
];

describe('reading a stream', function () {
  this.timeout(120_000);
  const node = useNode();
  const stream = newStream();
  before(() =>
    node.client.appendToStream(stream, countedUpTo(COUNT), { expectedRevision: NO_STREAM }),
  );

  for (const [what, options, expected] of reads) {
    it(`gives ${what}`, async () => {
      expect(await numbersOf(node.client.readStream(stream, options))).to.deep.equal(expected);
    });
  }

  it('gives no event when none is asked for', async () => {
    const numbers: number[] = [];
    try {
      numbers.push(...(await numbersOf(node.client.readStream(stream, { maxCount: 0 }))));
    } catch {
      // Some versions of the server take it for a mistake.
    }
    expect(numbers).to.deep.equal([]);
  });

  it('gives revisions in order, each with its place in the log', async () => {
    const events = await eventsOf(node.client.readStream(stream));
    expect(events.map(({ revision }) => revision)).to.deep.equal(upTo.map(BigInt));
    const commits = events.map(({ position }) => position!.commit);
    expect(commits.every((commit, i) => i === 0 || commit > commits[i - 1]!)).to.equal(true);
    const times = events.map(({ created }) => created.getTime());
    expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).to.equal(true);
  });

  it('gives an event without link where there is none', async () => {
    const options = { maxCount: 1, resolveLinkTos: true };
    for await (const resolved of node.client.readStream(stream, options)) {
      expect(resolved.link).to.equal(undefined);
      expect(resolved.event).to.have.property('streamId', stream);
      expect(resolved.commitPosition).to.equal(resolved.event!.position!.commit);
    }
  });

  it('says of a stream that does not exist that it does not, whatever is asked', async () => {
    for (const options of [
      {},
      { fromRevision: 7n },
      { direction: BACKWARDS, fromRevision: END, maxCount: 1 },
    ] as const) {
      const missing = newStream();
      const error = await rejectionOf(eventsOf(node.client.readStream(missing, options)));
      expect(error).to.be.instanceOf(StreamNotFoundError);
      expect(error).to.include({ streamName: missing, type: 'stream-not-found' });
    }
  });

  it('is refused by the client for revisions that none can have', () => {
    for (const fromRevision of [-1n, 2n ** 64n])
      expect(() => node.client.readStream(stream, { fromRevision })).to.throw(InvalidArgumentError);
  });

  it('shows an append as soon as it is answered', async () => {
    const fresh = newStream();
    for (let n = 0; n < 30; n++) {
      await node.client.appendToStream(fresh, counted(n));
      const last = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;
      expect(await numbersOf(node.client.readStream(fresh, last))).to.deep.equal([n]);
    }
  });

  it('may be left by its caller, and others go on', async () => {
    for (let i = 0; i < 20; i++) {
      const events = node.client.readStream(stream);
      for await (const { event } of events) {
        expect(event!.revision).to.equal(0n);
        break;
      }
      await events.cancel();
    }
    expect(await numbersOf(node.client.readStream(stream, { maxCount: 2 }))).to.deep.equal([0, 1]);
  });

  it('is possible many times at once', async () => {
    const reading = Array.from({ length: 40 }, (_nothing, n) =>
      numbersOf(node.client.readStream(stream, { fromRevision: BigInt(n), maxCount: 2 })),
    );
    expect(await Promise.all(reading)).to.deep.equal(reading.map((_read, n) => [n, n + 1]));
  });

  it('gives whole events to a reader that takes its time', async () => {
    const slow: number[] = [];
    for await (const { event } of node.client.readStream(stream, { maxCount: 100 })) {
      slow.push((event!.data as { n: number }).n);
      if (slow.length % 25 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(slow).to.deep.equal(upTo.slice(0, 100));
  });
});
