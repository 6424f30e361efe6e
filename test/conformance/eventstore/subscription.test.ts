import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, newStream, type Node, startNode, until } from './node.js';

type Subscription = ReturnType<Node['client']['subscribeToAll']>;

/** Collects what a subscription gives until told to stop. */
const collect = (subscription: {
  on(name: 'data', listener: (resolved: { event?: unknown }) => void): unknown;
  on(name: 'caughtUp' | 'confirmation' | 'fellBehind', listener: () => void): unknown;
}) => {
  const events: {
    streamId: string;
    revision: bigint;
    type: string;
    position: bigint;
    n: number;
  }[] = [];
  const signals: string[] = [];
  subscription.on('data', ({ event }) => {
    const { streamId, revision, type, position, data } = event as {
      streamId: string;
      revision: bigint;
      type: string;
      position: { commit: bigint };
      data: { n: number };
    };
    events.push({ streamId, revision, type, position: position.commit, n: data.n });
  });
  for (const signal of ['confirmation', 'caughtUp', 'fellBehind'] as const) {
    subscription.on(signal, () => signals.push(`${signal}@${events.length}`));
  }
  return { events, signals };
};

describe('catch-up subscriptions', function () {
  this.timeout(60_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  it('give a stream from its start, then what is appended, and say when they caught up', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(3));
    const subscription = node.client.subscribeToStream(stream);
    const { events, signals } = collect(subscription);
    await until('history', () => events.length === 3 && signals.length === 2);
    for (let n = 3; n < 6; n++) await node.client.appendToStream(stream, counted(n));
    await node.client.appendToStream(newStream(), counted(99));
    await until('live events', () => events.length === 6);
    expect(events.map(({ n }) => n)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(signals).to.deep.equal(['confirmation@0', 'caughtUp@3']);
    await subscription.unsubscribe();
  });

  it('begin after the revision or position they name, or at the end', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(5));
    const after2 = node.client.subscribeToStream(stream, { fromRevision: 2n });
    const atEnd = node.client.subscribeToStream(stream, { fromRevision: END });
    const allAtEnd = node.client.subscribeToAll({ fromPosition: END });
    const collected = [collect(after2), collect(atEnd), collect(allAtEnd)] as const;
    await until('all caught up', () => collected.every(({ signals }) => signals.length === 2));
    const { position } = await node.client.appendToStream(stream, counted(5));
    const fromPosition = node.client.subscribeToAll({ fromPosition: position! });
    const last = collect(fromPosition);
    await until('caught up', () => last.signals.length === 2);
    await node.client.appendToStream(stream, counted(6));
    await until('events', () => collected[1].events.length === 2 && last.events.length === 1);
    await until(
      'events',
      () => collected[0].events.length === 4 && collected[2].events.length === 2,
    );
    expect(collected[0].events.map(({ n }) => n)).to.deep.equal([3, 4, 5, 6]);
    expect(collected[1].events.map(({ n }) => n)).to.deep.equal([5, 6]);
    expect(collected[2].events.map(({ n }) => n)).to.deep.equal([5, 6]);
    expect(last.events.map(({ n }) => n)).to.deep.equal([6]);
    for (const subscription of [after2, atEnd, allAtEnd, fromPosition])
      await subscription.unsubscribe();
  });

  it('wait for a stream that does not exist yet', async () => {
    const stream = newStream();
    const subscription = node.client.subscribeToStream(stream);
    const { events, signals } = collect(subscription);
    await until('caught up', () => signals.length === 2);
    await node.client.appendToStream(stream, countedUpTo(2));
    await until('events', () => events.length === 2);
    expect(events.map(({ revision }) => revision)).to.deep.equal([0n, 1n]);
    await subscription.unsubscribe();
  });

  it('go from history to live without gap or duplicate while writers run', async () => {
    const category = `race${Date.now()}`;
    const streams = Array.from({ length: 16 }, () => newStream(category));
    let writing = true;
    let written = 0;
    const writers = streams.map(async (stream) => {
      for (let n = 0; writing; n++) {
        await node.client.appendToStream(stream, counted(n));
        written++;
      }
    });
    await until('a history', () => written > 1500, 40_000);
    const subscriptions = [0, 1, 2].map(() =>
      node.client.subscribeToAll({
        fromPosition: START,
        filter: streamNameFilter({ prefixes: [category] }),
      }),
    );
    const plain = node.client.subscribeToAll();
    const one = node.client.subscribeToStream(streams[0]!);
    const collected = [...subscriptions, plain].map(collect);
    const ofOne = collect(one);
    const target = written + 1500;
    await until('some live events', () => written > target, 40_000);
    writing = false;
    await Promise.all(writers);
    for (const { events } of collected) {
      const mine = () => events.filter(({ streamId }) => streamId.startsWith(category));
      await until('all events', () => mine().length >= written);
      expect(mine()).to.have.length(written);
      const positions = events.map(({ position }) => position);
      expect(positions.every((position, i) => i === 0 || position > positions[i - 1]!)).to.equal(
        true,
      );
      for (const stream of streams) {
        const revisions = mine().filter(({ streamId }) => streamId === stream);
        expect(revisions.every(({ revision }, i) => revision === BigInt(i))).to.equal(true);
      }
    }
    const expectedOfOne = collected[0]!.events.filter(({ streamId }) => streamId === streams[0]);
    await until('all events of the stream', () => ofOne.events.length >= expectedOfOne.length);
    expect(ofOne.events).to.deep.equal(expectedOfOne);
    for (const subscription of [...subscriptions, plain, one]) await subscription.unsubscribe();
  });

  it('end on the server when the client unsubscribes, and others go on', async () => {
    const stream = newStream();
    const stays = node.client.subscribeToStream(stream);
    const { events } = collect(stays);
    for (let i = 0; i < 10; i++) {
      const leaves = node.client.subscribeToAll({ fromPosition: END });
      const { signals } = collect(leaves);
      await until('caught up', () => signals.length === 2);
      await leaves.unsubscribe();
    }
    await node.client.appendToStream(stream, counted(0));
    await until('the event', () => events.length === 1);
    await stays.unsubscribe();
  });
});

describe('filtered subscriptions to $all', function () {
  this.timeout(30_000);
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.stop());

  const follow = (filter: NonNullable<Parameters<Node['client']['subscribeToAll']>[0]>['filter']) =>
    node.client.subscribeToAll({ fromPosition: END, ...(filter ? { filter } : {}) });

  it('pass by prefix or expression, on stream name or event type', async () => {
    const [left, right] = [`left${Date.now()}`, `right${Date.now()}`];
    const filters = [
      streamNameFilter({ prefixes: [left] }),
      streamNameFilter({ prefixes: [left, right] }),
      streamNameFilter({ regex: `^${right}-.*` }),
      eventTypeFilter({ prefixes: [`${left}Ha`] }),
      eventTypeFilter({ regex: `^(${left}|${right})Left$` }),
    ];
    const subscriptions: Subscription[] = filters.map(follow);
    const collected = subscriptions.map(collect);
    await until('all caught up', () => collected.every(({ signals }) => signals.length === 2));
    for (const category of [left, right]) {
      for (const verb of ['Happened', 'Left']) {
        const event = jsonEvent({ type: `${category}${verb}`, data: { n: 1 } });
        await node.client.appendToStream(newStream(category), event);
      }
    }
    await until('events', () =>
      collected.every(({ events }, i) => events.length === [2, 4, 2, 1, 2][i]),
    );
    expect(collected[4]!.events.map(({ type }) => type)).to.deep.equal([
      `${left}Left`,
      `${right}Left`,
    ]);
    for (const subscription of subscriptions) await subscription.unsubscribe();
  });

  it('exclude system events', async () => {
    const stream = newStream();
    const subscription = follow(excludeSystemEvents());
    const { events, signals } = collect(subscription);
    await until('caught up', () => signals.length === 2);
    await node.client.setStreamMetadata(stream, { maxCount: 5 });
    await node.client.appendToStream(stream, counted(7));
    await until('the event', () => events.length === 1);
    expect(events[0]!.n).to.equal(7);
    await subscription.unsubscribe();
  });

  it('report checkpoints for what they passed over, from which one can go on', async () => {
    const wanted = `wanted${Date.now()}`;
    const checkpoints: bigint[] = [];
    const subscription = follow(
      streamNameFilter({
        prefixes: [wanted],
        checkpointInterval: 2,
        maxSearchWindow: 5,
        checkpointReached: async (_subscription, { commit }) => void checkpoints.push(commit),
      }),
    );
    const { events, signals } = collect(subscription);
    await until('caught up', () => signals.length === 2);
    const { position: first } = await node.client.appendToStream(newStream(), countedUpTo(25));
    await until('two checkpoints', () => checkpoints.length === 2);
    await node.client.appendToStream(newStream(wanted), counted(1));
    await until('the event', () => events.length === 1);
    const begin = first!.commit - 24n;
    expect(checkpoints).to.deep.equal([begin + 9n, begin + 19n]);
    await subscription.unsubscribe();

    const at = { commit: checkpoints[1]!, prepare: checkpoints[1]! };
    const again = node.client.subscribeToAll({
      fromPosition: at,
      filter: streamNameFilter({ prefixes: [wanted] }),
    });
    const resumed = collect(again);
    await until('the event again', () => resumed.events.length === 1);
    await again.unsubscribe();
  });

  it('refuse an expression that is none', async () => {
    const subscription = follow(streamNameFilter({ regex: '(' }));
    const failures: Error[] = [];
    subscription.on('error', (error) => failures.push(error));
    await until('an error', () => failures.length > 0);
    expect(failures[0]!.message).to.match(/regular expression/);
  });
});
