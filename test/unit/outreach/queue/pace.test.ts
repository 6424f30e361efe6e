import { expect } from 'chai';
import { createPacing, type Pacing } from '../../../../workers/outreach/pace.js';
import type { Pace, Purse } from '../../../../workers/outreach/purse.js';
import { demo, noon, north } from './known.js';
import { createMemoryPace, type MemoryPace } from './memoryPace.js';

describe('the pace of a provider', () => {
  let now: number;
  let pace: Pace | null;
  let grants: MemoryPace;
  let troubles: unknown[];
  let one: Pacing;
  let other: Pacing;
  const pacing = (): Pacing =>
    createPacing({
      ...{ grants, now: () => now, onRoom: () => undefined },
      onTrouble: (error) => troubles.push(error),
    });
  const purseOf = (of: Pacing): Purse =>
    of.purse(() => ({ tenant: demo, providerId: north, pace }));
  const settled = () => new Promise(setImmediate);

  beforeEach(() => {
    now = noon;
    pace = { perSecond: 10, burst: 20 };
    troubles = [];
    grants = createMemoryPace(() => now);
    [one, other] = [pacing(), pacing()];
  });

  /** As much as it may, for a while. @returns how many went. */
  const spend = async (purses: readonly Purse[], forMs: number): Promise<number> => {
    let sum = 0;
    for (const until = now + forMs; now <= until; now += 20) {
      for (const purse of purses) {
        purse.want(100, now, false);
        const count = purse.available(now, false);
        purse.take(count, now);
        sum += count;
      }
      await settled();
    }
    return sum;
  };

  it('is kept to by all together: a burst, then what comes back', async () => {
    const sum = await spend([purseOf(one), purseOf(other)], 10_000);
    expect(sum).to.be.within(115, 120);
  });

  it('is not faster for a process that comes and goes', async () => {
    let sum = await spend([purseOf(one)], 2_000);
    for (let start = 0; start < 5; start += 1) sum += await spend([purseOf(pacing())], 200);
    expect(sum).to.be.within(35, 51);
  });

  it('is claimed by what could go, and no more', async () => {
    const purse = purseOf(one);
    purse.want(2, now, false);
    await settled();
    expect(purse.available(now, false)).to.equal(2);
    expect(grants.claims).to.have.length(1);
    expect(purseOf(other).available(now, false), 'of another').to.equal(0);
  });

  it('is claimed for all providers of a moment at once', async () => {
    const south = one.purse(() => ({ tenant: demo, providerId: 'south' as never, pace }));
    purseOf(one).want(1, now, false);
    south.want(1, now, false);
    await settled();
    expect(grants.claims.map(({ length }) => length)).to.deep.equal([2]);
  });

  it('gives back what was not used in time, and what is left in the end', async () => {
    pace = { perSecond: 1, burst: 8 };
    const purse = purseOf(one);
    purse.want(2, now, false);
    await settled();
    now += 600;
    expect(purse.available(now, false)).to.equal(0);
    purse.want(1, now, false);
    await settled();
    expect(grants.claims[1]?.[0]).to.include({ back: 2, wanted: 1 });
    await one.close();
    const rest = purseOf(other);
    let sum = 0;
    for (let round = 0; round < 5; round += 1) {
      rest.want(8, now, false);
      await settled();
      sum += rest.available(now, false);
      rest.take(rest.available(now, false), now);
    }
    expect(sum, 'a full bucket again').to.equal(8);
  });

  it('lets a one-time password go on credit where there may be some, and counts it', async () => {
    const purse = purseOf(one);
    expect(purse.available(now, true)).to.equal(1);
    purse.take(1, now);
    expect(purse.available(now, true), 'one at a time').to.equal(0);
    expect(purse.available(now, false)).to.equal(0);
    await settled();
    expect(grants.claims[0]?.[0]).to.include({ back: -1 });
    await spend([purseOf(other)], 0);
    const sum = 1 + purse.available(now, false) + (await spend([purse, purseOf(other)], 1_000));
    expect(sum).to.be.within(24, 31);
  });

  it('gives no credit where there is nothing', async () => {
    pace = { perSecond: 1, burst: 20 };
    const purse = purseOf(one);
    expect(await spend([purseOf(other)], 500)).to.equal(20);
    purse.want(1, now, true);
    await settled();
    expect(purse.isDry(1, now, true)).to.equal(true);
    expect(purse.available(now, true)).to.equal(0);
    expect(purse.nextAt(now, 1, true) - now).to.be.within(400, 600);
  });

  it('lets one through that needs more than there ever is, once the bucket is full', async () => {
    pace = { perSecond: 1, burst: 2 };
    const purse = purseOf(one);
    const has = async (): Promise<boolean> => {
      purse.nextAt(now, 7, false);
      await settled();
      return purse.available(now, false) >= 7;
    };
    expect(await has()).to.equal(true);
    purse.take(7, now);
    let seconds = 0;
    for (; !(await has()) && seconds < 30; seconds += 1) now += 1_000;
    expect(seconds).to.be.within(6, 8);
  });

  it('asks ten times a second at most where there is nothing, and goes on after trouble', async () => {
    const purse = purseOf(one);
    await spend([purse], 3_000);
    expect(grants.claims.length).to.be.lessThan(40);
    grants.fault = new Error('the database is away');
    const before = grants.claims.length;
    await spend([purse], 2_000);
    expect(grants.claims.length - before).to.be.within(1, 6);
    expect(troubles).to.have.length(grants.claims.length - before);
    grants.fault = null;
    expect(await spend([purse], 2_000)).to.be.greaterThan(10);
  });

  it('is no matter where none is set', () => {
    pace = null;
    const purse = purseOf(one);
    purse.take(1_000_000, now);
    expect(purse.available(now, false)).to.equal(Infinity);
    expect(grants.claims).to.deep.equal([]);
  });
});
