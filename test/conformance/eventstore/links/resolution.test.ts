import { BACKWARDS, END, FORWARDS, START, streamNameFilter } from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, newStream, type Node, startNode, until } from '../node.js';
import { collected, type Given, linkOf, linkTo, readResolved, told } from './links.js';

describe('resolution of links', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  const newCounters = async (count: number): Promise<string> => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(count));
    return stream;
  };
  const newLinks = async (...events: ReturnType<typeof linkTo>[]): Promise<string> => {
    const stream = newStream('links');
    await node.client.appendToStream(stream, events);
    return stream;
  };

  describe('in reads of a stream', () => {
    it('gives the event and beside it the link', async () => {
      const counters = await newCounters(3);
      const links = await newLinks(linkTo(counters, 2), linkTo(counters, 0));
      const given = await readResolved(node, links);
      expect(told(given)).to.deep.equal([2, 0]);
      const [{ event, link } = {}] = given;
      expect(event).to.include({ streamId: counters, revision: 2n, type: 'Counted', isJson: true });
      expect(link).to.include({ streamId: links, revision: 0n, type: '$>', isJson: false });
      expect(Buffer.from(link!.data as unknown as Uint8Array).toString()).to.equal(`2@${counters}`);
    });

    it('gives the event with id, data, metadata and time of its own', async () => {
      const counters = newStream();
      const proposed = { ...counted(7), metadata: { by: 'tester' } };
      await node.client.appendToStream(counters, proposed);
      const [direct] = await collected(node.client.readStream(counters));
      const [resolved] = await readResolved(node, await newLinks(linkTo(counters, 0)));
      expect(resolved!.event).to.deep.equal(direct!.event);
      expect(resolved!.event!.metadata).to.deep.equal({ by: 'tester' });
      expect(resolved!.link!.id).not.to.equal(proposed.id);
    });

    it("reports the link's position as that of both together", async () => {
      const links = await newLinks(linkTo(await newCounters(1), 0));
      const [given] = await readResolved(node, links);
      expect(given!.commitPosition).to.equal(given!.link!.position!.commit);
      expect(given!.event!.position!.commit < given!.link!.position!.commit).to.equal(true);
    });

    it('gives links as they are when resolution is not asked for', async () => {
      const counters = await newCounters(1);
      const links = await newLinks(linkTo(counters, 0));
      for (const options of [{}, { resolveLinkTos: false }]) {
        const [given] = await collected(node.client.readStream(links, options));
        expect(given).not.to.have.property('link');
        expect(given!.event).to.include({ streamId: links, type: '$>', revision: 0n });
      }
    });

    it('leaves events that are no links as they are, among links', async () => {
      const counters = await newCounters(2);
      const mixed = await newLinks(linkTo(counters, 1));
      await node.client.appendToStream(mixed, counted(50));
      await node.client.appendToStream(mixed, linkTo(counters, 0));
      const given = await readResolved(node, mixed);
      expect(told(given)).to.deep.equal([1, 50, 0]);
      expect(given[1]).not.to.have.property('link');
      expect(given[1]!.event!.streamId).to.equal(mixed);
    });

    it('counts links, not events, from revisions and up to limits, either way', async () => {
      const counters = await newCounters(10);
      const links = await newLinks(
        ...Array.from({ length: 10 }, (_, n) => linkTo(counters, 9 - n)),
      );
      expect(
        told(await readResolved(node, links, { fromRevision: 4n, maxCount: 3 })),
      ).to.deep.equal([5, 4, 3]);
      const backwards = { direction: BACKWARDS, fromRevision: END, maxCount: 3 } as const;
      expect(told(await readResolved(node, links, backwards))).to.deep.equal([0, 1, 2]);
    });

    it('resolves more links than a page holds, in order', async () => {
      const counters = await newCounters(1500);
      const revisions = Array.from({ length: 1500 }, (_, n) => (n * 7) % 1500);
      const links = await newLinks(...revisions.map((revision) => linkTo(counters, revision)));
      expect(told(await readResolved(node, links))).to.deep.equal(revisions);
    });

    it('resolves links to events that are large together', async () => {
      const stream = newStream();
      for (let n = 0; n < 6; n++) {
        const data = { n, padding: 'x'.repeat(700_000) };
        await node.client.appendToStream(stream, { ...counted(n), data });
      }
      const links = await newLinks(...[0, 1, 2, 3, 4, 5, 5, 0].map((n) => linkTo(stream, n)));
      expect(told(await readResolved(node, links))).to.deep.equal([0, 1, 2, 3, 4, 5, 5, 0]);
    });

    it('resolves the same event as often as it is linked', async () => {
      const counters = await newCounters(1);
      const links = await newLinks(...Array.from({ length: 5 }, () => linkTo(counters, 0)));
      expect(told(await readResolved(node, links))).to.deep.equal([0, 0, 0, 0, 0]);
    });

    it('resolves one level only', async () => {
      const first = await newLinks(linkTo(await newCounters(1), 0));
      const [given] = await readResolved(node, await newLinks(linkTo(first, 0)));
      expect(given!.event).to.include({ streamId: first, type: '$>' });
    });

    it('takes a stream name that holds the separator or is not ASCII', async () => {
      for (const name of [`${newStream()}@home@work`, `${newStream('счётчик')}-ü'"`]) {
        await node.client.appendToStream(name, counted(3));
        expect(told(await readResolved(node, await newLinks(linkTo(name, 0))))).to.deep.equal([3]);
      }
    });

    it('resolves a link to an event written later', async () => {
      const counters = newStream();
      const links = await newLinks(linkTo(counters, 0));
      expect(told(await readResolved(node, links))).to.deep.equal(['link only']);
      await node.client.appendToStream(counters, counted(4));
      expect(told(await readResolved(node, links))).to.deep.equal([4]);
    });
  });

  it('takes no hint for granted that a link gives of where its event stands', async () => {
    const counters = await newCounters(3);
    const [, wrong] = await collected(node.client.readStream(counters));
    const commit = Number(wrong!.event!.position!.commit);
    for (const hint of [commit, 0, 1e12]) {
      const link = { ...linkTo(counters, 2), metadata: { $c: hint, $p: hint } };
      const links = newStream('links');
      await node.client.appendToStream(links, link);
      expect(told(await readResolved(node, links))).to.deep.equal([2]);
    }
  });

  describe('whose event is not to be had', () => {
    const only = async (links: string) => {
      const [given] = await readResolved(node, links);
      expect(given).not.to.have.property('event');
      expect(given!.link).to.include({ streamId: links, type: '$>', revision: 0n });
      expect(given!.commitPosition).to.equal(given!.link!.position!.commit);
    };

    it('gives the link alone for a stream that never was', async () => {
      await only(await newLinks(linkTo(newStream(), 0)));
    });

    it('gives the link alone for a revision that never was', async () => {
      await only(await newLinks(linkTo(await newCounters(2), 2)));
    });

    it('gives the link alone for a stream that was deleted', async () => {
      const counters = await newCounters(2);
      const links = await newLinks(linkTo(counters, 1));
      await node.client.deleteStream(counters);
      await only(links);
    });

    it('gives the link alone for a stream that was tombstoned', async () => {
      const counters = await newCounters(2);
      const links = await newLinks(linkTo(counters, 1));
      await node.client.tombstoneStream(counters);
      await only(links);
    });

    it('gives the link alone for an event before the truncation', async () => {
      const counters = await newCounters(4);
      await node.client.setStreamMetadata(counters, { truncateBefore: 2 });
      const links = await newLinks(linkTo(counters, 1), linkTo(counters, 2));
      expect(told(await readResolved(node, links))).to.deep.equal(['link only', 2]);
    });

    it('gives the link alone for an event beyond the greatest count', async () => {
      const counters = await newCounters(4);
      const links = await newLinks(linkTo(counters, 1), linkTo(counters, 3));
      expect(told(await readResolved(node, links))).to.deep.equal([1, 3]);
      await node.client.setStreamMetadata(counters, { maxCount: 2 });
      expect(told(await readResolved(node, links))).to.deep.equal(['link only', 3]);
    });

    it('gives the link alone for an event that is too old', async () => {
      const counters = await newCounters(1);
      const links = await newLinks(linkTo(counters, 0));
      await node.client.setStreamMetadata(counters, { maxAge: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1200));
      expect(told(await readResolved(node, links))).to.deep.equal(['link only']);
    });

    it('gives the link alone when its data name no stream', async () => {
      await only(await newLinks(linkOf('17')));
    });

    it('gives what has the type of a link, but no number, as an event', async () => {
      const links = await newLinks(linkOf('nonsense'));
      const [given] = await readResolved(node, links);
      expect(given!.event).to.include({ streamId: links, type: '$>' });
      expect(given).not.to.have.property('link');
    });
  });

  describe('in reads of $all', () => {
    it('gives events in the place of links, and only then', async () => {
      const counters = await newCounters(2);
      const links = await newLinks(linkTo(counters, 1), linkTo(counters, 0));
      for (const direction of [FORWARDS, BACKWARDS] as const) {
        const fromPosition = direction === FORWARDS ? START : END;
        const read = (resolveLinkTos: boolean) =>
          collected(node.client.readAll({ direction, fromPosition, resolveLinkTos }));
        const mine = (await read(true)).filter(({ link }) => link?.streamId === links);
        expect(told(mine)).to.deep.equal(direction === FORWARDS ? [1, 0] : [0, 1]);
        expect((await read(false)).every(({ link }) => link === undefined)).to.equal(true);
      }
    });

    it('counts links, not events, up to the limit', async () => {
      const counters = await newCounters(2);
      await newLinks(linkTo(counters, 1), linkTo(counters, 0));
      const options = { direction: BACKWARDS, fromPosition: END, maxCount: 2 } as const;
      const given = await collected(node.client.readAll({ ...options, resolveLinkTos: true }));
      expect(told(given)).to.deep.equal([0, 1]);
    });
  });

  describe('in subscriptions', () => {
    const follow = (
      subscription: ReturnType<Node['client']['subscribeToStream' | 'subscribeToAll']>,
    ): Given[] => {
      const given: Given[] = [];
      subscription.on('data', (resolved: unknown) => given.push(resolved as Given));
      return given;
    };

    it('resolves history and what is appended while they run', async () => {
      const counters = await newCounters(3);
      const links = await newLinks(linkTo(counters, 2));
      const subscription = node.client.subscribeToStream(links, { resolveLinkTos: true });
      const given = follow(subscription);
      await until('history', () => given.length === 1);
      await node.client.appendToStream(links, [linkTo(counters, 0), linkTo(newStream(), 5)]);
      await until('live links', () => given.length === 3);
      expect(told(given)).to.deep.equal([2, 0, 'link only']);
      expect(given.map(({ link }) => link!.revision)).to.deep.equal([0n, 1n, 2n]);
      await subscription.unsubscribe();
    });

    it('gives links as they are when resolution is not asked for', async () => {
      const links = await newLinks(linkTo(await newCounters(1), 0));
      const subscription = node.client.subscribeToStream(links);
      const given = follow(subscription);
      await until('the link', () => given.length === 1);
      expect(given[0]!.event).to.include({ streamId: links, type: '$>' });
      expect(given[0]).not.to.have.property('link');
      await subscription.unsubscribe();
    });

    it('filters $all by the link, not by the event it points to', async () => {
      const counters = await newCounters(2);
      const category = `chosen${Date.now()}`;
      const links = newStream(category);
      const subscription = node.client.subscribeToAll({
        fromPosition: START,
        resolveLinkTos: true,
        filter: streamNameFilter({ prefixes: [category] }),
      });
      const given = follow(subscription);
      await node.client.appendToStream(links, [linkTo(counters, 1), linkTo(counters, 0)]);
      await until('the links', () => given.length === 2);
      expect(told(given)).to.deep.equal([1, 0]);
      expect(given.map(({ event }) => event!.streamId)).to.deep.equal([counters, counters]);
      await subscription.unsubscribe();
    });

    it('says that it caught up after the resolved history', async () => {
      const counters = await newCounters(600);
      const links = await newLinks(...Array.from({ length: 600 }, (_, n) => linkTo(counters, n)));
      const subscription = node.client.subscribeToStream(links, { resolveLinkTos: true });
      const given = follow(subscription);
      let before = -1;
      subscription.on('caughtUp', () => (before = given.length));
      await until('caught up', () => before >= 0);
      expect(before).to.equal(600);
      expect(told(given)).to.deep.equal(Array.from({ length: 600 }, (_, n) => n));
      await subscription.unsubscribe();
    });
  });
});
