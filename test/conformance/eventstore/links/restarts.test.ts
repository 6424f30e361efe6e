/** Streams of links over restarts: each test has nodes of its own, switched on and off over one database. */
import { jsonEvent, StreamNotFoundError } from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, rejectionOf } from '../node.js';
import { IndexedNode, textOf } from './indexedNode.js';
import { collected, linkTo, told } from './links.js';

describe('streams of links across restarts', function () {
  this.timeout(120_000);

  it('are not kept unless asked for', async () => {
    const own = await IndexedNode.start([]);
    await own.client.appendToStream('counter-1', counted(1));
    for (const stream of ['$ce-counter', '$et-Counted', '$streams']) {
      const read = collected(own.client.readStream(stream));
      expect(await rejectionOf(read)).to.be.instanceOf(StreamNotFoundError);
    }
    expect(await collected(own.client.readAll())).to.have.length(1);
    await own.stop();
  });

  it('catch up on what was stored before they were asked for', async () => {
    let own = await IndexedNode.start([]);
    for (let i = 0; i < 6; i++) await own.client.appendToStream(`counter-${i}`, countedUpTo(500));
    own = await own.restart();
    await own.client.appendToStream('counter-0', counted(1000));
    const links = await own.awaitLinks('$ce-counter', 3001);
    expect(told(links)).to.deep.equal([...Array.from({ length: 3000 }, (_, n) => n % 500), 1000]);
    await own.awaitLinks('$et-Counted', 3001);
    await own.awaitLinks('$streams', 6);
    await own.stop();
  });

  it('go on where they were, without gap or double', async () => {
    let own = await IndexedNode.start();
    for (let round = 0; round < 4; round++) {
      const writing = Array.from({ length: 20 }, (_, i) =>
        own.client.appendToStream(`counter-${i}`, countedUpTo(3)),
      );
      await Promise.all(writing);
      own = await own.restart(); // perhaps before all of them are linked
    }
    const links = await own.awaitLinks('$ce-counter', 240);
    expect(links.map(({ link }) => link!.revision)).to.deep.equal(
      Array.from({ length: 240 }, (_, n) => BigInt(n)),
    );
    expect(new Set(links.map(({ event }) => event!.id)).size).to.equal(240);
    await own.stop();
  });

  it('go on where the projection of another server was', async () => {
    let own = await IndexedNode.start([]);
    const { position } = await own.client.appendToStream('counter-1', counted(0));
    const commit = Number(position!.commit);
    await own.client.appendToStream('$ce-counter', linkTo('counter-1', 0));
    const metadata = { $v: '1:-1:4:1', $c: commit, $p: commit };
    const checkpoint = jsonEvent({ type: '$ProjectionCheckpoint', data: {}, metadata });
    await own.client.appendToStream('$projections-$by_category-checkpoint', checkpoint);
    await own.client.appendToStream('counter-1', counted(1));
    own = await own.restart(['categories']);
    expect(told(await own.awaitLinks('$ce-counter', 2))).to.deep.equal([0, 1]);
    await own.stop();
  });

  it('make up for the time in which they were off', async () => {
    let own = await IndexedNode.start(['categories']);
    await own.client.appendToStream('counter-1', countedUpTo(2));
    await own.awaitLinks('$ce-counter', 2);
    own = await own.restart([]);
    await own.client.appendToStream('counter-1', [counted(2), counted(3)]);
    own = await own.restart(['categories']);
    expect(told(await own.awaitLinks('$ce-counter', 4))).to.deep.equal([0, 1, 2, 3]);
    expect(await own.links('$et-Counted')).to.deep.equal([]);
    await own.stop();
  });

  it('number the links the same on a copy made from the same events', async () => {
    const placed = async () => {
      const own = await IndexedNode.start(['categories']);
      for (let n = 0; n < 50; n++) await own.client.appendToStream(`counter-${n % 7}`, counted(n));
      const links = await own.awaitLinks('$ce-counter', 50, false);
      await own.stop();
      return links.map((given) => textOf(given));
    };
    expect(await placed()).to.deep.equal(await placed());
  });
});
