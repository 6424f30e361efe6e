/**
 * The parts that a line of a receipt is given back in.
 *
 * Each figure of a part is what the line's figure comes to for everything returned so far, rounded down, less what earlier parts
 * got: so whatever parts a line is returned in, they add up to the line exactly. Points pay no more of a part than its amount;
 * what rounding would put above it comes with a later part, so that no refund is ever less than nothing.
 *
 * A line that campaigns touched goes back unit by unit instead (domain/pricing/returnedPart.ts): its units may have fared differently.
 */
import { shareDown } from '../amount.js';
import type { ProductId } from '../ids.js';
import type { Discount } from '../pricing/discount.js';
import type { PointsShare } from '../pricing/priced.js';
import { returnedPart } from '../pricing/returnedPart.js';
import { rejected } from '../rejected.js';
import type { PricedLine } from './events.js';
import { fullLine } from './recordedLine.js';

export interface LinePart {
  readonly position: number;
  readonly productId: ProductId;
  /** Thousandths. */
  readonly quantity: number;
  readonly amount: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
  /** Of a line that campaigns touched: `amount` after discounts, and whose discounts and points go back with it. */
  readonly net?: number;
  readonly discounts?: Discount[];
  readonly points?: PointsShare[];
}

/** A line as it was bought: of an account with everything, of an anonymous receipt without points. */
export type BoughtLine = Omit<PricedLine, 'price'> & { readonly price?: number };

/** Of one line; all that is left of it where no quantity (thousandths) is given. */
export interface LineRequest {
  readonly position: number;
  readonly quantity?: number;
}
/** Each is read again with the next one; whoever has more gives back the rest at once. */
const returnsMax = 1_000;

/** @throws Rejected too-many-returns unless this is the last. */
export const assertRoomForReturn = (before: number, { complete }: ResolvedReturn): void => {
  if (before >= returnsMax && !complete) throw rejected('too-many-returns', { most: returnsMax });
};

/** 'all' is everything that is left of the purchase. */
export type ReturnRequest = 'all' | readonly LineRequest[];

export interface ResolvedReturn {
  readonly parts: LinePart[];
  /** Nothing of the purchase is left after it. */
  readonly complete: boolean;
}

interface Given {
  quantity: number;
  amount: number;
  paidByPoints: number;
  pointsRedeemed: number;
  pointsEarned: number;
}

const given = (earlier: readonly LinePart[]): Map<number, Given> => {
  const sums = new Map<number, Given>();
  for (const part of earlier) {
    const sum = sums.get(part.position) ?? { ...nothing };
    sum.quantity += part.quantity;
    sum.amount += part.amount;
    sum.paidByPoints += part.paidByPoints;
    sum.pointsRedeemed += part.pointsRedeemed;
    sum.pointsEarned += part.pointsEarned;
    sums.set(part.position, sum);
  }
  return sums;
};
const nothing: Given = {
  quantity: 0,
  amount: 0,
  paidByPoints: 0,
  pointsRedeemed: 0,
  pointsEarned: 0,
};

/**
 * `lines` are the purchase's, `earlier` the parts of all its returns so far.
 * @throws Rejected nothing-to-return, line-not-found, position-repeated, return-exceeds-purchase (with what is left).
 */
export const resolveReturn = (
  lines: readonly BoughtLine[],
  earlier: readonly LinePart[],
  request: ReturnRequest,
): ResolvedReturn => {
  const sums = given(earlier);
  const soFar = (position: number): Given => sums.get(position) ?? nothing;
  const leftOf = (line: BoughtLine): number => line.quantity - soFar(line.position).quantity;
  const open = lines.filter((line) => leftOf(line) > 0);
  if (open.length === 0) throw rejected('nothing-to-return');
  if (request === 'all') {
    const parts = open.map((line) => partOf(line, leftOf(line), soFar(line.position)));
    return { parts, complete: true };
  }
  const byPosition = new Map(lines.map((line) => [line.position, line]));
  const asked = new Set<number>();
  let completed = 0;
  const parts = request.map(({ position, quantity }) => {
    const line = byPosition.get(position);
    if (!line) throw rejected('line-not-found', { position });
    if (asked.has(position)) throw rejected('position-repeated', { position });
    asked.add(position);
    const left = leftOf(line);
    const wanted = quantity ?? left;
    if (left === 0 || wanted > left) {
      throw rejected('return-exceeds-purchase', { position, asked: quantity ?? null, left });
    }
    if (wanted === left) completed += 1;
    return partOf(line, wanted, soFar(position));
  });
  return { parts, complete: completed === open.length };
};

/** Whether a recorded return is what `request` asks for, given the parts of the returns before it. */
export const isSameReturn = (
  recorded: {
    readonly lines: readonly Pick<LinePart, 'position' | 'quantity'>[];
    complete: boolean;
  },
  lines: readonly Pick<LinePart, 'position' | 'quantity'>[],
  earlier: readonly LinePart[],
  request: ReturnRequest,
): boolean => {
  if (request === 'all') return recorded.complete;
  if (request.length !== recorded.lines.length) return false;
  const sums = given(earlier);
  const bought = new Map(lines.map((line) => [line.position, line.quantity]));
  const returned = new Map(recorded.lines.map((line) => [line.position, line.quantity]));
  return request.every(({ position, quantity }) => {
    const left = (bought.get(position) ?? 0) - (sums.get(position)?.quantity ?? 0);
    return returned.get(position) === (quantity ?? left);
  });
};

const partOf = (line: BoughtLine, quantity: number, before: Given): LinePart =>
  line.discounts || line.points
    ? partOfUnits(line, quantity, before)
    : partInProportion(line, quantity, before);

const partOfUnits = (line: BoughtLine, quantity: number, before: Given): LinePart => {
  const { position, productId } = line;
  const part = returnedPart(fullLine(line), before.quantity, before.quantity + quantity);
  const { amount, net, paidByPoints, pointsRedeemed, pointsEarned, discounts, points } = part;
  return {
    position,
    productId,
    quantity,
    amount,
    paidByPoints,
    pointsRedeemed,
    pointsEarned,
    ...(discounts.length > 0 && { net, discounts: [...discounts] }),
    ...(line.points && { points: [...points] }),
  };
};

const partInProportion = (line: BoughtLine, quantity: number, before: Given): LinePart => {
  const upTo = before.quantity + quantity;
  const share = (figure: number, already: number): number =>
    shareDown(figure, upTo, line.quantity) - already;
  const amount = share(line.amount, before.amount);
  const paidByPoints = Math.min(share(line.paidByPoints, before.paidByPoints), amount);
  return {
    position: line.position,
    productId: line.productId,
    quantity,
    amount,
    paidByPoints,
    pointsRedeemed: share(line.pointsRedeemed, before.pointsRedeemed),
    pointsEarned: share(line.pointsEarned, before.pointsEarned),
  };
};

export interface PartTotals {
  readonly amount: number;
  /** Of the amount, what had been taken off. */
  readonly discount: number;
  /** Of the rest, in money. */
  readonly refund: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
}

export const totalsOf = (parts: readonly LinePart[]): PartTotals => {
  const sum = { amount: 0, discount: 0, paidByPoints: 0, pointsRedeemed: 0, pointsEarned: 0 };
  for (const part of parts) {
    sum.amount += part.amount;
    sum.discount += part.amount - (part.net ?? part.amount);
    sum.paidByPoints += part.paidByPoints;
    sum.pointsRedeemed += part.pointsRedeemed;
    sum.pointsEarned += part.pointsEarned;
  }
  return { ...sum, refund: sum.amount - sum.discount - sum.paidByPoints };
};
