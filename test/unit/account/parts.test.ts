import { expect } from 'chai';
import fc from 'fast-check';
import { account } from '../../../domain/account/account.js';
import { type LinePart, resolveReturn, type ReturnRequest } from '../../../domain/account/parts.js';
import type { ProductId } from '../../../domain/ids.js';
import { Rejected } from '../../../domain/rejected.js';
import { after, buy, enrolled, fold, giveBack, item, record } from './spec.js';

const line = (figures: Partial<LinePart>): LinePart => ({
  position: 1,
  productId: 'SKU' as ProductId,
  quantity: 1_000,
  amount: 0,
  paidByPoints: 0,
  pointsRedeemed: 0,
  pointsEarned: 0,
  ...figures,
});

/** Returns the line in pieces of the given quantities, the rest at the end. */
const inParts = (whole: LinePart, quantities: readonly number[]): LinePart[] => {
  const parts: LinePart[] = [];
  let left = whole.quantity;
  for (const wanted of quantities) {
    const quantity = Math.min(wanted, left);
    if (quantity === 0) break;
    parts.push(...resolveReturn([whole], parts, [{ position: 1, quantity }]).parts);
    left -= quantity;
  }
  if (left > 0) parts.push(...resolveReturn([whole], parts, 'all').parts);
  return parts;
};

describe('the parts of a line', () => {
  it('never refund less than nothing where points paid most of very little', () => {
    const parts = inParts(line({ quantity: 6_000, amount: 3, paidByPoints: 2 }), [2_000, 1_000]);
    expect(parts.map(({ amount, paidByPoints }) => [amount, paidByPoints])).to.deep.equal([
      [1, 0],
      [0, 0],
      [2, 2],
    ]);
  });

  it('add up to the line in every figure, however it is split', () => {
    const lines = fc
      .record({
        quantity: fc.integer({ min: 1, max: 12 }),
        amount: fc.nat({ max: 40 }),
        points: fc.nat({ max: 40 }),
        pointsRedeemed: fc.nat({ max: 5_000 }),
        pointsEarned: fc.nat({ max: 5_000 }),
      })
      .map(({ points, ...rest }) => line({ ...rest, paidByPoints: Math.min(points, rest.amount) }));
    const splits = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 });
    const figures = [
      'quantity',
      'amount',
      'paidByPoints',
      'pointsRedeemed',
      'pointsEarned',
    ] as const;
    fc.assert(
      fc.property(lines, splits, (whole, split) => {
        const parts = inParts(whole, split);
        for (const figure of figures) {
          expect(parts.reduce((sum, part) => sum + part[figure], 0)).to.equal(whole[figure]);
          for (const part of parts) expect(part[figure]).to.be.at.least(0);
        }
        for (const part of parts) expect(part.paidByPoints).to.be.at.most(part.amount);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a purchase that is returned in very many parts', () => {
  it('can be returned in a thousand, and then at once', () => {
    const history = record(after(enrolled, buy('p', [item(5_000, 2)])));
    let state = fold(history);
    const giveSome = (returnId: string, request: ReturnRequest) => {
      const decided = giveBack('p', returnId, request)(state, history);
      const recorded = record(decided, history.length);
      history.push(...recorded);
      state = recorded.reduce(account.evolve, state);
    };
    const crumb = [{ position: 1, quantity: 1 }];
    for (let count = 0; count < 1_000; count += 1) giveSome(`r${count}`, crumb);
    expect(() => giveSome('more', crumb))
      .to.throw(Rejected)
      .with.property('code', 'too-many-returns');
    giveSome('rest', 'all');
    expect(state.points.activeTotal + state.points.deficit).to.equal(0);
  });
});
