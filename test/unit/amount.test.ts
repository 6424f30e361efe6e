import { expect } from 'chai';
import fc from 'fast-check';
import { shareDown, shareHalfUp, spread } from '../../domain/amount.js';
import { moneyText, pointsText } from '../../domain/amountText.js';

const large = fc.oneof(fc.nat({ max: 10_000 }), fc.integer({ min: 0, max: 1_000_000_000_000 }));
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('exact shares', () => {
  it('are the quotient rounded down or half up, whatever the size', () => {
    fc.assert(
      fc.property(large, large, fc.integer({ min: 1, max: 1_000_000_000 }), (a, b, c) => {
        const product = BigInt(a) * BigInt(b);
        fc.pre(product / BigInt(c) < BigInt(Number.MAX_SAFE_INTEGER));
        expect(shareDown(a, b, c)).to.equal(Number(product / BigInt(c)));
        expect(shareHalfUp(a, b, c)).to.equal(
          Number((2n * product + BigInt(c)) / (2n * BigInt(c))),
        );
      }),
    );
  });
});

describe('spreading a total over weights', () => {
  const weights = fc.array(large, { minLength: 1, maxLength: 20 });

  it('adds up, gives a zero weight nothing and no weight a unit more or less than its part', () => {
    fc.assert(
      fc.property(large, weights, (total, over) => {
        const whole = sum(over);
        fc.pre(whole > 0);
        const shares = spread(total, over);
        expect(sum(shares)).to.equal(total);
        shares.forEach((share, index) => {
          const weight = over[index] ?? 0;
          const floor = shareDown(total, weight, whole);
          expect(share).to.be.within(floor, weight === 0 ? 0 : floor + 1);
        });
      }),
    );
  });

  it('gives the units left over to the largest remainders, the earlier first among equals', () => {
    expect(spread(100, [1, 1, 1])).to.deep.equal([34, 33, 33]);
    expect(spread(10, [55, 30, 15])).to.deep.equal([6, 3, 1]);
    expect(spread(1_000_000_000_000, [3, 0, 3_000_000])).to.deep.equal([
      999_999, 0, 999_999_000_001,
    ]);
  });

  it('gives nothing where all weights are zero', () => {
    expect(spread(7, [0, 0])).to.deep.equal([0, 0]);
  });
});

describe('amounts as people read them', () => {
  it('have the digits of their currency', () => {
    expect(moneyText(5, 'GBP')).to.equal('0.05 GBP');
    expect(moneyText(1_999, 'JPY')).to.equal('1999 JPY');
    expect(moneyText(1_999, 'KWD')).to.equal('1.999 KWD');
  });
  it('show whole points whole', () => {
    expect([0, 100, 150, 105, -1].map(pointsText)).to.deep.equal([
      '0',
      '1',
      '1.5',
      '1.05',
      '-0.01',
    ]);
  });
});
