import { expect } from 'chai';
import { type Node, startNode, until } from '../node.js';
import { ackAll, appendCounted, aWhile, consume, groupOn, statsOnce } from './consumers.js';

describe('the statistics of a persistent subscription', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  it('say of a new group that it has done nothing', async () => {
    const group = await groupOn(node, 0);
    const { stats, connections } = await node.client.getPersistentSubscriptionToStreamInfo(
      group.stream,
      group.group,
    );
    expect(stats).to.include({
      totalItems: 0n,
      totalInFlightMessages: 0,
      outstandingMessagesCount: 0,
      retryBufferCount: 0,
      parkedMessageCount: 0n,
      lastCheckpointedEventRevision: undefined,
      lastKnownEventRevision: undefined,
    });
    expect(connections).to.deep.equal([]);
  });

  it('say what is in flight and what waits in the buffer', async () => {
    const group = await groupOn(node, 10);
    const following = await consume(node, group, () => 'nothing', 4);
    await until('a full buffer', () => following.delivered.length === 4);
    const stats = await statsOnce(node, group, ({ readBufferCount }) => readBufferCount === 6);
    expect(stats).to.include({
      totalItems: 4n,
      totalInFlightMessages: 4,
      outstandingMessagesCount: 4,
    });
    await following.stop();
  });

  it('say what waits to be tried again', async () => {
    const group = await groupOn(node, 3);
    const following = await consume(node, group, () => 'nothing', 3);
    await until('all', () => following.delivered.length === 3);
    await following.stop();
    const stats = await statsOnce(node, group, ({ retryBufferCount }) => retryBufferCount === 3);
    expect(stats.totalInFlightMessages).to.equal(0);
  });

  it('count what was delivered, repeats included, and since they were last asked', async () => {
    const group = await groupOn(node, 6);
    const following = await consume(node, group, ({ n, retryCount }) =>
      n === 0 && retryCount === 0 ? 'retry' : 'ack',
    );
    await until('all', () => following.delivered.length === 7);
    expect(await statsOnce(node, group, () => true)).to.include({
      totalItems: 7n,
      countSinceLastMeasurement: 7n,
    });
    expect(await statsOnce(node, group, () => true)).to.include({
      totalItems: 7n,
      countSinceLastMeasurement: 0n,
    });
    await following.stop();
  });

  it('know the last event of the stream', async () => {
    const group = await groupOn(node, 5);
    const following = await consume(node, group);
    await statsOnce(node, group, ({ lastKnownEventRevision }) => lastKnownEventRevision === 4n);
    await appendCounted(node, group.stream, 5, 8);
    await statsOnce(node, group, ({ lastKnownEventRevision }) => lastKnownEventRevision === 7n);
    await following.stop();
  });

  it('move the checkpoint as soon as the upper bound is done', async () => {
    const group = await groupOn(node, 25, {
      checkPointUpperBound: 10,
      checkPointLowerBound: 10,
      checkPointAfter: 600_000,
    });
    const following = await consume(node, group);
    await until('all', () => following.delivered.length === 25);
    const { lastCheckpointedEventRevision } = await statsOnce(
      node,
      group,
      (stats) => (stats.lastCheckpointedEventRevision ?? 0n) >= 9n,
    );
    expect(lastCheckpointedEventRevision! <= 24n).to.equal(true);
    await following.stop();
  });

  it('move the checkpoint in time when the lower bound is done', async () => {
    const group = await groupOn(node, 5, {
      checkPointUpperBound: 1000,
      checkPointLowerBound: 1,
      checkPointAfter: 500,
    });
    const following = await consume(node, group);
    await statsOnce(node, group, (stats) => stats.lastCheckpointedEventRevision === 4n);
    await following.stop();
  });

  it('leave the checkpoint where it is below the lower bound', async () => {
    const group = await groupOn(node, 5, {
      checkPointUpperBound: 1000,
      checkPointLowerBound: 50,
      checkPointAfter: 100,
    });
    const following = await consume(node, group);
    await until('all', () => following.delivered.length === 5);
    await aWhile(1500);
    const { lastCheckpointedEventRevision } = await statsOnce(node, group, () => true);
    expect(lastCheckpointedEventRevision).to.equal(undefined);
    await following.stop();
  });

  it('never move the checkpoint past what is unanswered', async () => {
    const group = await groupOn(node, 40, {
      checkPointUpperBound: 1,
      checkPointLowerBound: 1,
      checkPointAfter: 100,
    });
    const following = await consume(node, group, ({ n }) => (n === 7 ? 'nothing' : 'ack'));
    await until('all', () => following.delivered.length === 40);
    await statsOnce(node, group, (stats) => stats.lastCheckpointedEventRevision === 6n);
    await aWhile(600);
    const { lastCheckpointedEventRevision } = await statsOnce(node, group, () => true);
    expect(lastCheckpointedEventRevision).to.equal(6n);
    await ackAll(following);
    await statsOnce(node, group, (stats) => stats.lastCheckpointedEventRevision === 39n);
    await following.stop();
  });

  it('say whether the group is live', async () => {
    const group = await groupOn(node, 5);
    const following = await consume(node, group);
    await until('all', () => following.delivered.length === 5);
    let status = '';
    for (let tries = 0; tries < 50 && status !== 'Live'; tries++) {
      await aWhile(50);
      ({ status } = await node.client.getPersistentSubscriptionToStreamInfo(
        group.stream,
        group.group,
      ));
    }
    expect(status).to.equal('Live');
    await following.stop();
  });
});
