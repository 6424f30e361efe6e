import {
  DISPATCH_TO_SINGLE,
  END,
  persistentSubscriptionToStreamSettingsFromDefaults,
  type PersistentSubscriptionToStreamSettings,
  PINNED,
  ROUND_ROBIN,
  START,
  UNBOUNDED,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { newStream, type Node, rejectionOf, startNode, until } from '../node.js';
import {
  allFromStart,
  appendCounted,
  aWhile,
  consume,
  follow,
  fromStart,
  groupOn,
  newGroup,
  statsOnce,
  upTo,
} from './consumers.js';

const EVERY_SETTING: PersistentSubscriptionToStreamSettings = {
  startFrom: 3n,
  resolveLinkTos: true,
  extraStatistics: true,
  messageTimeout: 12_345,
  maxRetryCount: 7,
  checkPointAfter: 1234,
  checkPointLowerBound: 3,
  checkPointUpperBound: 77,
  maxSubscriberCount: 4,
  liveBufferSize: 111,
  readBatchSize: 13,
  historyBufferSize: 222,
  consumerStrategyName: PINNED,
};

describe('the definition of a persistent subscription', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  const info = ({ stream, group }: { stream: string; group: string }) =>
    node.client.getPersistentSubscriptionToStreamInfo(stream, group);

  it('is told as it was given, setting by setting', async () => {
    const group = await groupOn(node, 0, EVERY_SETTING);
    const told = await info(group);
    expect(told.settings).to.deep.equal(EVERY_SETTING);
    expect(told).to.include({ eventSource: group.stream, groupName: group.group });
  });

  it('is told with its defaults', async () => {
    const [stream, group] = [newStream(), newGroup()];
    const settings = persistentSubscriptionToStreamSettingsFromDefaults();
    await node.client.createPersistentSubscriptionToStream(stream, group, settings);
    expect((await info({ stream, group })).settings).to.deep.equal({
      ...settings,
      startFrom: END,
      maxSubscriberCount: UNBOUNDED,
      consumerStrategyName: ROUND_ROBIN,
    });
  });

  for (const strategy of [ROUND_ROBIN, DISPATCH_TO_SINGLE, PINNED] as const) {
    it(`may name the strategy ${strategy}`, async () => {
      const group = await groupOn(node, 0, { consumerStrategyName: strategy });
      expect((await info(group)).settings.consumerStrategyName).to.equal(strategy);
    });
  }

  for (const [what, startFrom] of [
    ['the start', START],
    ['the end', END],
    ['a revision', 5n],
  ] as const) {
    it(`may begin at ${what}`, async () => {
      const group = await groupOn(node, 0, { startFrom });
      expect((await info(group)).settings.startFrom).to.equal(startFrom);
    });
  }

  it('is refused when the group is there already', async () => {
    const { stream, group } = await groupOn(node, 0);
    const error = await rejectionOf(
      node.client.createPersistentSubscriptionToStream(stream, group, fromStart()),
    );
    expect(error.constructor.name).to.equal('PersistentSubscriptionExistsError');
    expect(error).to.include({
      type: 'persistent-subscription-exists',
      streamName: stream,
      groupName: group,
      code: 6,
    });
  });

  it('is refused for $all under the name of a stream', async () => {
    const group = newGroup();
    const error = await rejectionOf(
      node.client.createPersistentSubscriptionToStream('$all', group, fromStart()),
    );
    expect(error.constructor.name).to.equal('PersistentSubscriptionFailedError');
    expect(error).to.include({
      type: 'persistent-subscription-failed',
      streamName: '$all',
      groupName: group,
    });
    expect(error).to.have.property('reason').that.is.not.empty;
  });

  it('may use one group name for two streams, and two for one', async () => {
    const group = newGroup();
    const stream = newStream();
    await node.client.createPersistentSubscriptionToStream(stream, group, fromStart());
    await node.client.createPersistentSubscriptionToStream(newStream(), group, fromStart());
    await node.client.createPersistentSubscriptionToStream(stream, newGroup(), fromStart());
    const listed = await node.client.listPersistentSubscriptionsToStream(stream);
    expect(listed).to.have.length(2);
  });

  it('keeps names that are not ASCII', async () => {
    const stream = newStream('поток');
    const group = `группа ü ${newGroup()}`;
    await groupOn(node, 2, {}, stream);
    await node.client.createPersistentSubscriptionToStream(stream, group, fromStart());
    const following = await consume(node, { stream, group });
    await until('the events', () => following.delivered.length === 2);
    expect((await info({ stream, group })).groupName).to.equal(group);
    await following.stop();
  });

  describe('updated', () => {
    it('has the new settings', async () => {
      const group = await groupOn(node, 0);
      await node.client.updatePersistentSubscriptionToStream(
        group.stream,
        group.group,
        EVERY_SETTING,
      );
      expect((await info(group)).settings).to.deep.equal(EVERY_SETTING);
    });

    it('drops its consumers, who may come back', async () => {
      const group = await groupOn(node, 2);
      const dropped = await consume(node, group);
      await until('the events', () => dropped.delivered.length === 2);
      await node.client.updatePersistentSubscriptionToStream(
        group.stream,
        group.group,
        fromStart({ maxRetryCount: 3 }),
      );
      await until('the drop', () => dropped.errors.length > 0);
      expect(dropped.errors[0]!.constructor.name).to.equal('PersistentSubscriptionDroppedError');
      expect(dropped.errors[0]).to.include({
        type: 'persistent-subscription-dropped',
        streamName: group.stream,
        groupName: group.group,
      });
      const back = await consume(node, group);
      await appendCounted(node, group.stream, 2, 4);
      await until('what is new', () => back.numbers().includes(3));
      await back.stop();
    });

    it('takes back at once a consumer that comes back when it is dropped', async () => {
      const group = await groupOn(node, 3, { checkPointUpperBound: 1, checkPointLowerBound: 1 });
      const numbers = new Set<number>();
      let rounds = 0;
      const comeBack = (): void => {
        const { stream, group: name } = group;
        const again = follow(
          node.client.subscribeToPersistentSubscriptionToStream(stream, name),
          ({ n }) => (numbers.add(n), 'ack'),
        );
        again.subscription.on('error', () => rounds++ < 10 && comeBack());
      };
      comeBack();
      for (let round = 0; round < 3; round++) {
        await node.client.updatePersistentSubscriptionToStream(
          group.stream,
          group.group,
          fromStart({ maxRetryCount: round }),
        );
        await until('it to be dropped', () => rounds > round);
        await appendCounted(node, group.stream, 3 + round, 4 + round);
        await until('what is new', () => numbers.has(3 + round));
      }
      await node.client.deletePersistentSubscriptionToStream(group.stream, group.group);
    });

    it('works by its new settings', async () => {
      const group = await groupOn(node, 1, { maxRetryCount: 10 });
      await node.client.updatePersistentSubscriptionToStream(
        group.stream,
        group.group,
        fromStart({ maxRetryCount: 1 }),
      );
      const following = await consume(node, group, () => 'retry');
      await statsOnce(node, group, ({ parkedMessageCount }) => parkedMessageCount === 1n);
      expect(following.delivered).to.have.length(2);
      await following.stop();
    });

    it('begins anew where it is told when nothing has been processed', async () => {
      const group = await groupOn(node, 10);
      await node.client.updatePersistentSubscriptionToStream(
        group.stream,
        group.group,
        fromStart({ startFrom: 7n }),
      );
      const following = await consume(node, group);
      await until('the events', () => following.delivered.length === 3);
      expect(following.numbers()).to.deep.equal([7, 8, 9]);
      await following.stop();
    });

    it('is refused when there is no such group', async () => {
      const [stream, group] = [newStream(), newGroup()];
      const error = await rejectionOf(
        node.client.updatePersistentSubscriptionToStream(stream, group, fromStart()),
      );
      expect(error.constructor.name).to.equal('PersistentSubscriptionDoesNotExistError');
      expect(error).to.include({ streamName: stream, groupName: group, code: 5 });
    });
  });

  describe('deleted', () => {
    it('is gone', async () => {
      const group = await groupOn(node, 1);
      await node.client.deletePersistentSubscriptionToStream(group.stream, group.group);
      const error = await rejectionOf(info(group));
      expect(error).to.have.property('type', 'persistent-subscription-does-not-exist');
    });

    it('drops its consumers', async () => {
      const group = await groupOn(node, 1);
      const following = await consume(node, group);
      await until('the event', () => following.delivered.length === 1);
      await node.client.deletePersistentSubscriptionToStream(group.stream, group.group);
      await until('the drop', () => following.errors.length > 0);
      expect(following.errors[0]).to.include({
        type: 'persistent-subscription-dropped',
        streamName: group.stream,
        groupName: group.group,
      });
    });

    it('may be made anew and knows nothing of what it was', async () => {
      const group = await groupOn(node, 5, { checkPointLowerBound: 1, checkPointUpperBound: 1 });
      const following = await consume(node, group, ({ n }) => (n === 0 ? 'park' : 'ack'));
      await statsOnce(
        node,
        group,
        ({ parkedMessageCount, lastCheckpointedEventRevision }) =>
          parkedMessageCount === 1n && lastCheckpointedEventRevision === 4n,
      );
      await node.client.deletePersistentSubscriptionToStream(group.stream, group.group);
      await until('the drop', () => following.errors.length > 0);
      await node.client.createPersistentSubscriptionToStream(
        group.stream,
        group.group,
        fromStart(),
      );
      const anew = await consume(node, group);
      await until('all again', () => anew.delivered.length === 5);
      expect(anew.numbers()).to.deep.equal(upTo(5));
      expect((await info(group)).stats.parkedMessageCount).to.equal(0n);
      await anew.stop();
    });

    it('leaves other groups of the stream alone', async () => {
      const group = await groupOn(node, 1);
      const other = await groupOn(node, 0, {}, group.stream);
      const following = await consume(node, other);
      await node.client.deletePersistentSubscriptionToStream(group.stream, group.group);
      await appendCounted(node, group.stream, 1, 2);
      await until('both', () => following.delivered.length === 2);
      expect(following.errors).to.be.empty;
      await following.stop();
    });

    it('is refused when there is no such group', async () => {
      const [stream, group] = [newStream(), newGroup()];
      const error = await rejectionOf(
        node.client.deletePersistentSubscriptionToStream(stream, group),
      );
      expect(error.constructor.name).to.equal('PersistentSubscriptionDoesNotExistError');
      expect(error).to.include({ streamName: stream, groupName: group });
    });
  });

  describe('asked for and not there', () => {
    const missing = () => ({ stream: newStream(), group: newGroup() });

    it('is refused to a consumer', async () => {
      const group = missing();
      const following = await consume(node, group);
      expect(following.isConfirmed()).to.equal(false);
      expect(following.errors[0]!.constructor.name).to.equal(
        'PersistentSubscriptionDoesNotExistError',
      );
      expect(following.errors[0]).to.include({
        type: 'persistent-subscription-does-not-exist',
        streamName: group.stream,
        groupName: group.group,
      });
    });

    it('is refused to who asks for information', async () => {
      const group = missing();
      const error = await rejectionOf(info(group));
      expect(error.constructor.name).to.equal('PersistentSubscriptionDoesNotExistError');
      expect(error).to.include({ streamName: group.stream, groupName: group.group });
    });

    it('is refused to who replays', async () => {
      const { stream, group } = missing();
      const error = await rejectionOf(node.client.replayParkedMessagesToStream(stream, group));
      expect(error.constructor.name).to.equal('PersistentSubscriptionDoesNotExistError');
      expect(error).to.include({ streamName: stream, groupName: group });
    });

    it('is refused to who lists', async () => {
      const stream = newStream();
      const error = await rejectionOf(node.client.listPersistentSubscriptionsToStream(stream));
      expect(error.constructor.name).to.equal('PersistentSubscriptionDoesNotExistError');
      expect(error).to.include({ streamName: stream, groupName: '' });
    });
  });

  it('is listed with all others, and with those of its source', async () => {
    const group = await groupOn(node, 0);
    const second = await groupOn(node, 0, {}, group.stream);
    const toAll = newGroup();
    await node.client.createPersistentSubscriptionToAll(toAll, allFromStart());
    const ofStream = await node.client.listPersistentSubscriptionsToStream(group.stream);
    expect(ofStream.map(({ groupName }) => groupName)).to.have.members([group.group, second.group]);
    const ofAll = await node.client.listPersistentSubscriptionsToAll();
    expect(ofAll.map(({ groupName }) => groupName)).to.include(toAll);
    expect(ofAll.every(({ eventSource }) => eventSource === '$all')).to.equal(true);
    const everything = await node.client.listAllPersistentSubscriptions();
    expect(everything.map(({ groupName }) => groupName)).to.include.members([
      group.group,
      second.group,
      toAll,
    ]);
    await node.client.deletePersistentSubscriptionToAll(toAll);
  });

  it('outlives a restart of the subsystem, which drops the consumers', async () => {
    const group = await groupOn(node, 3, EVERY_SETTING);
    const parked = await groupOn(node, 1);
    const parking = await consume(node, parked, () => 'park');
    await statsOnce(node, parked, ({ parkedMessageCount }) => parkedMessageCount === 1n);
    await parking.stop();
    const following = await consume(node, group);
    await node.client.restartPersistentSubscriptionSubsystem();
    await until('the drop', () => following.errors.length > 0);
    expect(following.errors[0]).to.have.property('type', 'persistent-subscription-dropped');
    let again = await consume(node, group);
    for (let tries = 0; tries < 50 && !again.isConfirmed(); tries++) {
      await aWhile(100); // a server may need a moment to take its groups up again
      again = await consume(node, group);
    }
    await appendCounted(node, group.stream, 3, 5);
    await until('the event', () => again.numbers().includes(4));
    expect((await info(group)).settings).to.deep.equal(EVERY_SETTING);
    expect((await info(parked)).stats.parkedMessageCount).to.equal(1n);
    await again.stop();
  });
});
