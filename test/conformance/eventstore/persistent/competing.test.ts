import { DISPATCH_TO_SINGLE, PINNED, streamNameFilter, UNBOUNDED } from '@eventstore/db-client';
import { expect } from 'chai';
import { newStream, type Node, startNode, until } from '../node.js';
import {
  ackAll,
  allFromStart,
  appendCounted,
  aWhile,
  consume,
  type Delivered,
  type Following,
  groupOn,
  newGroup,
  statsOnce,
  upTo,
} from './consumers.js';

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
const totalOf = (consumers: readonly Following[]): number =>
  consumers.reduce((sum, { delivered }) => sum + delivered.length, 0);

describe('competing consumers', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  const stopAll = (consumers: readonly Following[]) =>
    Promise.all(consumers.map((consumer) => consumer.stop()));

  it('share the messages: each goes to one of them', async () => {
    const group = await groupOn(node, 0);
    const consumers = [await consume(node, group), await consume(node, group)];
    await appendCounted(node, group.stream, 0, 60);
    await until('all', () => totalOf(consumers) === 60);
    await aWhile();
    expect(sorted(consumers.flatMap((consumer) => consumer.numbers()))).to.deep.equal(upTo(60));
    await stopAll(consumers);
  });

  it('take turns under RoundRobin', async () => {
    const group = await groupOn(node, 0);
    const consumers = [
      await consume(node, group, () => 'nothing', 20),
      await consume(node, group, () => 'nothing', 20),
      await consume(node, group, () => 'nothing', 20),
    ];
    await appendCounted(node, group.stream, 0, 30);
    await until('all', () => totalOf(consumers) === 30);
    expect(consumers.map(({ delivered }) => delivered.length)).to.deep.equal([10, 10, 10]);
    await stopAll(consumers);
  });

  it('pass over one that has no room under RoundRobin', async () => {
    const group = await groupOn(node, 0);
    const stuck = await consume(node, group, () => 'nothing', 1);
    const working = await consume(node, group);
    await appendCounted(node, group.stream, 0, 20);
    await until('all', () => stuck.delivered.length + working.delivered.length === 20);
    expect(stuck.delivered).to.have.length(1);
    await stopAll([stuck, working]);
  });

  it('are filled one after the other under DispatchToSingle', async () => {
    const group = await groupOn(node, 0, { consumerStrategyName: DISPATCH_TO_SINGLE });
    const first = await consume(node, group, () => 'nothing', 5);
    const second = await consume(node, group, () => 'nothing', 5);
    await appendCounted(node, group.stream, 0, 8);
    await until('all', () => first.delivered.length + second.delivered.length === 8);
    expect(first.numbers()).to.deep.equal(upTo(5));
    expect(second.numbers()).to.deep.equal([5, 6, 7]);
    await stopAll([first, second]);
  });

  it('keep a stream each under Pinned', async () => {
    const category = `pinned${Date.now()}`;
    const streams = Array.from({ length: 12 }, () => newStream(category));
    const group = newGroup();
    await node.client.createPersistentSubscriptionToAll(
      group,
      allFromStart({ consumerStrategyName: PINNED }),
      { filter: streamNameFilter({ prefixes: [category] }) },
    );
    const all = { stream: '$all', group };
    const consumers = [await consume(node, all), await consume(node, all)];
    for (let round = 0; round < 5; round++)
      for (const stream of streams) await appendCounted(node, stream, round, round + 1);
    await until('all', () => totalOf(consumers) === 60);
    const streamsOf = ({ delivered }: Following) =>
      new Set(delivered.map(({ event }) => event!.streamId));
    const [one, two] = [streamsOf(consumers[0]!), streamsOf(consumers[1]!)];
    expect([...one].filter((stream) => two.has(stream))).to.be.empty;
    expect(one.size + two.size).to.equal(12);
    for (const stream of streams) {
      const ofStream = ({ event }: Delivered) => event!.streamId === stream;
      const numbers = consumers.flatMap(({ delivered }) => delivered.filter(ofStream));
      expect(numbers.map(({ n }) => n)).to.deep.equal([0, 1, 2, 3, 4]);
    }
    await stopAll(consumers);
  });

  it('take over the streams of one that leaves under Pinned', async () => {
    const group = await groupOn(node, 0, { consumerStrategyName: PINNED });
    const first = await consume(node, group);
    const second = await consume(node, group);
    await appendCounted(node, group.stream, 0, 5);
    await until('the owner', () => first.delivered.length + second.delivered.length === 5);
    const [owner, other] = first.delivered.length > 0 ? [first, second] : [second, first];
    expect(owner.numbers()).to.deep.equal(upTo(5));
    await statsOnce(node, group, ({ outstandingMessagesCount }) => outstandingMessagesCount === 0);
    await owner.stop();
    await appendCounted(node, group.stream, 5, 8);
    await until('the new owner', () => other.delivered.length === 3);
    await other.stop();
  });

  it('get what one that left had not answered, and its count is one more', async () => {
    const group = await groupOn(node, 10);
    const leaving = await consume(node, group, () => 'nothing');
    await until('the messages', () => leaving.delivered.length === 10);
    const staying = await consume(node, group);
    await leaving.stop();
    await until('the messages again', () => staying.delivered.length === 10);
    expect(staying.numbers()).to.deep.equal(upTo(10));
    expect(staying.delivered.every(({ retryCount }) => retryCount === 1)).to.equal(true);
    await staying.stop();
  });

  it('get again only what one that left had not answered', async () => {
    const group = await groupOn(node, 10);
    const leaving = await consume(node, group, ({ n }) => (n < 6 ? 'ack' : 'nothing'));
    await until('the messages', () => leaving.delivered.length === 10);
    await statsOnce(node, group, ({ totalInFlightMessages }) => totalInFlightMessages === 4);
    await leaving.stop();
    const next = await consume(node, group);
    await until('the rest', () => next.delivered.length === 4);
    expect(next.numbers()).to.deep.equal([6, 7, 8, 9]);
    await next.stop();
  });

  it('are refused beyond the number allowed', async () => {
    const group = await groupOn(node, 0, { maxSubscriberCount: 2 });
    const consumers = [await consume(node, group), await consume(node, group)];
    const refused = await consume(node, group);
    expect(refused.isConfirmed()).to.equal(false);
    expect(refused.errors[0]).to.include({
      type: 'maximum-subscribers-reached',
      streamName: group.stream,
      groupName: group.group,
    });
    expect(refused.errors[0]!.constructor.name).to.equal(
      'PersistentSubscriptionMaximumSubscribersReachedError',
    );
    await stopAll(consumers);
  });

  it('are let in again when one of the number allowed has left', async () => {
    const group = await groupOn(node, 1, { maxSubscriberCount: 1 });
    const first = await consume(node, group);
    await until('the event', () => first.delivered.length === 1);
    await first.stop();
    let next: Following | undefined;
    for (let tries = 0; tries < 50 && !next?.isConfirmed(); tries++) {
      await aWhile(50);
      next = await consume(node, group);
    }
    expect(next!.isConfirmed()).to.equal(true);
    await next!.stop();
  });

  it('are any number when it is not bounded', async () => {
    const group = await groupOn(node, 0, { maxSubscriberCount: UNBOUNDED });
    const consumers: Following[] = [];
    for (let i = 0; i < 8; i++) consumers.push(await consume(node, group));
    expect(consumers.every((consumer) => consumer.isConfirmed())).to.equal(true);
    await stopAll(consumers);
  });

  it('are told of one by one', async () => {
    const group = await groupOn(node, 5, { extraStatistics: true });
    const busy = await consume(node, group, () => 'nothing', 3);
    const idle = await consume(node, group, () => 'ack', 7);
    await until('all', () => busy.delivered.length === 3 && idle.delivered.length === 2);
    await statsOnce(node, group, ({ totalInFlightMessages }) => totalInFlightMessages === 3);
    const { connections } = await node.client.getPersistentSubscriptionToStreamInfo(
      group.stream,
      group.group,
    );
    const [one, two] = [...connections].sort((a, b) => b.inFlightMessages - a.inFlightMessages);
    expect(one).to.include({ inFlightMessages: 3, availableSlots: 0, totalItems: 3n });
    expect(two).to.include({ inFlightMessages: 0, availableSlots: 7, totalItems: 2n });
    expect(one!.from).to.match(/:\d+$/);
    expect(one!.connectionName).to.be.a('string').and.not.equal('');
    expect([...two!.extraStatistics!.keys()]).to.include.members([
      'mean',
      'median',
      'highest',
      '99%',
    ]);
    await ackAll(busy);
    await stopAll([busy, idle]);
  });

  it('have no extra statistics unless asked for', async () => {
    const group = await groupOn(node, 1);
    const following = await consume(node, group);
    await until('the event', () => following.delivered.length === 1);
    const { connections } = await node.client.getPersistentSubscriptionToStreamInfo(
      group.stream,
      group.group,
    );
    expect(connections).to.have.length(1);
    expect(connections[0]!.extraStatistics).to.equal(undefined);
    await following.stop();
  });

  it('come and go while events are appended, and none is lost', async () => {
    const group = await groupOn(node, 0);
    const seen = new Set<number>();
    const note = ({ n }: Delivered) => {
      seen.add(n);
      return 'ack' as const;
    };
    const steady = await consume(node, group, note);
    const appending = (async () => {
      for (let n = 0; n < 400; n += 4) await appendCounted(node, group.stream, n, n + 4);
    })();
    for (let i = 0; i < 10; i++) {
      const passing = await consume(node, group, note, 5);
      await aWhile(20);
      await passing.stop();
    }
    await appending;
    await until('all', () => seen.size === 400);
    await steady.stop();
  });
});
