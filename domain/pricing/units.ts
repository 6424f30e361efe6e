/**
 * The units of a line, and spreading over them. A line of whole pieces is that many units, any other (345 g) is one.
 *
 * Units that fare alike are kept as one run with a count, so a line of 80,000 pieces costs no more than a line of one. Every
 * figure of a run is for one unit and an integer: what is spread adds up at the unit as it does at the line.
 */
import { shareDown } from '../amount.js';
import type { BasketLine } from './basketLines.js';

/** `amount` minor units off each unit, by the campaign with this number in the order of application. */
export interface Cut {
  readonly by: number;
  readonly amount: number;
}

export interface Run {
  /** How many units. */
  readonly count: number;
  /** Of one unit, in thousandths. */
  readonly quantity: number;
  /** Of one unit before anything is taken off, minor units. */
  readonly amount: number;
  /** Of one unit after what was taken off so far. */
  readonly left: number;
  readonly cuts: readonly Cut[];
}

export const unitsIn = ({ quantity }: Pick<BasketLine, 'quantity'>): number =>
  quantity % 1_000 === 0 ? quantity / 1_000 : 1;

/** A till's own rounding may leave units a minor unit apart; the dearer ones come first. */
export const runsOf = (line: BasketLine): readonly Run[] => {
  const count = unitsIn(line);
  const quantity = line.quantity / count;
  const least = Math.floor(line.amount / count);
  const dearer = line.amount - least * count;
  const run = (units: number, amount: number): Run => ({
    count: units,
    quantity,
    amount,
    left: amount,
    cuts: [],
  });
  if (dearer === 0) return [run(count, least)];
  return [run(dearer, least + 1), run(count - dearer, least)];
};

export interface Weighed {
  readonly count: number;
  /** Of one unit. */
  readonly weight: number;
}
export interface Share {
  /** Index of what was weighed. */
  readonly index: number;
  readonly count: number;
  /** Of one unit. */
  readonly share: number;
}

/**
 * Spreads `total` over units by largest remainder, the earlier first among equals: as `spread` does over lines, for runs. The
 * shares come in the order given; a run comes twice where some of its units get one more. A unit of weight zero gets nothing.
 */
export const spreadOverUnits = (total: number, weighed: readonly Weighed[]): Share[] => {
  let sum = 0;
  for (const { count, weight } of weighed) sum += count * weight;
  const shares: Share[] = [];
  if (total === 0 || sum === 0) return shares;
  let left = total;
  const floors = weighed.map(({ count, weight }) => {
    const share = shareDown(total, weight, sum);
    left -= share * count;
    return share;
  });
  const extra = left === 0 ? null : extraUnits(left, total, sum, weighed);
  weighed.forEach(({ count }, index) => {
    const more = extra?.[index] ?? 0;
    const share = floors[index] as number;
    if (more > 0) shares.push({ index, count: more, share: share + 1 });
    if (count > more) shares.push({ index, count: count - more, share });
  });
  return shares;
};

/** How many units of each run get one more. */
const extraUnits = (
  units: number,
  total: number,
  sum: number,
  weighed: readonly Weighed[],
): number[] => {
  const exact = total * sum <= Number.MAX_SAFE_INTEGER;
  const remainders = weighed.map(({ weight }, index) => ({
    index,
    remainder: exact
      ? (total * weight) % sum
      : Number((BigInt(total) * BigInt(weight)) % BigInt(sum)),
  }));
  remainders.sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const extra = weighed.map(() => 0);
  let left = units;
  for (const { index } of remainders) {
    const more = Math.min(left, weighed[index]?.count ?? 0);
    extra[index] = more;
    left -= more;
    if (left === 0) break;
  }
  return extra;
};
