/** A feed that sleeps until something concerns its worker. */
import { expect } from 'chai';
import type { Fact, Position } from '../../../domain/fact.js';
import { dormantUntil } from '../../../workers/dormant.js';
import { createMemoryFeed } from '../projections/memoryFeed.js';
import { eventually } from './eventually.js';

const fact = (position: number, type: string): Fact =>
  ({ position: BigInt(position), type, stream: 'account-demo.1' }) as unknown as Fact;

describe('a dormant feed', () => {
  const stopping: AbortController[] = [];
  afterEach(() => stopping.splice(0).forEach((one) => one.abort()));

  const follow = (facts: readonly Fact[], from: Position | null) => {
    const feed = createMemoryFeed(facts);
    const stop = new AbortController();
    stopping.push(stop);
    const seen: Fact[] = [];
    let position = from;
    const filter = { eventTypes: ['Reserved', 'Bought'] };
    void (async () => {
      const items = dormantUntil(feed, ['Reserved']).subscribe({
        from,
        filter,
        signal: stop.signal,
      });
      for await (const item of items) {
        if (item.kind === 'fact') seen.push(item.fact);
        if (item.kind === 'checkpoint') position = item.position;
      }
    })();
    return { feed, seen, places: () => seen.map((one) => one.position), position: () => position };
  };

  it('hands out nothing before its first trigger, and knows how far it has come', async () => {
    const { feed, seen, position } = follow([fact(1, 'Bought'), fact(2, 'Bought')], null);
    await eventually(() => expect(position()).to.equal(2n));
    feed.add([fact(3, 'Bought')]);
    await eventually(() => expect(position()).to.equal(3n));
    expect(seen).to.deep.equal([]);
  });

  it('hands out the trigger and everything after it', async () => {
    const { feed, places } = follow([fact(1, 'Bought')], null);
    feed.add([fact(2, 'Reserved'), fact(3, 'Bought')]);
    await eventually(() => expect(places()).to.include(3n));
    feed.add([fact(4, 'Bought')]);
    await eventually(() => expect(places().at(-1)).to.equal(4n));
    expect(places().slice(-3)).to.deep.equal([2n, 3n, 4n]);
  });

  it('is awake from the start where the trigger lies before its place', async () => {
    const { places } = follow([fact(1, 'Reserved'), fact(2, 'Bought'), fact(3, 'Bought')], 2n);
    await eventually(() => expect(places()).to.have.length(1));
    expect(places()).to.deep.equal([3n]);
  });

  it('never goes back behind the place of its worker', async () => {
    const { feed, places, position } = follow([fact(1, 'Bought'), fact(2, 'Bought')], 2n);
    feed.add([fact(3, 'Bought'), fact(4, 'Reserved')]);
    await eventually(() => expect(places().at(-1)).to.equal(4n));
    expect(places()[0]).to.be.oneOf([3n, 4n]);
    expect(position()).to.not.equal(1n);
  });
});
