/**
 * Exact amounts: money, points and quantities are integers, and what is spread over lines always adds up.
 *
 * Money is minor units of one ISO 4217 currency, points are hundredths, quantities thousandths. No float takes part; products
 * that could leave the exact range of a number go through BigInt.
 */
import { Type } from '@sinclair/typebox';

const limit = 1_000_000_000_000;

/** Minor units of the programme's currency: 1999 is 19.99. */
export const Money = Type.Integer({
  minimum: 0,
  maximum: limit,
  description: 'Minor units, 1999 is 19.99',
});
/** Hundredths of a point: 150 is one and a half. */
export const Points = Type.Integer({
  minimum: 0,
  maximum: limit,
  description: 'Hundredths of a point',
});
/** May be negative. */
export const SignedPoints = Type.Integer({
  minimum: -limit,
  maximum: limit,
  description: 'Hundredths of a point',
});
/** Thousandths: 1000 is one piece, 345 is 345 g of what is priced by the kilogram. */
export const Quantity = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: 'Thousandths, 1000 is one',
});
export const Currency = Type.String({
  pattern: '^[A-Z]{3}$',
  description: 'ISO 4217',
  examples: ['GBP'],
});

/** `value * numerator / denominator`, rounded down; exact for whatever the operands' size. All non-negative. */
export const shareDown = (value: number, numerator: number, denominator: number): number => {
  const product = value * numerator;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / denominator);
  return Number((BigInt(value) * BigInt(numerator)) / BigInt(denominator));
};

/** The same, halves rounded up: the usual rounding of a line's sum. */
export const shareHalfUp = (value: number, numerator: number, denominator: number): number => {
  const product = value * numerator;
  if (product <= Number.MAX_SAFE_INTEGER / 2) {
    return Math.floor((2 * product + denominator) / (2 * denominator));
  }
  const d = BigInt(denominator);
  return Number((2n * BigInt(value) * BigInt(numerator) + d) / (2n * d));
};

/**
 * Spreads `total` over lines in proportion to `weights` by largest remainder: each share is rounded down, and the units left
 * over go to the largest remainders, the earlier line first among equals. A line of weight zero never gets any.
 * The shares add up to `total`, unless all weights are zero: then all shares are.
 */
export const spread = (total: number, weights: readonly number[]): number[] => {
  let sum = 0;
  for (const weight of weights) sum += weight;
  if (sum === 0 || total === 0) return weights.map(() => 0);
  const remainderOf =
    total * sum <= Number.MAX_SAFE_INTEGER
      ? (weight: number): number | bigint => (total * weight) % sum
      : (weight: number): number | bigint => (BigInt(total) * BigInt(weight)) % BigInt(sum);
  let left = total;
  const shares = weights.map((weight) => {
    const share = shareDown(total, weight, sum);
    left -= share;
    return share;
  });
  if (left === 0) return shares;
  const largest = weights.map((weight, index) => ({ index, remainder: remainderOf(weight) }));
  largest.sort((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  );
  for (const { index } of largest) {
    if (left === 0) break;
    shares[index] = (shares[index] as number) + 1;
    left -= 1;
  }
  return shares;
};
