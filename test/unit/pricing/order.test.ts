import { expect } from 'chai';
import type { ProductId } from '../../../domain/ids.js';
import { type BasketLine, inCanonicalOrder } from '../../../domain/pricing/basketLines.js';

const line = (position: number, changes: Partial<BasketLine> = {}): BasketLine => ({
  position,
  productId: 'a' as ProductId,
  quantity: 1_000,
  price: 101,
  amount: 101,
  ...changes,
});

/** Of two lines, whichever way they were rung up. */
const first = (one: Partial<BasketLine>, other: Partial<BasketLine>): Partial<BasketLine>[] =>
  [
    [line(1, one), line(2, other)],
    [line(1, other), line(2, one)],
  ].map((lines) => {
    const { position: _, ...given } = inCanonicalOrder(lines).lines[0] as BasketLine;
    return given;
  });

describe('the order in which lines are gone through', () => {
  const differences: [string, Partial<BasketLine>, Partial<BasketLine>][] = [
    ['product', { productId: 'a' as ProductId }, { productId: 'b' as ProductId }],
    ['price', { price: 100 }, { price: 101 }],
    ['amount', { amount: 100 }, { amount: 101 }],
    ['quantity', { quantity: 999 }, { quantity: 1_000 }],
    ['category', { category: 'dairy' }, { category: 'drinks' }],
    ['brand', { brand: 'Leaf' }, { brand: 'Roast' }],
    ['attributes', { attributes: { a: 1, b: 2 } }, { attributes: { b: 3, a: 1 } }],
  ];
  for (const [what, one, other] of differences) {
    it(`goes by ${what} before it goes by position`, () => {
      const [a, b] = first(one, other);
      expect(a).to.deep.equal(b);
      expect(a).to.containSubset(one);
    });
  }

  it('does not depend on the order of attributes', () => {
    const lines = [
      line(2, { attributes: { a: 1, b: 2 } }),
      line(1, { attributes: { b: 2, a: 1 } }),
    ];
    expect(inCanonicalOrder(lines).lines.map(({ position }) => position)).to.deep.equal([1, 2]);
  });
});
