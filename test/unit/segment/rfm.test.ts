import { expect } from 'chai';
import fc from 'fast-check';
import { dayMs } from '../../../domain/segment/figures.js';
import {
  cellOf,
  groupOf,
  quintileScale,
  type Rfm,
  type RfmFigures,
  scalesOf,
  scoreOf,
} from '../../../domain/segment/rfm.js';

const asOf = Date.UTC(2026, 2, 1);
const bought = (daysAgo: number, purchases: number, net: number): RfmFigures => ({
  lastPurchaseAt: asOf - daysAgo * dayMs,
  purchases,
  net,
});
const quintiles: Rfm = { kind: 'analytic', by: 'rfm' };
const cells = (rfm: Rfm, all: readonly RfmFigures[]): string[] => {
  const scales = scalesOf(rfm, all, asOf);
  return all.map((one) => cellOf(one, scales));
};

/** Ten customers, two in each fifth of each figure. */
const table: readonly (readonly [RfmFigures, string, string])[] = [
  [bought(1, 10, 100_000), '5_5_5', 'champions'],
  [bought(2, 9, 90_000), '5_5_5', 'champions'],
  [bought(5, 8, 2_000), '4_4_1', 'loyal'],
  [bought(6, 2, 80_000), '4_1_4', 'new'],
  [bought(20, 4, 60_000), '3_2_3', 'promising'],
  [bought(21, 6, 70_000), '3_3_4', 'loyal'],
  [bought(100, 5, 50_000), '2_3_3', 'at_risk'],
  [bought(110, 1, 30_000), '2_1_2', 'hibernating'],
  [bought(300, 7, 1_000), '1_4_1', 'at_risk'],
  [bought(310, 3, 40_000), '1_2_2', 'lost'],
];

describe('RFM', () => {
  it('puts the customers of a small table into the cells and groups one works out by hand', () => {
    const found = cells(
      quintiles,
      table.map(([figures]) => figures),
    );
    expect(found).to.deep.equal(table.map(([, cell]) => cell));
    expect(found.map((cell) => groupOf(cell))).to.deep.equal(table.map(([, , group]) => group));
  });

  it('scores by fixed bounds: up to so many days, from so many purchases, from so much', () => {
    const bounds = {
      recencyDays: [7, 30, 90, 365],
      frequency: [2, 3, 5, 10],
      monetary: [1, 2, 3, 4],
    };
    const fixed: Rfm = { ...quintiles, bounds };
    expect(
      cells(fixed, [bought(7, 1, 0), bought(8, 2, 1), bought(365, 10, 4), bought(366, 4, 3)]),
    ).to.deep.equal(['5_1_1', '4_2_2', '2_5_5', '1_3_4']);
  });

  it('has equal customers in one cell, whoever else there is', () => {
    const figure = fc.record({
      lastPurchaseAt: fc.integer({ min: 0, max: 20 }),
      purchases: fc.integer({ min: 1, max: 5 }),
      net: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(fc.array(figure, { minLength: 1, maxLength: 60 }), (all) => {
        const byFigures = new Map<string, string>();
        for (const [index, cell] of cells(quintiles, all).entries()) {
          const key = JSON.stringify(all[index]);
          expect(byFigures.get(key) ?? cell).to.equal(cell);
          byFigures.set(key, cell);
        }
      }),
    );
  });

  it('cuts different figures into fifths, and never scores a higher one lower', () => {
    const values = fc.uniqueArray(fc.integer(), { minLength: 5, maxLength: 200 });
    fc.assert(
      fc.property(values, (all) => {
        const scale = quintileScale(all);
        const sorted = [...all].sort((a, b) => a - b);
        const scores = sorted.map((value) => scoreOf(value, scale));
        expect(scores).to.deep.equal([...scores].sort());
        for (const score of [1, 2, 3, 4, 5]) {
          const share = scores.filter((one) => one === score).length;
          expect(share).to.be.within(Math.floor(all.length / 5), Math.ceil(all.length / 5));
        }
      }),
    );
  });

  it('names a group for every cell there can be', () => {
    const scores = [1, 2, 3, 4, 5];
    const all = scores.flatMap((r) => scores.flatMap((f) => scores.map((m) => `${r}_${f}_${m}`)));
    expect(all.filter((cell) => groupOf(cell) === null)).to.deep.equal([]);
    expect(groupOf('5_5_5', [{ name: 'sleepers', recency: [1, 2] }])).to.equal(null);
  });
});
