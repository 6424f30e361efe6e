/** Reading ahead of a consumer: batches, positions without facts, ends and errors. */
import { expect } from 'chai';
import type { Feed, FeedItem } from '../../../projections/feed.js';
import { openIntake } from '../../../projections/intake.js';
import { createMeter } from '../../../projections/progress.js';
import { createMemoryFeed } from './memoryFeed.js';
import { recorder, start } from './simulation.js';

const made = (count: number, type = 'Wanted') => {
  const { facts, append } = recorder();
  for (let n = 0; n < count; n += 1) append('account-demo.1', [{ type, data: {} }], start);
  return facts;
};
const options = { from: null, eventTypes: ['Wanted'], ahead: 10 };

describe('an intake', () => {
  it('hands out facts in order, in batches of at most the size asked for', async () => {
    const facts = made(25);
    const intake = openIntake(createMemoryFeed(facts), options);
    const taken: bigint[] = [];
    while (taken.length < 25) {
      const batch = await intake.take(7, 0);
      expect(batch.facts.length).to.be.at.most(7);
      taken.push(...batch.facts.map(({ position }) => position));
    }
    expect(taken).to.deep.equal(facts.map(({ position }) => position));
    await intake.close();
  });

  it('reads ahead only so far', async () => {
    let handed = 0;
    const feed: Feed = {
      head: async () => null,
      async *subscribe() {
        for (const fact of made(100)) {
          handed += 1;
          yield { kind: 'fact', fact };
        }
      },
    };
    const intake = openIntake(feed, options);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(handed).to.equal(10);
    await intake.take(10, 0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(handed).to.equal(20);
    await intake.close();
  });

  it('reads ahead and hands out by what facts weigh, one at least', async () => {
    const facts = made(20);
    const intake = openIntake(createMemoryFeed(facts), {
      ...options,
      weightOf: ({ position }) => (position === 3n ? 50 : 4),
    });
    const sizes: number[] = [];
    for (let taken = 0; taken < 20; taken += sizes.at(-1) ?? 0) {
      const batch = await intake.take(9, 50);
      sizes.push(batch.facts.length);
    }
    expect(sizes.slice(0, 4)).to.deep.equal([2, 1, 2, 2]);
    await intake.close();
  });

  it('tells a position without facts, and that it has caught up, when all before is taken', async () => {
    const feed = createMemoryFeed([...made(3), ...made(5, 'Other').slice(3)]);
    const intake = openIntake(feed, options);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await intake.take(2, 0)).to.deep.include({ position: 2n, caughtUp: false });
    expect(await intake.take(2, 0)).to.deep.include({ position: 5n, caughtUp: true });
    await intake.close();
  });

  it('waits a moment for company, and not when the batch is full', async () => {
    const facts = made(6);
    const feed = createMemoryFeed();
    const intake = openIntake(feed, options);
    expect(await intake.take(5, 5_000)).to.include({ caughtUp: true });
    setTimeout(() => feed.add(facts.slice(0, 1)), 5);
    setTimeout(() => feed.add(facts.slice(1, 3)), 15);
    expect((await intake.take(5, 600)).facts.length).to.equal(3);
    const started = performance.now();
    setTimeout(() => feed.add(facts.slice(3)), 5);
    expect((await intake.take(3, 15_000)).facts.length).to.equal(3);
    expect(performance.now() - started).to.be.lessThan(10_000);
    await intake.close();
  });

  it('is interrupted without losing anything', async () => {
    const facts = made(2);
    const feed = createMemoryFeed();
    const intake = openIntake(feed, options);
    await intake.take(1, 0); // caught up
    setTimeout(() => intake.interrupt(), 5);
    expect((await intake.take(5, 0)).facts).to.deep.equal([]);
    feed.add(facts);
    expect((await intake.take(5, 20)).facts.length).to.equal(2);
    await intake.close();
  });

  it('passes on what the feed throws, after what it handed out', async () => {
    const feed: Feed = {
      head: async () => null,
      async *subscribe(): AsyncGenerator<FeedItem> {
        yield* made(1).map((fact) => ({ kind: 'fact', fact }) as const);
        throw new Error('unknown event');
      },
    };
    const intake = openIntake(feed, options);
    expect((await intake.take(5, 50)).facts.length).to.equal(1);
    const failure = await intake.take(5, 0).catch((error: Error) => error.message);
    expect(failure).to.equal('unknown event');
    await intake.close();
  });
});

describe('a meter', () => {
  it('tells rate, share and time left, also of a fill that was resumed', () => {
    let now = 0;
    const about = { name: 'balances', schema: 's', target: 1_000n };
    const meter = createMeter(about, 500n, () => now);
    expect(meter.latest()).to.include({ fraction: 0.5, eventsPerSecond: 0, secondsLeft: null });
    now = 2_000;
    expect(meter.add(100, 750n)).to.include({
      events: 100,
      fraction: 0.75,
      eventsPerSecond: 50,
      secondsLeft: 2,
    });
    expect(createMeter({ ...about, target: 0n }, 0n, () => now).latest().fraction).to.equal(1);
  });
});
