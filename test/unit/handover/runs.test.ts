/** Runs of places with the first and the last time of each: merging them loses nothing and makes nothing up. */
import { expect } from 'chai';
import fc from 'fast-check';
import { type Run, withHandover } from '../../../domain/handover/runs.js';

interface Times {
  readonly firstAt: number;
  readonly lastAt: number;
}
type Handed = readonly { readonly first: number; readonly last: number; readonly at: number }[];

const handed: fc.Arbitrary<Handed> = fc.array(
  fc
    .record({
      first: fc.integer({ min: 0, max: 40 }),
      more: fc.integer({ min: 0, max: 15 }),
      at: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ first, more, at }) => ({ first, last: first + more, at })),
  { maxLength: 12 },
);

const merged = (all: Handed): Run[] =>
  all.reduce<Run[]>((runs, { first, last, at }) => withHandover(runs, first, last, at), []);

/** Place by place, without a thought. */
const oneByOne = (all: Handed): Map<number, Times> => {
  const places = new Map<number, Times>();
  for (const { first, last, at } of all) {
    for (let place = first; place <= last; place += 1) {
      const { firstAt, lastAt } = places.get(place) ?? { firstAt: at, lastAt: at };
      places.set(place, { firstAt: Math.min(firstAt, at), lastAt: Math.max(lastAt, at) });
    }
  }
  return places;
};

const takenApart = (runs: readonly Run[]): Map<number, Times> =>
  new Map(
    runs.flatMap(({ first, last, firstAt, lastAt }) =>
      Array.from({ length: last - first + 1 }, (_, n): [number, Times] => [
        first + n,
        { firstAt, lastAt },
      ]),
    ),
  );

describe('runs of places that were handed over', () => {
  it('are exactly the places handed over, with the first and the last time of each', () => {
    fc.assert(
      fc.property(handed, (all) => {
        const byPlace = [...oneByOne(all)].sort(([one], [other]) => one - other);
        expect([...takenApart(merged(all))]).to.deep.equal(byPlace);
      }),
      { numRuns: 300 },
    );
  });

  it('are in order, and neighbours that touch differ in a time', () => {
    fc.assert(
      fc.property(handed, (all) => {
        const runs = merged(all);
        for (const [index, run] of runs.entries()) {
          expect(run.last).to.be.at.least(run.first);
          const next = runs[index + 1];
          if (!next) continue;
          expect(next.first).to.be.greaterThan(run.last);
          const same = next.firstAt === run.firstAt && next.lastAt === run.lastAt;
          if (same) expect(next.first).to.be.greaterThan(run.last + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('come to the same in whatever order they are told', () => {
    fc.assert(
      fc.property(handed, (all) => {
        expect(merged([...all].reverse())).to.deep.equal(merged(all));
      }),
      { numRuns: 200 },
    );
  });

  it('make one of a page, however long', () => {
    const twice = withHandover(withHandover([], 0, 99, 5), 0, 99, 9);
    expect(twice).to.deep.equal([{ first: 0, last: 99, firstAt: 5, lastAt: 9 }]);
  });
});
