import { expect } from 'chai';
import { type Node, startNode, until } from '../node.js';
import {
  appendCounted,
  aWhile,
  consume,
  type Delivered,
  groupOn,
  parkedStreamOf,
  statsOnce,
  upTo,
} from './consumers.js';

const retryCountsOf = (delivered: readonly Delivered[], n: number): number[] =>
  delivered.filter((one) => one.n === n).map(({ retryCount }) => retryCount);

describe('what a consumer answers', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  /** The parked links of a group: their data and the reason they were parked for. */
  const parkedLinks = async (group: { stream: string; group: string }) => {
    const links: { data: string; reason: string; type: string }[] = [];
    for await (const { event } of node.client.readStream(parkedStreamOf(group))) {
      const { type, data, metadata } = event as unknown as {
        type: string;
        data: Uint8Array;
        metadata: { reason: string };
      };
      links.push({ type, data: Buffer.from(data).toString(), reason: metadata.reason });
    }
    return links;
  };

  it('retry: brings the message again, with its count, and the rest meanwhile', async () => {
    const group = await groupOn(node, 3);
    const following = await consume(node, group, ({ n, retryCount }) =>
      n === 1 && retryCount < 3 ? 'retry' : 'ack',
    );
    await until('all', () => following.delivered.length === 6);
    expect(retryCountsOf(following.delivered, 1)).to.deep.equal([0, 1, 2, 3]);
    expect(following.numbers().filter((n) => n !== 1)).to.deep.equal([0, 2]);
    await following.stop();
  });

  it('retry: parks the message when it has been repeated often enough', async () => {
    const group = await groupOn(node, 2, { maxRetryCount: 2 });
    const following = await consume(node, group, ({ n }) => (n === 0 ? 'retry' : 'ack'));
    const stats = await statsOnce(
      node,
      group,
      ({ parkedMessageCount }) => parkedMessageCount === 1n,
    );
    expect(retryCountsOf(following.delivered, 0)).to.deep.equal([0, 1, 2]);
    expect(stats.retryBufferCount).to.equal(0);
    expect(await parkedLinks(group)).to.deep.equal([
      { type: '$>', data: `0@${group.stream}`, reason: 'Reached retry count of 2' },
    ]);
    await following.stop();
  });

  it('retry: parks at once when no repeats are allowed', async () => {
    const group = await groupOn(node, 1, { maxRetryCount: 0 });
    const following = await consume(node, group, () => 'retry');
    await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 1n);
    expect(following.delivered).to.have.length(1);
    await following.stop();
  });

  it('park: puts a link to the event, with the reason, in the parked stream', async () => {
    const group = await groupOn(node, 4);
    const following = await consume(node, group, ({ n }) => (n % 2 === 1 ? 'park' : 'ack'));
    await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 2n);
    expect(following.numbers()).to.deep.equal(upTo(4));
    const links = await parkedLinks(group);
    expect(links.map(({ data }) => data)).to.deep.equal([`1@${group.stream}`, `3@${group.stream}`]);
    expect(links[0]!.reason).to.equal("Client explicitly NAK'ed message.\nwanted by a test: park");
    await following.stop();
  });

  it('park: the parked stream reads as the events when links are resolved', async () => {
    const group = await groupOn(node, 2);
    const following = await consume(node, group, () => 'park');
    await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 2n);
    const parked: unknown[] = [];
    const read = node.client.readStream(parkedStreamOf(group), { resolveLinkTos: true });
    for await (const { event, link } of read) parked.push([event?.data, link?.revision]);
    expect(parked).to.deep.equal([
      [{ n: 0 }, 0n],
      [{ n: 1 }, 1n],
    ]);
    await following.stop();
  });

  it('park: does not bring the message again', async () => {
    // Time enough to be answered in on a busy machine: what comes late comes again.
    const group = await groupOn(node, 3, { messageTimeout: 2_000 });
    const following = await consume(node, group, ({ n }) => (n === 0 ? 'park' : 'ack'));
    await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 1n);
    await aWhile(3_000);
    expect(following.numbers()).to.deep.equal([0, 1, 2]);
    await following.stop();
  });

  it('skip: neither repeats nor parks', async () => {
    const group = await groupOn(node, 4, { messageTimeout: 2_000 });
    const following = await consume(node, group, ({ n }) => (n === 2 ? 'skip' : 'ack'), 1);
    await until('all', () => following.delivered.length === 4);
    await aWhile(3_000);
    expect(following.numbers()).to.deep.equal(upTo(4));
    const stats = await statsOnce(
      node,
      group,
      ({ outstandingMessagesCount }) => outstandingMessagesCount === 0,
    );
    expect(stats.parkedMessageCount).to.equal(0n);
    await following.stop();
  });

  it('stop: lets the message go', async () => {
    const group = await groupOn(node, 2);
    const following = await consume(node, group, ({ n }) => (n === 0 ? 'stop' : 'ack'), 1);
    await until('both', () => following.delivered.length === 2);
    const stats = await statsOnce(
      node,
      group,
      ({ outstandingMessagesCount }) => outstandingMessagesCount === 0,
    );
    expect(stats.parkedMessageCount).to.equal(0n);
    await following.stop();
  });

  it('nothing: brings the message again after its time, with its count', async () => {
    const group = await groupOn(node, 2, { messageTimeout: 1_500 });
    const following = await consume(node, group, ({ n, retryCount }) =>
      n === 0 && retryCount < 2 ? 'nothing' : 'ack',
    );
    await until('the repeats', () => retryCountsOf(following.delivered, 0).length === 3);
    expect(retryCountsOf(following.delivered, 0)).to.deep.equal([0, 1, 2]);
    expect(retryCountsOf(following.delivered, 1)).to.deep.equal([0]);
    await following.stop();
  });

  it('nothing: parks the message when it has timed out often enough', async () => {
    const group = await groupOn(node, 1, { messageTimeout: 200, maxRetryCount: 1 });
    const following = await consume(node, group, () => 'nothing');
    await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 1n);
    expect(retryCountsOf(following.delivered, 0)).to.deep.equal([0, 1]);
    await following.stop();
  });

  it('nothing: frees the room of a message that has timed out', async () => {
    const group = await groupOn(node, 2, { messageTimeout: 200, maxRetryCount: 0 });
    const following = await consume(node, group, ({ n }) => (n === 0 ? 'nothing' : 'ack'), 1);
    await until('the next', () => following.delivered.length === 2);
    expect(following.numbers()).to.deep.equal([0, 1]);
    await following.stop();
  });

  it('late: an acknowledgement after the time is up is taken all the same', async () => {
    const group = await groupOn(node, 1, { messageTimeout: 300 });
    const following = await consume(node, group, ({ retryCount }) =>
      retryCount === 0 ? 'nothing' : 'ack',
    );
    await until('the repeat', () => following.delivered.length === 2);
    await (following.subscription as { ack(event: unknown): Promise<void> }).ack(
      following.delivered[0],
    );
    await statsOnce(node, group, ({ outstandingMessagesCount }) => outstandingMessagesCount === 0);
    expect(following.errors).to.be.empty;
    await following.stop();
  });

  describe('replaying what is parked', () => {
    /** A group of five events, all parked, and a consumer that acknowledges what is replayed. */
    const parkFive = async (answer: (one: Delivered) => 'ack' | 'park' = () => 'ack') => {
      const group = await groupOn(node, 5);
      const parking = await consume(node, group, () => 'park');
      await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 5n);
      await parking.stop();
      return { group, following: await consume(node, group, answer) };
    };

    const replay = (group: { stream: string; group: string }, stopAt?: number) =>
      node.client.replayParkedMessagesToStream(group.stream, group.group, {
        ...(stopAt === undefined ? {} : { stopAt }),
      });

    it('delivers all of it, the event and the parked link', async () => {
      const { group, following } = await parkFive();
      expect(following.delivered).to.be.empty;
      await replay(group);
      await until('the replay', () => following.delivered.length === 5);
      expect(following.numbers()).to.deep.equal(upTo(5));
      const [first] = following.delivered;
      expect(first!.link!.streamId).to.equal(parkedStreamOf(group));
      expect(first!.event!.streamId).to.equal(group.stream);
      expect(first!.retryCount).to.equal(0);
      await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 0n);
      await following.stop();
    });

    it('stops before the message it is told to stop at', async () => {
      const { group, following } = await parkFive();
      await replay(group, 2);
      await until('two', () => following.delivered.length === 2);
      await aWhile();
      expect(following.numbers()).to.deep.equal([0, 1]);
      await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 3n);
      await replay(group);
      await until('the rest', () => following.delivered.length === 5);
      expect(following.numbers()).to.deep.equal(upTo(5));
      await following.stop();
    });

    it('replays once what was acknowledged', async () => {
      const { group, following } = await parkFive();
      await replay(group);
      await until('the replay', () => following.delivered.length === 5);
      await statsOnce(
        node,
        group,
        ({ outstandingMessagesCount }) => outstandingMessagesCount === 0,
      );
      await aWhile(500);
      await replay(group);
      await aWhile();
      expect(following.delivered).to.have.length(5);
      await following.stop();
    });

    it('parks again what is parked again', async () => {
      const { group, following } = await parkFive(({ n }) => (n === 3 ? 'park' : 'ack'));
      await replay(group);
      await until('the replay', () => following.delivered.length === 5);
      await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 1n);
      await aWhile(500);
      const links = await parkedLinks(group);
      expect(links.map(({ data }) => data)).to.deep.equal([`3@${group.stream}`]);
      await following.stop();
    });

    it('does nothing when nothing is parked', async () => {
      const group = await groupOn(node, 1);
      const following = await consume(node, group);
      await until('the event', () => following.delivered.length === 1);
      await replay(group);
      await aWhile();
      expect(following.delivered).to.have.length(1);
      await following.stop();
    });

    it('goes on beside new events', async () => {
      const { group, following } = await parkFive();
      await replay(group);
      await appendCounted(node, group.stream, 5, 10);
      await until('all', () => following.delivered.length === 10);
      expect(following.numbers().sort((a, b) => a - b)).to.deep.equal(upTo(10));
      await following.stop();
    });

    it('keeps what was replayed and not answered for the next consumer', async () => {
      const { group, following } = await parkFive();
      await following.stop();
      const stuck = await consume(node, group, () => 'nothing');
      await replay(group);
      await until('the replay', () => stuck.delivered.length === 5);
      await stuck.stop();
      const next = await consume(node, group);
      await until('the replay again', () => next.delivered.length === 5);
      expect(next.numbers()).to.deep.equal(upTo(5));
      await next.stop();
    });
  });
});
