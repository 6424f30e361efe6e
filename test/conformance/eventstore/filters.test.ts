/** Filters of subscriptions to $all, and the checkpoints that say how far they have looked. */
import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  type Filter,
  jsonEvent,
  type Position,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, newStream, until, useNode } from './node.js';
import { collect } from './subscriber.js';

describe('a filtered subscription to $all', function () {
  this.timeout(120_000);
  const node = useNode();
  const subscribe = (filter: Filter, fromPosition: Position | typeof START | typeof END = END) => {
    const subscription = node.client.subscribeToAll({ fromPosition, filter });
    return { subscription, ...collect(subscription) };
  };
  /** Two categories of two types each, and a type that begins like another. */
  const words = () => {
    const tag = newStream('').replaceAll('-', '');
    return { tag, left: `left${tag}`, right: `right${tag}` };
  };
  const write = async ({ left, right }: { left: string; right: string }) => {
    const first = await node.client.appendToStream(newStream('before'), counted(0));
    for (const category of [left, right])
      for (const verb of ['Happened', 'Left'])
        await node.client.appendToStream(
          `${category}-1`,
          jsonEvent({ type: `${category}${verb}`, data: { n: 1 } }),
        );
    return first.position!;
  };

  const filters: Record<
    string,
    {
      of: (w: { tag: string; left: string; right: string }) => Filter;
      gives: (w: { left: string; right: string }) => string[];
    }
  > = {
    'a prefix of the stream name': {
      of: ({ left }) => streamNameFilter({ prefixes: [left] }),
      gives: ({ left }) => [`${left}Happened`, `${left}Left`],
    },
    'the whole stream name as a prefix': {
      of: ({ right }) => streamNameFilter({ prefixes: [`${right}-1`] }),
      gives: ({ right }) => [`${right}Happened`, `${right}Left`],
    },
    'any of several prefixes of the stream name': {
      of: ({ left, right }) => streamNameFilter({ prefixes: [`${left}-`, `${right}-`] }),
      gives: ({ left, right }) => [
        `${left}Happened`,
        `${left}Left`,
        `${right}Happened`,
        `${right}Left`,
      ],
    },
    'an expression over the stream name': {
      of: ({ right }) => streamNameFilter({ regex: `^${right}-[0-9]$` }),
      gives: ({ right }) => [`${right}Happened`, `${right}Left`],
    },
    'an expression that may match anywhere in the stream name': {
      of: ({ tag }) => streamNameFilter({ regex: `ght${tag}` }),
      gives: ({ right }) => [`${right}Happened`, `${right}Left`],
    },
    'a prefix of the event type': {
      of: ({ left }) => eventTypeFilter({ prefixes: [`${left}Ha`] }),
      gives: ({ left }) => [`${left}Happened`],
    },
    'any of several prefixes of the event type': {
      of: ({ left, right }) => eventTypeFilter({ prefixes: [`${left}L`, `${right}L`] }),
      gives: ({ left, right }) => [`${left}Left`, `${right}Left`],
    },
    'an expression over the event type': {
      of: ({ left, right }) => eventTypeFilter({ regex: `^(${left}|${right})Left$` }),
      gives: ({ left, right }) => [`${left}Left`, `${right}Left`],
    },
    'letters in their case': {
      of: ({ left, right }) =>
        streamNameFilter({ prefixes: [left.toUpperCase(), right.replace('r', 'R'), left] }),
      gives: ({ left }) => [`${left}Happened`, `${left}Left`],
    },
  };

  for (const [what, { of, gives }] of Object.entries(filters)) {
    it(`goes by ${what}, in history and live alike`, async () => {
      const history = words();
      const before = await write(history);
      const past = subscribe(of(history), before);
      await until('history', () => past.events.length === gives(history).length);
      expect(past.events.map(({ type }) => type)).to.deep.equal(gives(history));
      const now = words();
      const live = subscribe(of(now));
      await until('the head', live.hasCaughtUp);
      await write(now);
      await until('live events', () => live.events.length === gives(now).length);
      expect(live.events.map(({ type }) => type)).to.deep.equal(gives(now));
      await past.subscription.unsubscribe();
      await live.subscription.unsubscribe();
    });
  }

  it('leaves out system events, and those alone', async () => {
    const stream = newStream();
    const { subscription, events, hasCaughtUp } = subscribe(excludeSystemEvents());
    await until('the head', hasCaughtUp);
    await node.client.setStreamMetadata(stream, { maxCount: 5 });
    await node.client.appendToStream(stream, [counted(7), jsonEvent({ type: '$own', data: {} })]);
    await node.client.appendToStream(stream, counted(8));
    const mine = () => events.filter(({ streamId }) => streamId.includes(stream));
    await until('the events', () => mine().length === 2);
    expect(mine().map(({ n }) => n)).to.deep.equal([7, 8]);
    await subscription.unsubscribe();
  });

  it('finds the metadata of streams when asked for them', async () => {
    const stream = newStream();
    const filter = streamNameFilter({ prefixes: [`$$${stream}`] });
    const { subscription, events, hasCaughtUp } = subscribe(filter);
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(stream, counted(1));
    await node.client.setStreamMetadata(stream, { maxCount: 5 });
    await until('the metadata', () => events.length === 1);
    expect(events[0]!.type).to.equal('$metadata');
    await subscription.unsubscribe();
  });

  it('knows letters of other scripts', async () => {
    const stream = `щука-${newStream()}`;
    const { subscription, events, hasCaughtUp } = subscribe(
      streamNameFilter({ prefixes: [stream.slice(0, 12)] }),
    );
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(stream, counted(1));
    await until('the event', () => events.length === 1);
    await subscription.unsubscribe();
  });

  it('says once that it has caught up, also when nothing passes', async () => {
    const filter = streamNameFilter({ prefixes: [newStream('nobody')] });
    const { subscription, events, signals, hasCaughtUp } = subscribe(filter, START);
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(newStream(), counted(1));
    expect(events).to.be.empty;
    expect(signals).to.deep.equal(['confirmation@0', 'caughtUp@0']);
    await subscription.unsubscribe();
  });

  it('passes over many and finds the few', async () => {
    const wanted = newStream('few');
    const { position } = await node.client.appendToStream(newStream(), counted(0));
    for (let i = 0; i < 4; i++) {
      await node.client.appendToStream(newStream(), countedUpTo(400));
      await node.client.appendToStream(wanted, counted(i));
    }
    const { subscription, events } = subscribe(streamNameFilter({ prefixes: [wanted] }), position!);
    await until('the few', () => events.length === 4);
    expect(events.map(({ n }) => n)).to.deep.equal([0, 1, 2, 3]);
    await subscription.unsubscribe();
  });

  it('refuses an expression that is none', async () => {
    const { errors } = subscribe(streamNameFilter({ regex: '(' }));
    await until('an error', () => errors.length > 0);
    expect(errors[0]).to.have.property('type', 'unknown');
  });

  it('refuses search windows and intervals that are none, in the client', () => {
    expect(() => subscribe(streamNameFilter({ prefixes: ['a'], maxSearchWindow: 0 }))).to.throw(
      /MaxSearchWindow/,
    );
    expect(() => subscribe(streamNameFilter({ prefixes: ['a'], checkpointInterval: 0 }))).to.throw(
      /CheckpointInterval/,
    );
  });
});

describe('checkpoints of a filtered subscription', function () {
  this.timeout(120_000);
  const node = useNode();

  const watch = (
    wanted: string,
    fromPosition: Position | typeof END,
    interval: { checkpointInterval?: number; maxSearchWindow?: number },
  ) => {
    const checkpoints: Position[] = [];
    const subscription = node.client.subscribeToAll({
      fromPosition,
      filter: streamNameFilter({
        prefixes: [wanted],
        ...interval,
        checkpointReached: async (_subscription, position) => void checkpoints.push(position),
      }),
    });
    return { subscription, checkpoints, ...collect(subscription) };
  };
  const ascending = (positions: readonly Position[]) =>
    positions.every(({ commit }, i) => i === 0 || commit > positions[i - 1]!.commit);

  it('come once for every window of what was passed over live', async () => {
    const wanted = newStream('wanted');
    const window = { checkpointInterval: 2, maxSearchWindow: 5 };
    const { subscription, checkpoints, hasCaughtUp } = watch(wanted, END, window);
    await until('the head', hasCaughtUp);
    const { position } = await node.client.appendToStream(newStream(), countedUpTo(45));
    await until('four checkpoints', () => checkpoints.length >= 4);
    expect(ascending(checkpoints)).to.equal(true);
    expect(checkpoints[3]!.commit <= position!.commit).to.equal(true);
    await subscription.unsubscribe();
  });

  it('come every 32 events unless told otherwise', async () => {
    const wanted = newStream('wanted');
    const { subscription, checkpoints, hasCaughtUp } = watch(wanted, END, {});
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(newStream(), countedUpTo(200));
    await until('six checkpoints', () => checkpoints.length >= 6);
    expect(ascending(checkpoints)).to.equal(true);
    await subscription.unsubscribe();
  });

  it('come in history too', async () => {
    const wanted = newStream('wanted');
    const first = await node.client.appendToStream(newStream(), counted(0));
    const last = await node.client.appendToStream(newStream(), countedUpTo(300));
    const { subscription, checkpoints, hasCaughtUp } = watch(wanted, first.position!, {});
    await until('the head', hasCaughtUp);
    expect(checkpoints.length).to.be.at.least(4);
    expect(ascending(checkpoints)).to.equal(true);
    expect(checkpoints[0]!.commit >= first.position!.commit).to.equal(true);
    expect(checkpoints[3]!.commit <= last.position!.commit).to.equal(true);
    await subscription.unsubscribe();
  });

  it('are places to go on from: nothing passed over, nothing twice', async () => {
    const wanted = newStream('wanted');
    const { subscription, checkpoints, events, hasCaughtUp } = watch(wanted, END, {
      maxSearchWindow: 10,
    });
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(newStream(), countedUpTo(25));
    await until('two checkpoints', () => checkpoints.length >= 2);
    await node.client.appendToStream(wanted, countedUpTo(3));
    await until('the events', () => events.length === 3);
    await subscription.unsubscribe();
    const early = checkpoints.filter(({ commit }) => commit < events[0]!.position);
    for (const checkpoint of early) {
      const again = watch(wanted, checkpoint, {});
      await until('the events again', () => again.events.length === 3);
      await again.subscription.unsubscribe();
    }
    expect(early.length).to.be.at.least(2);
  });

  it('hold the next event back until they have been dealt with', async () => {
    const wanted = newStream('wanted');
    const order: string[] = [];
    const subscription = node.client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({
        prefixes: [wanted],
        maxSearchWindow: 5,
        checkpointReached: async () => {
          order.push('begins');
          await new Promise((resolve) => setTimeout(resolve, 30));
          order.push('ends');
        },
      }),
    });
    subscription.on('data', () => order.push('event'));
    const { hasCaughtUp } = collect(subscription);
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(newStream(), countedUpTo(5));
    await node.client.appendToStream(wanted, counted(1));
    await until('the event', () => order.includes('event'));
    expect(order.slice(0, 3)).to.deep.equal(['begins', 'ends', 'event']);
    await subscription.unsubscribe();
  });
});
