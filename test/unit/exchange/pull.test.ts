/** The pages of a pull: bounded in events and in bytes, and nothing is lost between two of them. */
import { expect } from 'chai';
import { createPull, pageBytesMax, type Pulled } from '../../../commands/publication/pull.js';
import { createReveal } from '../../../commands/publication/reveal.js';
import { bank, cars, type Dealership, openDealership } from './dealership.js';

describe('a page of a pull', () => {
  let world: Dealership;
  /** How many events each read of the log took. */
  let reads: number[];
  let pull: (after: number | null, limit: number) => Promise<Pulled>;

  beforeEach(async () => {
    world = await openDealership();
    reads = [];
    const { directory, arrivals, log } = world.parts;
    const pullAll = createPull({
      ...{ directory, arrivals, reveal: createReveal(world.keys) },
      log: {
        read: async (stream, from, count) => {
          const facts = await log.read(stream, from, count);
          reads.push(facts.length);
          return facts;
        },
      },
      monotonicMs: () => performance.now(),
      now: () => world.clock.now,
    });
    pull = (after, limit) =>
      pullAll(
        { topicId: cars, partnerId: bank, after, limit, waitMs: 0 },
        world.context().tenant,
        new AbortController().signal,
      );
  });

  const publish = async (count: number, bytes: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const data = { text: 'x'.repeat(bytes) };
      await world.publish(world.publication(`${bytes}-${n}`, { data }));
    }
  };
  const places = (pulled: Pulled): number[] => pulled.items.map(({ place }) => place);

  it('has as many events as were asked for, where they are small', async () => {
    await publish(90, 10);
    const pulled = await pull(null, 80);
    expect(places(pulled)).to.deep.equal(Array.from({ length: 80 }, (_nothing, n) => n));
    expect(pulled.next).to.equal(79);
    expect(reads).to.deep.equal([32, 48]);
    expect(places(await pull(79, 80))).to.have.length(10);
    expect((await pull(89, 80)).next).to.equal(89);
  });

  it('ends before it grows beyond its bytes, and goes on with the very next', async () => {
    await publish(40, 200_000);
    const seen: number[] = [];
    let after: number | null = null;
    for (let pages = 0; pages < 10; pages += 1) {
      const pulled: Pulled = await pull(after, 500);
      const bytes = JSON.stringify(pulled.items.map(({ publication }) => publication)).length;
      expect(bytes).to.be.below(pageBytesMax + 1_000);
      seen.push(...places(pulled));
      if (pulled.next === after) break;
      after = pulled.next;
    }
    expect(seen).to.deep.equal(Array.from({ length: 40 }, (_nothing, n) => n));
    expect(after).to.equal(39);
  });

  it('reads few of them at once where they turn out large', async () => {
    await publish(60, 100_000);
    await pull(null, 500);
    expect(Math.max(...reads)).to.be.at.most(32);
    expect(reads.reduce((sum, count) => sum + count, 0)).to.be.below(60);
  });
});
