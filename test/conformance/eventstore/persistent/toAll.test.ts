import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, newStream, type Node, rejectionOf, startNode, until } from '../node.js';
import {
  allFromStart,
  appendCounted,
  aWhile,
  consume,
  type Following,
  newGroup,
  upTo,
} from './consumers.js';

type Settings = Parameters<Node['client']['createPersistentSubscriptionToAll']>[1];
type Options = NonNullable<Parameters<Node['client']['createPersistentSubscriptionToAll']>[2]>;

describe('a persistent subscription to $all', function () {
  this.timeout(120_000);
  let node: Node;
  const groups: string[] = [];
  before(async () => {
    node = await startNode();
  });
  after(async () => {
    for (const group of groups) await node.client.deletePersistentSubscriptionToAll(group);
    await node.stop();
  });

  const define = async (settings: Settings, options: Options = {}) => {
    const group = newGroup();
    await node.client.createPersistentSubscriptionToAll(group, settings, options);
    groups.push(group);
    return { stream: '$all', group };
  };

  const numbersOn = ({ delivered }: Following, stream: string): number[] =>
    delivered.filter(({ event }) => event?.streamId === stream).map(({ n }) => n);

  const info = async ({ group }: { group: string }) =>
    node.client.getPersistentSubscriptionToAllInfo(group);

  it('delivers all streams in the order of the log', async () => {
    const [one, two] = [newStream(), newStream()];
    await appendCounted(node, one, 0, 3);
    await appendCounted(node, two, 0, 3);
    const group = await define(allFromStart());
    const following = await consume(node, group);
    await appendCounted(node, one, 3, 6);
    await until('all', () => numbersOn(following, one).length === 6);
    expect(numbersOn(following, one)).to.deep.equal(upTo(6));
    expect(numbersOn(following, two)).to.deep.equal(upTo(3));
    const ofTwo = following.delivered.findIndex(({ event }) => event!.streamId === two);
    const fourthOfOne = following.delivered.findIndex(
      ({ event, n }) => event!.streamId === one && n === 3,
    );
    expect(ofTwo).to.be.lessThan(fourthOfOne);
    await following.stop();
  });

  it('begins at the end when told so', async () => {
    const stream = newStream();
    await appendCounted(node, stream, 0, 3);
    const group = await define(persistentSubscriptionToAllSettingsFromDefaults());
    const following = await consume(node, group);
    await appendCounted(node, stream, 3, 5);
    await until('what is new', () => numbersOn(following, stream).length === 2);
    expect(numbersOn(following, stream)).to.deep.equal([3, 4]);
    await following.stop();
  });

  it('begins at the position it is given, inclusive', async () => {
    const stream = newStream();
    await appendCounted(node, stream, 0, 2);
    const { position } = await node.client.appendToStream(stream, counted(2));
    await appendCounted(node, stream, 3, 5);
    const group = await define(allFromStart({ startFrom: position! }));
    const following = await consume(node, group);
    await until('the events', () => numbersOn(following, stream).length === 3);
    expect(numbersOn(following, stream)).to.deep.equal([2, 3, 4]);
    expect(following.numbers()[0]).to.equal(2);
    await following.stop();
  });

  it('is refused a position beyond the end of the log', async () => {
    const group = newGroup();
    const far = { commit: 2n ** 62n, prepare: 2n ** 62n };
    const error = await rejectionOf(
      node.client.createPersistentSubscriptionToAll(group, allFromStart({ startFrom: far })),
    );
    expect(error.constructor.name).to.equal('PersistentSubscriptionFailedError');
    expect(error).to.include({ streamName: '$all', groupName: group, code: 13 });
  });

  it('tells where it begins', async () => {
    const { position } = await node.client.appendToStream(newStream(), counted(0));
    const starts = [START, END, position!] as const;
    for (const startFrom of starts) {
      const group = await define(allFromStart({ startFrom }));
      expect((await info(group)).settings.startFrom).to.deep.equal(startFrom);
    }
  });

  it('tells every setting', async () => {
    const settings = allFromStart({
      resolveLinkTos: true,
      extraStatistics: true,
      messageTimeout: 4321,
      maxRetryCount: 2,
      maxSubscriberCount: 9,
      liveBufferSize: 50,
      readBatchSize: 11,
      historyBufferSize: 60,
    });
    const group = await define(settings);
    const told = await info(group);
    expect(told).to.include({ eventSource: '$all', groupName: group.group });
    expect(told.settings).to.deep.equal(settings);
  });

  const [left, right] = [`left${Date.now()}`, `right${Date.now()}`];
  const filters = [
    ['a prefix of the stream', streamNameFilter({ prefixes: [left] }), 2],
    ['prefixes of the stream', streamNameFilter({ prefixes: [left, right] }), 4],
    ['an expression on the stream', streamNameFilter({ regex: `^${right}-.*` }), 2],
    ['a prefix of the type', eventTypeFilter({ prefixes: [`${left}Ha`] }), 1],
    ['prefixes of the type', eventTypeFilter({ prefixes: [`${left}Ha`, `${right}L`] }), 2],
    ['an expression on the type', eventTypeFilter({ regex: `^(${left}|${right})Left$` }), 2],
  ] as const;
  for (const [what, filter, passing] of filters) {
    it(`filters by ${what}, in history and live`, async () => {
      const append = async () => {
        for (const category of [left, right])
          for (const verb of ['Happened', 'Left'])
            await node.client.appendToStream(
              newStream(category),
              jsonEvent({ type: `${category}${verb}`, data: { n: 1 } }),
            );
      };
      const { position } = await node.client.appendToStream(newStream(), counted(0));
      await append();
      const group = await define(allFromStart({ startFrom: position! }), { filter });
      const following = await consume(node, group);
      await until('history', () => following.delivered.length === passing);
      await append();
      await until('live events', () => following.delivered.length === 2 * passing);
      await aWhile(100);
      expect(following.delivered).to.have.length(2 * passing);
      await following.stop();
    });
  }

  it('leaves out system events when told so', async () => {
    const { position } = await node.client.appendToStream(newStream(), counted(0));
    const stream = newStream();
    await node.client.setStreamMetadata(stream, { maxCount: 5 });
    await appendCounted(node, stream, 0, 2);
    const group = await define(allFromStart({ startFrom: position! }), {
      filter: excludeSystemEvents(),
    });
    const following = await consume(node, group);
    await until('the events', () => numbersOn(following, stream).length === 2);
    expect(following.delivered.some(({ event }) => event!.type.startsWith('$'))).to.equal(false);
    await following.stop();
  });

  it('is refused a filter that is no expression', async () => {
    const error = await rejectionOf(
      node.client.createPersistentSubscriptionToAll(newGroup(), allFromStart(), {
        filter: streamNameFilter({ regex: '(' }),
      }),
    );
    expect(error).to.be.instanceOf(Error);
  });

  it('keeps its filter when it is updated', async () => {
    const category = `kept${Date.now()}`;
    const group = await define(allFromStart(), {
      filter: streamNameFilter({ prefixes: [category] }),
    });
    await node.client.updatePersistentSubscriptionToAll(
      group.group,
      allFromStart({ maxRetryCount: 3 }),
    );
    const stream = newStream(category);
    await appendCounted(node, newStream(), 0, 3);
    await appendCounted(node, stream, 0, 3);
    const following = await consume(node, group);
    await until('the events', () => following.delivered.length === 3);
    await aWhile(100);
    expect(following.delivered.every(({ event }) => event!.streamId === stream)).to.equal(true);
    expect((await info(group)).settings.maxRetryCount).to.equal(3);
    await following.stop();
  });

  it('parks and replays', async () => {
    const category = `parked${Date.now()}`;
    const stream = newStream(category);
    await appendCounted(node, stream, 0, 3);
    const group = await define(allFromStart(), {
      filter: streamNameFilter({ prefixes: [category] }),
    });
    let answer: 'park' | 'ack' = 'park';
    const following = await consume(node, group, () => answer);
    for (let tries = 0; tries < 100; tries++) {
      if ((await info(group)).stats.parkedMessageCount === 3n) break;
      await aWhile(50);
    }
    answer = 'ack';
    await node.client.replayParkedMessagesToAll(group.group);
    await until('the replay', () => following.delivered.length === 6);
    expect(following.numbers()).to.deep.equal([0, 1, 2, 0, 1, 2]);
    const { link, event } = following.delivered[5]!;
    expect(link!.streamId).to.equal(`$persistentsubscription-$all::${group.group}-parked`);
    expect(event!.streamId).to.equal(stream);
    await following.stop();
  });

  it('knows positions: the last event and the checkpoint', async () => {
    const category = `positions${Date.now()}`;
    const stream = newStream(category);
    const group = await define(
      allFromStart({ checkPointAfter: 200, checkPointLowerBound: 1, checkPointUpperBound: 2 }),
      { filter: streamNameFilter({ prefixes: [category] }) },
    );
    const before = await info(group);
    expect(before.stats.lastCheckpointedEventPosition).to.equal(undefined);
    const following = await consume(node, group);
    await appendCounted(node, stream, 0, 9);
    const { position } = await node.client.appendToStream(stream, counted(9));
    await until('the events', () => following.delivered.length === 10);
    let checkpoint = 0n;
    for (let tries = 0; tries < 100 && checkpoint < position!.commit; tries++) {
      await aWhile(50);
      checkpoint = (await info(group)).stats.lastCheckpointedEventPosition?.commit ?? 0n;
    }
    expect(checkpoint >= position!.commit).to.equal(true);
    const { lastKnownEventPosition } = (await info(group)).stats;
    expect(lastKnownEventPosition!.commit >= position!.commit).to.equal(true);
    await following.stop();
  });

  it('comes to rest: its own checkpoints do not keep it going', async () => {
    const group = await define(
      // From the end: whatever the log holds already is not to be waited for.
      allFromStart({
        startFrom: END,
        checkPointAfter: 50,
        checkPointLowerBound: 1,
        checkPointUpperBound: 1,
      }),
    );
    const following = await consume(node, group, undefined, 500);
    const stream = newStream();
    await appendCounted(node, stream, 0, 3);
    await until('the events', () => numbersOn(following, stream).length === 3);
    await aWhile(1000);
    const delivered = following.delivered.length;
    await aWhile(2000);
    expect(following.delivered.length - delivered).to.be.lessThan(3);
    await following.stop();
  });

  for (const [what, ask] of [
    ['a consumer', undefined],
    [
      'who updates',
      (group: string) => node.client.updatePersistentSubscriptionToAll(group, allFromStart()),
    ],
    ['who deletes', (group: string) => node.client.deletePersistentSubscriptionToAll(group)],
    [
      'who asks for information',
      (group: string) => node.client.getPersistentSubscriptionToAllInfo(group),
    ],
    ['who replays', (group: string) => node.client.replayParkedMessagesToAll(group)],
  ] as const) {
    it(`is refused to ${what} when it is not there`, async () => {
      const group = newGroup();
      const error = ask
        ? await rejectionOf(ask(group))
        : (await consume(node, { stream: '$all', group })).errors[0]!;
      expect(error.constructor.name).to.equal('PersistentSubscriptionDoesNotExistError');
      expect(error).to.include({ streamName: '$all', groupName: group });
    });
  }

  it('is refused when the group is there already', async () => {
    const { group } = await define(allFromStart());
    const error = await rejectionOf(
      node.client.createPersistentSubscriptionToAll(group, allFromStart()),
    );
    expect(error.constructor.name).to.equal('PersistentSubscriptionExistsError');
    expect(error).to.include({ streamName: '$all', groupName: group });
  });
});
