import { binaryEvent, END } from '@eventstore/db-client';
import { expect } from 'chai';
import { newStream, type Node, startNode, until } from '../node.js';
import { ackAll, appendCounted, aWhile, consume, groupOn, statsOnce, upTo } from './consumers.js';

describe('a persistent subscription to a stream', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  it('delivers history, then what is appended, in order', async () => {
    const group = await groupOn(node, 30);
    const following = await consume(node, group);
    await until('history', () => following.delivered.length === 30);
    await appendCounted(node, group.stream, 30, 60);
    await until('live events', () => following.delivered.length === 60);
    expect(following.numbers()).to.deep.equal(upTo(60));
    expect(following.delivered.every(({ retryCount }) => retryCount === 0)).to.equal(true);
    await following.stop();
  });

  it('names itself when it confirms', async () => {
    const group = await groupOn(node, 0);
    const following = await consume(node, group);
    expect((following.subscription as { id?: string }).id).to.equal(
      `${group.stream}::${group.group}`,
    );
    await following.stop();
  });

  it('delivers the whole event', async () => {
    const group = await groupOn(node, 2);
    const following = await consume(node, group);
    await until('the events', () => following.delivered.length === 2);
    const [, second] = following.delivered;
    expect(second!.event).to.include({ streamId: group.stream, revision: 1n, type: 'Counted' });
    expect(second!.event!.data).to.deep.equal({ n: 1 });
    expect(second!.link).to.equal(undefined);
    await following.stop();
  });

  it('waits for a stream that does not exist yet', async () => {
    const group = await groupOn(node, 0);
    const following = await consume(node, group);
    await appendCounted(node, group.stream, 0, 3);
    await until('the events', () => following.delivered.length === 3);
    expect(following.numbers()).to.deep.equal([0, 1, 2]);
    await following.stop();
  });

  it('begins at the revision it is given, inclusive', async () => {
    const group = await groupOn(node, 10, { startFrom: 4n });
    const following = await consume(node, group);
    await until('the events', () => following.delivered.length === 6);
    expect(following.numbers()).to.deep.equal([4, 5, 6, 7, 8, 9]);
    await following.stop();
  });

  it('begins at a revision that is still to come', async () => {
    const group = await groupOn(node, 3, { startFrom: 5n });
    const following = await consume(node, group);
    await appendCounted(node, group.stream, 3, 7);
    await until('the events', () => following.delivered.length === 2);
    expect(following.numbers()).to.deep.equal([5, 6]);
    await following.stop();
  });

  it('begins at the end when told so', async () => {
    const group = await groupOn(node, 5, { startFrom: END });
    const following = await consume(node, group);
    await appendCounted(node, group.stream, 5, 8);
    await until('the events', () => following.delivered.length === 3);
    expect(following.numbers()).to.deep.equal([5, 6, 7]);
    await following.stop();
  });

  it('sends no more than the consumer has room for', async () => {
    const group = await groupOn(node, 20);
    const following = await consume(node, group, () => 'nothing', 4);
    await until('a full buffer', () => following.delivered.length === 4);
    await aWhile();
    expect(following.numbers()).to.deep.equal([0, 1, 2, 3]);
    await ackAll(following);
    await until('the next', () => following.delivered.length === 8);
    expect(following.numbers()).to.deep.equal(upTo(8));
    await following.stop();
  });

  it('goes on as messages are acknowledged, whatever the buffers', async () => {
    const group = await groupOn(node, 300, {
      liveBufferSize: 10,
      readBatchSize: 5,
      historyBufferSize: 20,
    });
    const following = await consume(node, group, undefined, 3);
    await until('history', () => following.delivered.length === 300);
    await appendCounted(node, group.stream, 300, 500);
    await until('live events', () => following.delivered.length === 500);
    expect(following.numbers()).to.deep.equal(upTo(500));
    await following.stop();
  });

  it('takes acknowledgements of many messages at once', async () => {
    const group = await groupOn(node, 20);
    const following = await consume(node, group, () => 'nothing', 10);
    await until('a full buffer', () => following.delivered.length === 10);
    await ackAll(following);
    await until('the rest', () => following.delivered.length === 20);
    await ackAll(following);
    await aWhile();
    expect(following.numbers()).to.deep.equal(upTo(20));
    await following.stop();
  });

  it('is not disturbed by an acknowledgement of what it never sent', async () => {
    const group = await groupOn(node, 2);
    const other = await groupOn(node, 1);
    const elsewhere = await consume(node, other);
    await until('the event', () => elsewhere.delivered.length === 1);
    const following = await consume(node, group);
    await (following.subscription as { ack(event: unknown): Promise<void> }).ack(
      elsewhere.delivered[0],
    );
    await until('the events', () => following.delivered.length === 2);
    await appendCounted(node, group.stream, 2, 3);
    await until('one more', () => following.delivered.length === 3);
    expect(following.errors).to.be.empty;
    await elsewhere.stop();
    await following.stop();
  });

  it('keeps two groups of one stream apart', async () => {
    const first = await groupOn(node, 5);
    const second = await groupOn(node, 0, {}, first.stream);
    const [one, two] = [await consume(node, first), await consume(node, second)];
    await until('both', () => one.delivered.length === 5 && two.delivered.length === 5);
    expect(two.numbers()).to.deep.equal(one.numbers());
    await one.stop();
    await two.stop();
  });

  it('goes on where it was when its consumer comes back', async () => {
    const group = await groupOn(node, 5);
    const first = await consume(node, group);
    await until('the events', () => first.delivered.length === 5);
    await statsOnce(node, group, ({ outstandingMessagesCount }) => outstandingMessagesCount === 0);
    await first.stop();
    await appendCounted(node, group.stream, 5, 8);
    const second = await consume(node, group);
    await until('the rest', () => second.delivered.length === 3);
    expect(second.numbers()).to.deep.equal([5, 6, 7]);
    await second.stop();
  });

  it('delivers links as they are unless told to resolve them', async () => {
    const target = newStream();
    await appendCounted(node, target, 0, 3);
    const links = newStream('links');
    await appendLinks(node, links, target, [0, 2]);
    const group = await groupOn(node, 0, {}, links);
    const following = await consume(node, group);
    await until('the links', () => following.delivered.length === 2);
    expect(following.delivered.map(({ event }) => event!.type)).to.deep.equal(['$>', '$>']);
    expect(following.delivered[0]!.link).to.equal(undefined);
    await following.stop();
  });

  it('resolves links when told so, and is answered by the link', async () => {
    const target = newStream();
    await appendCounted(node, target, 0, 3);
    const links = newStream('links');
    await appendLinks(node, links, target, [2, 0, 1]);
    const group = await groupOn(node, 0, { resolveLinkTos: true }, links);
    const following = await consume(node, group, undefined, 1);
    await until('the events', () => following.delivered.length === 3);
    expect(following.numbers()).to.deep.equal([2, 0, 1]);
    expect(following.delivered.map(({ link }) => link!.streamId)).to.deep.equal([
      links,
      links,
      links,
    ]);
    expect(following.delivered[0]!.event).to.include({ streamId: target, revision: 2n });
    await following.stop();
  });

  it('delivers one event twice when two links lead to it', async () => {
    const target = newStream();
    await appendCounted(node, target, 0, 1);
    const links = newStream('links');
    await appendLinks(node, links, target, [0, 0]);
    const group = await groupOn(node, 0, { resolveLinkTos: true }, links);
    const following = await consume(node, group, undefined, 1);
    await until('both', () => following.delivered.length === 2);
    expect(new Set(following.delivered.map(({ link }) => link!.id)).size).to.equal(2);
    expect(new Set(following.delivered.map(({ event }) => event!.id)).size).to.equal(1);
    await following.stop();
  });
});

const appendLinks = async (
  node: Node,
  stream: string,
  target: string,
  revisions: readonly number[],
): Promise<void> => {
  await node.client.appendToStream(
    stream,
    revisions.map((revision) =>
      binaryEvent({ type: '$>', data: Buffer.from(`${revision}@${target}`) }),
    ),
  );
};
