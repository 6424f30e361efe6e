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

// Kept from one call to the next, so that spreading leaves nothing behind but its answer.
let remainders = new Float64Array(64);
let inOrder = new Float64Array(64);

const makeRoomFor = (count: number): void => {
  if (count <= remainders.length) return;
  remainders = new Float64Array(2 * count);
  inOrder = new Float64Array(2 * count);
};

/**
 * Spreads `total` over lines in proportion to `weights` by largest remainder: each share is rounded down, and the units left
 * over go to the largest remainders, the earlier line first among equals. A line of weight zero never gets any.
 * The shares add up to `total`, unless all weights are zero: then all shares are.
 */
export const spread = (total: number, weights: readonly number[]): number[] => {
  const { length } = weights;
  let sum = 0;
  for (let index = 0; index < length; index += 1) sum += weights[index] as number;
  const shares = weights.slice();
  if (sum === 0 || total === 0) return shares.fill(0);
  makeRoomFor(length);
  const exact = total * sum <= Number.MAX_SAFE_INTEGER;
  let left = total;
  for (let index = 0; index < length; index += 1) {
    const weight = weights[index] as number;
    const share = shareDown(total, weight, sum);
    remainders[index] = exact
      ? total * weight - share * sum
      : Number((BigInt(total) * BigInt(weight)) % BigInt(sum));
    shares[index] = share;
    left -= share;
  }
  if (left > 0) giveToLargest(left, shares);
  return shares;
};

/** One more to each of the `left` largest remainders; fewer of them than shares are above zero. */
const giveToLargest = (left: number, shares: number[]): void => {
  const { length } = shares;
  const ordered = inOrder.subarray(0, length);
  for (let index = 0; index < length; index += 1) ordered[index] = remainders[index] as number;
  ordered.sort();
  const least = ordered[length - left] as number;
  let ofLeast = 0;
  for (let at = length - left; at < length && ordered[at] === least; at += 1) ofLeast += 1;
  for (let index = 0; index < length; index += 1) {
    const remainder = remainders[index] as number;
    if (remainder < least || (remainder === least && ofLeast === 0)) continue;
    if (remainder === least) ofLeast -= 1;
    shares[index] = (shares[index] as number) + 1;
  }
};
