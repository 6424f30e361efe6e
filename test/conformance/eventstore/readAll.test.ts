/**
 * Reading $all. A position stands before its event: a read forwards from it begins with that event, one backwards
 * with the event before. The server may hold anything, so a case looks at its own streams only.
 */
import { BACKWARDS, END, FORWARDS, NO_STREAM, type Position, START } from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, eventsOf, newStream, useNode } from './node.js';

describe('reading $all', function () {
  this.timeout(120_000);
  const node = useNode();
  const category = newStream('all');
  const streams = [`${category}-a`, `${category}-b`];
  let positions: Position[];

  before(async () => {
    for (let n = 0; n < 40; n++)
      await node.client.appendToStream(streams[n % 2]!, countedUpTo(10).slice(0, (n % 3) + 1));
    const read = await Promise.all(
      streams.map((stream) => eventsOf(node.client.readStream(stream))),
    );
    positions = read
      .flat()
      .map(({ position }) => position!)
      .sort((a, b) => (a.commit < b.commit ? -1 : 1));
  });

  const commitsOf = async (options: Parameters<typeof node.client.readAll>[0]) => {
    const events = await eventsOf(node.client.readAll(options));
    return events
      .filter(({ streamId }) => streams.includes(streamId))
      .map(({ position }) => position!.commit);
  };
  const commits = (from: number, to?: number) =>
    positions.slice(from, to).map(({ commit }) => commit);

  it('gives all events of all streams in the order they were stored', async () => {
    expect(await commitsOf({ direction: FORWARDS, fromPosition: START })).to.deep.equal(commits(0));
    expect(await commitsOf({ direction: BACKWARDS, fromPosition: END })).to.deep.equal(
      commits(0).reverse(),
    );
  });

  it('begins with the event at a position, forwards', async () => {
    const events = await eventsOf(
      node.client.readAll({ fromPosition: positions[30]!, maxCount: 1 }),
    );
    expect(events[0]!.position).to.deep.equal(positions[30]);
    expect(await commitsOf({ fromPosition: positions[30]! })).to.deep.equal(commits(30));
  });

  it('begins with the event before a position, backwards', async () => {
    const options = { direction: BACKWARDS, fromPosition: positions[30]! } as const;
    expect(await commitsOf(options)).to.deep.equal(commits(0, 30).reverse());
  });

  it('is cut at a position into two halves without gap or overlap', async () => {
    for (const at of [0, 1, 17, positions.length - 1]) {
      const fromPosition = positions[at]!;
      const before = await commitsOf({ direction: BACKWARDS, fromPosition });
      const after = await commitsOf({ direction: FORWARDS, fromPosition });
      expect([...before.reverse(), ...after]).to.deep.equal(commits(0));
    }
  });

  it('gives nothing before the start and nothing after the end', async () => {
    expect(await eventsOf(node.client.readAll({ direction: BACKWARDS, fromPosition: START }))).to.be
      .empty;
    expect(await commitsOf({ direction: FORWARDS, fromPosition: END })).to.be.empty;
  });

  it('stops at the number asked for, in either direction', async () => {
    for (const maxCount of [1, 2, 7]) {
      const fromPosition = positions[20]!;
      const forwards = await eventsOf(node.client.readAll({ fromPosition, maxCount }));
      expect(forwards).to.have.length(maxCount);
      const backwards = await eventsOf(
        node.client.readAll({ direction: BACKWARDS, fromPosition, maxCount }),
      );
      expect(backwards).to.have.length(maxCount);
    }
  });

  it('gives each event its place once more beside it', async () => {
    const options = { fromPosition: positions[0]!, maxCount: 20 };
    for await (const { event, link, commitPosition } of node.client.readAll(options)) {
      expect(commitPosition).to.equal(event!.position!.commit);
      expect(link).to.equal(undefined);
    }
  });

  it('shows an append as soon as it is answered, at the position of the answer', async () => {
    for (let n = 0; n < 20; n++) {
      const stream = newStream();
      const { position } = await node.client.appendToStream(stream, countedUpTo(2), {
        expectedRevision: NO_STREAM,
      });
      const [last] = await eventsOf(node.client.readAll({ fromPosition: position!, maxCount: 1 }));
      expect(last).to.deep.include({ streamId: stream, revision: 1n });
    }
  });

  it('may be left by its caller, and goes on for others', async () => {
    for (let n = 0; n < 10; n++) {
      const reading = node.client.readAll();
      for await (const { event } of reading) {
        expect(event!.position!.commit >= 0n).to.equal(true);
        break;
      }
      await reading.cancel();
    }
    await node.client.appendToStream(newStream(), counted(1));
    expect(await commitsOf({ fromPosition: positions[0]!, maxCount: 1 })).to.deep.equal(
      commits(0, 1),
    );
  });
});
