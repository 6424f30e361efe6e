/**
 * What a till sends of a receipt, made exact: every line with its position and amount, and the total.
 *
 * A till may give a line's amount itself, since it rounds in its own way; it has to agree with price and quantity as closely as
 * any honest rounding does, or the line is wrong and the whole receipt is refused.
 */
import { shareHalfUp } from '../amount.js';
import type { ProductId } from '../ids.js';
import type { Attributes } from '../pricing/basketLines.js';
import { rejected } from '../rejected.js';

export interface BasketLine {
  /** From 1; the line's place in the list where it is left out. */
  readonly position?: number;
  readonly productId: ProductId;
  /** Thousandths. */
  readonly quantity: number;
  /** Minor units for one whole unit. */
  readonly price: number;
  /** Minor units for the line; price × quantity, halves up, where it is left out. */
  readonly amount?: number;
  /** Of the line, for conditions of campaigns. */
  readonly attributes?: Attributes;
}

export interface CountedLine {
  readonly position: number;
  readonly productId: ProductId;
  readonly quantity: number;
  readonly price: number;
  readonly amount: number;
  readonly attributes?: Attributes;
}

export interface Basket {
  readonly lines: readonly CountedLine[];
  readonly total: number;
}

/** Minor units: what an amount in an event may be at most, for a line and for the receipt. */
export const amountMax = 1_000_000_000_000;

/**
 * @throws Rejected amount-mismatch, position-repeated (with the line's position), basket-too-large.
 */
export const countBasket = (given: readonly BasketLine[]): Basket => {
  const lines = given.map(countLine);
  let total = 0;
  for (const { amount } of lines) total += amount;
  assertPositionsDiffer(lines);
  if (total > amountMax) throw rejected('basket-too-large', { total, most: amountMax });
  return { lines, total };
};

/** Nearly every till sends them in rising order, which shows by itself that they differ. */
const assertPositionsDiffer = (lines: readonly CountedLine[]): void => {
  let last = 0;
  const rising = lines.every(({ position }) => {
    const rises = position > last;
    last = position;
    return rises;
  });
  if (rising) return;
  const seen = new Set<number>();
  for (const { position } of lines) {
    if (seen.has(position)) throw rejected('position-repeated', { position });
    seen.add(position);
  }
};

const countLine = (line: BasketLine, index: number): CountedLine => {
  const { productId, quantity, price } = line;
  const position = line.position ?? index + 1;
  const inThousandths = quantity * price;
  if (inThousandths > amountMax * 1_000) {
    throw rejected('basket-too-large', { position, most: amountMax });
  }
  const exact = shareHalfUp(price, quantity, 1_000);
  const amount = line.amount ?? exact;
  if (!agrees(amount, inThousandths, quantity)) {
    throw rejected('amount-mismatch', { position, amount, expected: exact });
  }
  const counted = { position, productId, quantity, price, amount };
  return line.attributes === undefined ? counted : { ...counted, attributes: line.attributes };
};

/** Within half a minor unit for every unit bought, and one more. Both sides in two-thousandths, below 2^53 by the check above. */
const agrees = (amount: number, inThousandths: number, quantity: number): boolean =>
  Math.abs(2_000 * amount - 2 * inThousandths) <= quantity + 2_000;
