/** Lines out of the recorded JSON: the quick way reads what JSON.parse reads. */
import { expect } from 'chai';
import fc from 'fast-check';
import { linesIn } from '../../../projections/simulation/recordedLines.js';

const figure = fc.nat(1_000_000_000);
const productId = fc.oneof(
  fc.constantFrom('85123A', 'a b', 'сыр', 'q"uote', 'back\\slash', '{"position":1', '}]'),
  fc.string({ minLength: 1, maxLength: 12 }),
);
const plain = fc.record({
  position: fc.integer({ min: 1, max: 2_000 }),
  productId,
  quantity: figure,
  price: figure,
  amount: figure,
  paidByPoints: figure,
  pointsRedeemed: figure,
  pointsEarned: figure,
});
const discounted = plain.map((line) => ({
  ...line,
  net: line.amount,
  discounts: [{ campaignId: 'x', version: 1, amount: 1 }],
}));
const mixed = fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: discounted });

describe('recorded lines', () => {
  it('are what the JSON says, plain or not', () => {
    fc.assert(
      fc.property(fc.array(mixed, { maxLength: 12 }), (lines) => {
        const read = linesIn(JSON.stringify(lines));
        expect(read).to.have.length(lines.length);
        read.forEach((line, index) => expect(lines[index]).to.deep.include(line));
      }),
      { numRuns: 500 },
    );
  });

  it('keep what was taken off them', () => {
    const line = { position: 1, productId: 'A', quantity: 1_000, price: 100, amount: 100, net: 90 };
    expect(linesIn(JSON.stringify([line]))).to.deep.equal([line]);
  });

  it('may be none', () => expect(linesIn('[]')).to.deep.equal([]));
});
