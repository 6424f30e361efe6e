/** Streams of links that the embedded log keeps by itself: by category, by event type, and of all streams. */
import {
  END,
  excludeSystemEvents,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, newStream, until } from '../node.js';
import { IndexedNode, textOf } from './indexedNode.js';
import { collected, type Given, linkTo, told } from './links.js';

const follow = (subscription: {
  on(name: 'data', listener: (resolved: unknown) => void): unknown;
}): Given[] => {
  const given: Given[] = [];
  subscription.on('data', (resolved: unknown) => given.push(resolved as Given));
  return given;
};

let categories = 0;
const newCategory = (): string => `kind${++categories}of${Date.now()}`;

describe('streams of links', function () {
  this.timeout(120_000);
  let node: IndexedNode;
  before(async () => {
    node = await IndexedNode.start();
  });
  after(() => node.stop());

  describe('by category', () => {
    it('hold the events of all streams of the category, in order of the log', async () => {
      const category = newCategory();
      const streams = [newStream(category), newStream(category)];
      for (let n = 0; n < 6; n++) await node.client.appendToStream(streams[n % 2]!, counted(n));
      await node.client.appendToStream(newStream(newCategory()), counted(99));
      const links = await node.awaitLinks(`$ce-${category}`, 6);
      expect(told(links)).to.deep.equal([0, 1, 2, 3, 4, 5]);
      expect(links.map(({ event }) => event!.streamId)).to.deep.equal(
        [0, 1, 2, 3, 4, 5].map((n) => streams[n % 2]),
      );
    });

    it('number their links without gaps from 0', async () => {
      const category = newCategory();
      await Promise.all(
        Array.from({ length: 40 }, () =>
          node.client.appendToStream(newStream(category), countedUpTo(5)),
        ),
      );
      const links = await node.awaitLinks(`$ce-${category}`, 200);
      expect(links.map(({ link }) => link!.revision)).to.deep.equal(
        Array.from({ length: 200 }, (_, n) => BigInt(n)),
      );
      expect(new Set(links.map(({ event }) => event!.id)).size).to.equal(200);
    });

    it('hold plain links: type, data and metadata as a system projection writes them', async () => {
      const category = newCategory();
      const stream = newStream(category);
      const { position } = await node.client.appendToStream(stream, counted(1));
      const [given] = await node.awaitLinks(`$ce-${category}`, 1, false);
      expect(given).not.to.have.property('link');
      expect(given!.event).to.include({ type: '$>', isJson: false, streamId: `$ce-${category}` });
      expect(textOf(given)).to.equal(`0@${stream}`);
      const commit = Number(position!.commit);
      expect(given!.event!.metadata).to.deep.equal({ $c: commit, $p: commit, $o: stream });
    });

    it('take the name up to its first dash for the category, and none without', async () => {
      const category = newCategory();
      await node.client.appendToStream(`${category}-a-b`, counted(1));
      await node.client.appendToStream(`${category}x`, counted(2));
      await node.client.appendToStream(`-${category}`, counted(3));
      await node.client.appendToStream(`${category}-`, counted(4));
      expect(told(await node.awaitLinks(`$ce-${category}`, 2))).to.deep.equal([1, 4]);
      expect(await node.links(`$ce-${category}-a`)).to.deep.equal([]);
      expect(await node.links('$ce-')).to.deep.equal([]);
    });

    it('hold, for links of users, links to what these point to', async () => {
      const [category, other] = [newCategory(), newCategory()];
      const target = newStream(other);
      await node.client.appendToStream(target, counted(8));
      await node.client.appendToStream(newStream(category), linkTo(target, 0));
      const [given] = await node.awaitLinks(`$ce-${category}`, 1);
      expect(given!.event).to.include({ streamId: target, revision: 0n });
    });

    it('tell of the deletion of a stream by a link without event', async () => {
      const category = newCategory();
      const stream = newStream(category);
      await node.client.appendToStream(stream, counted(1));
      await node.client.deleteStream(stream);
      const links = await node.awaitLinks(`$ce-${category}`, 2);
      expect(told(links)[0]).to.equal('link only');
      expect(textOf(links[1])).to.match(new RegExp(`^[0-9]+@\\$\\$${stream}$`));
      expect(links[1]!.link!.metadata).to.include({ $o: stream, $deleted: -1 });
    });

    it('tell of a tombstone by a link without event', async () => {
      const category = newCategory();
      const stream = newStream(category);
      await node.client.appendToStream(stream, counted(1));
      await node.client.tombstoneStream(stream);
      const links = await node.awaitLinks(`$ce-${category}`, 2);
      expect(told(links)).to.deep.equal(['link only', 'link only']);
      expect(links[1]!.link!.metadata).to.include({ $o: stream, $deleted: -1 });
    });

    it('can be subscribed to, resolved, with history and what comes', async () => {
      const category = newCategory();
      await node.client.appendToStream(newStream(category), countedUpTo(3));
      await node.awaitLinks(`$ce-${category}`, 3);
      const subscription = node.client.subscribeToStream(`$ce-${category}`, {
        resolveLinkTos: true,
      });
      const given = follow(subscription);
      await until('history', () => given.length === 3);
      for (let n = 3; n < 9; n++) await node.client.appendToStream(newStream(category), counted(n));
      await until('live events', () => given.length === 9);
      expect(told(given)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      await subscription.unsubscribe();
    });

    it('give subscribers every event once while many write', async () => {
      const category = newCategory();
      const subscriptions = ([START, START, END] as const).map((fromRevision) =>
        node.client.subscribeToStream(`$ce-${category}`, { fromRevision, resolveLinkTos: true }),
      );
      const given = subscriptions.map(follow);
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const stream = newStream(category);
          for (let n = 0; n < 25; n++) await node.client.appendToStream(stream, counted(n));
        }),
      );
      await until('all events', () => given.every(({ length }) => length >= 500), 30_000);
      for (const one of given) {
        expect(one.map(({ link }) => link!.revision)).to.deep.equal(
          Array.from({ length: 500 }, (_, n) => BigInt(n)),
        );
        expect(new Set(one.map(({ event }) => event!.id)).size).to.equal(500);
      }
      for (const subscription of subscriptions) await subscription.unsubscribe();
    });
  });

  it('can be consumed by a group', async () => {
    const category = newCategory();
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({
      startFrom: START,
      resolveLinkTos: true,
    });
    await node.client.createPersistentSubscriptionToStream(`$ce-${category}`, 'group', settings);
    const subscription = node.client.subscribeToPersistentSubscriptionToStream(
      `$ce-${category}`,
      'group',
    );
    const given: Given[] = [];
    subscription.on('data', (resolved) => {
      given.push(resolved as unknown as Given);
      void subscription.ack(resolved);
    });
    for (let n = 0; n < 5; n++) await node.client.appendToStream(newStream(category), counted(n));
    await until('the events', () => given.length === 5);
    expect(told(given)).to.deep.equal([0, 1, 2, 3, 4]);
    expect(given.map(({ link }) => link!.revision)).to.deep.equal([0n, 1n, 2n, 3n, 4n]);
    await subscription.unsubscribe();
  });

  describe('by event type', () => {
    it('hold the events of the type, of all streams', async () => {
      const type = `${newCategory()}Happened`;
      const streams = [newStream(newCategory()), 'nodash' + newCategory()];
      for (const [n, stream] of streams.entries())
        await node.client.appendToStream(stream, jsonEvent({ type, data: { n } }));
      await node.client.appendToStream(streams[0]!, jsonEvent({ type: `${type}Too`, data: {} }));
      expect(told(await node.awaitLinks(`$et-${type}`, 2))).to.deep.equal([0, 1]);
    });

    it("hold metadata of users' streams, and deletions apart", async () => {
      const own = await IndexedNode.start(['types']);
      const stream = newStream();
      await own.client.appendToStream(stream, counted(1));
      await own.client.setStreamMetadata(stream, { maxCount: 5 });
      await own.client.setStreamMetadata('$system-one', { maxCount: 5 });
      const metadata = await own.awaitLinks('$et-$metadata', 1);
      expect(metadata[0]!.event).to.include({ streamId: `$$${stream}`, revision: 0n });
      await own.client.deleteStream(stream);
      const [deletion] = await own.awaitLinks('$et-$deleted', 1);
      expect(deletion!.link!.metadata).to.include({ $o: stream, $deleted: -1 });
      expect(await own.links('$et-$metadata')).to.have.length(1);
      await own.stop();
    });

    it('pass over links and what the system writes', async () => {
      const stream = newStream(newCategory());
      await node.client.appendToStream(stream, counted(1));
      await node.client.appendToStream(stream, linkTo(stream, 0));
      await node.awaitLinks(`$ce-${stream.split('-')[0]}`, 2);
      expect(await node.links('$et-$>')).to.deep.equal([]);
      expect(await node.links('$et-$ProjectionCheckpoint')).to.deep.equal([]);
    });
  });

  describe('$streams', () => {
    it('holds the first event of every stream, once', async () => {
      const own = await IndexedNode.start(['streams']);
      const streams = [newStream(), newStream(), 'plain'];
      for (const stream of streams) await own.client.appendToStream(stream, countedUpTo(3));
      await own.client.appendToStream(streams[0]!, counted(3));
      const links = await own.awaitLinks('$streams', 3);
      expect(links.map(({ event }) => event!.streamId)).to.deep.equal(streams);
      expect(links.map(({ event }) => event!.revision)).to.deep.equal([0n, 0n, 0n]);
      await own.stop();
    });
  });

  describe('beside other streams', () => {
    it('are ordinary ones: with limits of their own', async () => {
      const category = newCategory();
      await node.client.appendToStream(newStream(category), countedUpTo(10));
      await node.awaitLinks(`$ce-${category}`, 10);
      await node.client.setStreamMetadata(`$ce-${category}`, { maxCount: 4 });
      expect(told(await node.links(`$ce-${category}`))).to.deep.equal([6, 7, 8, 9]);
    });

    it('go on with their revisions after they were deleted', async () => {
      const category = newCategory();
      await node.client.appendToStream(newStream(category), countedUpTo(3));
      await node.awaitLinks(`$ce-${category}`, 3);
      await node.client.deleteStream(`$ce-${category}`);
      expect(await node.links(`$ce-${category}`)).to.deep.equal([]);
      await node.client.appendToStream(newStream(category), [counted(3), counted(4)]);
      const links = await node.awaitLinks(`$ce-${category}`, 2);
      expect(told(links)).to.deep.equal([3, 4]);
      expect(links.map(({ link }) => link!.revision)).to.deep.equal([3n, 4n]);
    });

    it('stay closed once tombstoned, and others are kept', async () => {
      const [closed, open] = [newCategory(), newCategory()];
      await node.client.appendToStream(newStream(closed), counted(0));
      await node.awaitLinks(`$ce-${closed}`, 1);
      await node.client.tombstoneStream(`$ce-${closed}`);
      await node.client.appendToStream(newStream(closed), counted(1));
      await node.client.appendToStream(newStream(open), counted(2));
      expect(told(await node.awaitLinks(`$ce-${open}`, 1))).to.deep.equal([2]);
    });

    it('stand in $all behind the events they link to', async () => {
      const category = newCategory();
      const { position } = await node.client.appendToStream(newStream(category), counted(5));
      await node.awaitLinks(`$ce-${category}`, 1);
      const all = await collected(node.client.readAll({ fromPosition: position! }));
      expect(all[0]!.event!.type).to.equal('Counted');
      expect(all.map(({ event }) => event!.streamId)).to.include(`$ce-${category}`);
    });

    it('are left out by the filter of system events', async () => {
      const category = newCategory();
      const { position } = await node.client.appendToStream(newStream(category), counted(5));
      await node.awaitLinks(`$ce-${category}`, 1);
      const last = newStream(category);
      await node.client.appendToStream(last, counted(6));
      const subscription = node.client.subscribeToAll({
        fromPosition: position!,
        filter: excludeSystemEvents(),
      });
      const given = follow(subscription);
      await until('the last event', () => given.some(({ event }) => event!.streamId === last));
      expect(told(given)).to.deep.equal([6]);
      await subscription.unsubscribe();
    });
  });
});
