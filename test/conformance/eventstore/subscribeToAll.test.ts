/** Catch-up subscriptions to $all without a filter, and the race between history and what is appended meanwhile. */
import { END, type Position, START, streamNameFilter } from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, eventsOf, newStream, until, useNode } from './node.js';
import { collect, type Received } from './subscriber.js';

describe('a subscription to $all', function () {
  this.timeout(120_000);
  const node = useNode();
  const subscribe = (options: Parameters<typeof node.client.subscribeToAll>[0] = {}) => {
    const subscription = node.client.subscribeToAll(options);
    return { subscription, ...collect(subscription) };
  };
  const written = async (count: number) => {
    const stream = newStream();
    const { position } = await node.client.appendToStream(stream, countedUpTo(count));
    return { stream, position: position! };
  };
  const of = (stream: string, events: readonly Received[]) =>
    events.filter(({ streamId }) => streamId === stream);

  for (const [name, options] of Object.entries({
    'from the start, if nothing else is asked': {},
    'from the start': { fromPosition: START },
  } as const)) {
    it(`gives everything ${name}, then what is appended`, async () => {
      const { stream } = await written(3);
      const { subscription, events, signals, hasCaughtUp } = subscribe(options);
      await until('history', hasCaughtUp);
      expect(of(stream, events).map(({ n }) => n)).to.deep.equal([0, 1, 2]);
      await node.client.appendToStream(stream, counted(3));
      await until('the new event', () => of(stream, events).length === 4);
      expect(signals[0]).to.equal('confirmation@0');
      expect(signals.filter((signal) => signal.startsWith('caughtUp'))).to.have.length(1);
      await subscription.unsubscribe();
    });
  }

  it('begins after the position it names', async () => {
    const { stream } = await written(5);
    const [, , third] = await eventsOf(node.client.readStream(stream));
    const { subscription, events } = subscribe({ fromPosition: third!.position! });
    await until('history', () => of(stream, events).length === 2);
    expect(events[0]).to.include({ streamId: stream, n: 3 });
    await subscription.unsubscribe();
  });

  it('begins after the position of an answer with what is appended after it', async () => {
    const { stream, position } = await written(2);
    const { subscription, events, hasCaughtUp } = subscribe({ fromPosition: position });
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(stream, counted(2));
    await until('the new event', () => of(stream, events).length === 1);
    expect(of(stream, events)[0]!.n).to.equal(2);
    await subscription.unsubscribe();
  });

  it('begins at the end with what is appended', async () => {
    const { stream } = await written(3);
    const { subscription, events, hasCaughtUp } = subscribe({ fromPosition: END });
    await until('the head', hasCaughtUp);
    await node.client.appendToStream(stream, [counted(3), counted(4)]);
    await until('the new events', () => of(stream, events).length === 2);
    expect(of(stream, events).map(({ n }) => n)).to.deep.equal([3, 4]);
    await subscription.unsubscribe();
  });

  it('gives the same events as a read, in the same order', async () => {
    const { stream, position } = await written(1);
    const received: { streamId: string }[] = [];
    const subscription = node.client.subscribeToAll({ fromPosition: position });
    subscription.on('data', ({ event }) => received.push(event!));
    await node.client.setStreamMetadata(stream, { maxCount: 7 });
    await node.client.appendToStream(stream, countedUpTo(10));
    await node.client.tombstoneStream(stream);
    const mine = () => received.filter(({ streamId }) => streamId.endsWith(stream));
    await until('all', () => mine().length === 12);
    const read = await eventsOf(node.client.readAll({ fromPosition: position }));
    expect(mine()).to.deep.equal(read.filter(({ streamId }) => streamId.endsWith(stream)).slice(1));
    await subscription.unsubscribe();
  });

  it('goes on from where another one was left', async () => {
    const { stream, position } = await written(1);
    await node.client.appendToStream(stream, countedUpTo(30));
    const seen: number[] = [];
    let from: Position = position;
    while (seen.length < 30) {
      const subscription = node.client.subscribeToAll({ fromPosition: from });
      let taken = 0;
      for await (const { event } of subscription) {
        from = event!.position!;
        if (event!.streamId === stream) seen.push((event!.data as { n: number }).n);
        if (++taken === 7 || seen.length === 30) break;
      }
      await subscription.unsubscribe();
    }
    expect(seen).to.deep.equal(Array.from({ length: 30 }, (_nothing, n) => n));
  });

  it('goes from history to live without gap or duplicate while writers run', async () => {
    const category = newStream('race');
    const streams = Array.from({ length: 16 }, (_nothing, n) => `${category}-${n}`);
    const { position: begin } = await written(1);
    let writing = true;
    let count = 0;
    const writers = streams.map(async (stream) => {
      for (let n = 0; writing; n++) {
        await node.client.appendToStream(stream, counted(n));
        count++;
      }
    });
    await until('a history', () => count > 1000, 40_000);
    const filter = streamNameFilter({ prefixes: [category] });
    const followers = [
      subscribe({ filter, fromPosition: begin }),
      subscribe({ filter }),
      subscribe({ fromPosition: begin }),
    ];
    const one = node.client.subscribeToStream(streams[0]!);
    const ofOne = collect(one);
    const target = count + 1000;
    await until('some live events', () => count > target, 40_000);
    writing = false;
    await Promise.all(writers);
    for (const { events } of followers) {
      const mine = () => events.filter(({ streamId }) => streamId.startsWith(category));
      await until('all events', () => mine().length >= count);
      expect(mine()).to.have.length(count);
      const positions = events.map(({ position }) => position);
      expect(positions.every((at, i) => i === 0 || at > positions[i - 1]!)).to.equal(true);
      for (const stream of streams)
        expect(of(stream, events).every(({ revision }, i) => revision === BigInt(i))).to.equal(
          true,
        );
    }
    const expectedOfOne = of(streams[0]!, followers[0]!.events);
    await until('the events of one', () => ofOne.events.length >= expectedOfOne.length);
    expect(ofOne.events).to.deep.equal(expectedOfOne);
    for (const { subscription } of followers) await subscription.unsubscribe();
    await one.unsubscribe();
  });

  it('loses nothing for a consumer that stops for a while', async () => {
    const { stream, position } = await written(1);
    const large = 'x'.repeat(2_000);
    const received: bigint[] = [];
    let from: Position = position;
    // A server may drop a consumer that is too slow for it; such a one subscribes again from where it was.
    const follow = (): ReturnType<typeof node.client.subscribeToAll> => {
      const subscription = node.client.subscribeToAll({ fromPosition: from });
      subscription.on('error', (error) => {
        expect(error).to.have.property('type', 'timeout');
        current = follow();
      });
      subscription.on('data', ({ event }) => {
        from = event!.position!;
        if (event!.streamId === stream) received.push(event!.revision);
      });
      return subscription;
    };
    let current = follow();
    await node.client.appendToStream(stream, counted(1));
    await until('a first event', () => received.length === 1);
    current.pause();
    for (let i = 0; i < 20; i++)
      await node.client.appendToStream(
        stream,
        countedUpTo(100).map((event) => ({ ...event, data: { n: 1, large } })),
      );
    expect(received.length).to.be.lessThan(2001);
    current.resume();
    await until('the rest', () => received.length === 2001);
    expect(received).to.deep.equal(Array.from({ length: 2001 }, (_nothing, n) => BigInt(n + 1)));
    await current.unsubscribe();
  });

  it('ends on the server when the client unsubscribes, and others go on', async () => {
    const { stream, position } = await written(1);
    const stays = subscribe({ fromPosition: position });
    for (let i = 0; i < 10; i++) {
      const leaves = subscribe({ fromPosition: END });
      await until('the head', leaves.hasCaughtUp);
      await leaves.subscription.unsubscribe();
      expect(leaves.errors).to.be.empty;
    }
    await node.client.appendToStream(stream, counted(1));
    await until('the event', () => of(stream, stays.events).length === 1);
    await stays.subscription.unsubscribe();
  });

  it('may be one of thirty with places of their own', async () => {
    const { stream, position } = await written(1);
    await node.client.appendToStream(stream, countedUpTo(30));
    const read = await eventsOf(node.client.readStream(stream));
    const all = read.slice(0, 30).map((event) => subscribe({ fromPosition: event.position! }));
    await node.client.appendToStream(stream, counted(31));
    await until('all', () => all.every(({ events }, i) => of(stream, events).length === 31 - i));
    expect(position.commit > 0n).to.equal(true);
    await Promise.all(all.map(({ subscription }) => subscription.unsubscribe()));
  });
});
