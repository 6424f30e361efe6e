/**
 * The units of a line, and spreading over them. A line of whole pieces is that many units, any other (345 g) is one.
 *
 * Units that fare alike are kept as one run with a count, so a line of 80,000 pieces costs no more than a line of one. Every
 * figure of a run is for one unit and an integer: what is spread adds up at the unit as it does at the line.
 */
import { shareDown } from '../amount.js';
import type { BasketLine } from './basketLines.js';
import type { Discount } from './discount.js';

/** Units that fare alike, with what they were before the last cut, and through it before all: units split apart share their past. */
export interface Run {
  /** How many units. */
  readonly count: number;
  /** Of one unit, in thousandths. */
  readonly quantity: number;
  /** Of one unit before anything is taken off, minor units. */
  readonly amount: number;
  /** Of one unit after what was taken off so far. */
  readonly left: number;
  /** Who made the last cut, and what it was made from; null where nothing was taken off. */
  readonly by: CampaignVersion | null;
  readonly before: Run | null;
}

export type CampaignVersion = Omit<Discount, 'amount'>;

/** Of `count` such units, in the order of application; two rewards of a campaign count as one. */
export const discountsOf = (run: Run, count = 1): Discount[] => {
  const discounts: Discount[] = [];
  for (let cut = run; cut.by && cut.before; cut = cut.before) {
    const { campaignId, version } = cut.by;
    addDiscount(discounts, campaignId, version, count * (cut.before.left - cut.left));
  }
  return discounts.length > 1 ? discounts.reverse() : discounts;
};

/** To what the campaign has taken off already, or behind the others. */
export const addDiscount = (
  discounts: Discount[],
  campaignId: Discount['campaignId'],
  version: number,
  amount: number,
): void => {
  for (const known of discounts) {
    if (known.campaignId === campaignId) {
      known.amount += amount;
      return;
    }
  }
  discounts.push({ campaignId, version, amount });
};

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
    by: null,
    before: null,
  });
  if (dearer === 0) return [run(count, least)];
  return [run(dearer, least + 1), run(count - dearer, least)];
};

/**
 * Spreads `total` over units by largest remainder, the earlier first among equals: as `spread` does over lines, for runs of
 * units. `weightOf` weighs one unit, `give` takes the share of one; a run is given twice where some of its units get one more,
 * and not at all where there is nothing to spread. A unit of weight zero gets nothing.
 */
export const spreadOverUnits = <Units extends { readonly count: number }>(
  total: number,
  units: readonly Units[],
  weightOf: (one: Units) => number,
  give: (of: Units, count: number, share: number, index: number) => void,
): void => {
  if (total <= 0) return;
  const { length } = units;
  if (length === 1) {
    const [only] = units as readonly [Units];
    if (weightOf(only) > 0) giveAlike(total, only, give);
    return;
  }
  // Weighed and shared more than once rather than kept in lists: this is the innermost work of every discount.
  let sum = 0;
  for (const one of units) sum += one.count * weightOf(one);
  if (sum === 0) return;
  let left = total;
  for (const one of units) left -= shareDown(total, weightOf(one), sum) * one.count;
  const extra = left === 0 ? null : extraUnits(left, total, sum, units.map(weightOf), units);
  for (let index = 0; index < length; index += 1) {
    const one = units[index] as Units;
    const more = extra === null ? 0 : (extra[index] as number);
    const share = shareDown(total, weightOf(one), sum);
    if (more > 0) give(one, more, share + 1, index);
    if (one.count > more) give(one, one.count - more, share, index);
  }
};

/** All units weigh the same. */
const giveAlike = <Units extends { readonly count: number }>(
  total: number,
  of: Units,
  give: (of: Units, count: number, share: number, index: number) => void,
): void => {
  const share = Math.floor(total / of.count);
  const more = total - share * of.count;
  if (more > 0) give(of, more, share + 1, 0);
  if (of.count > more) give(of, of.count - more, share, 0);
};

/** How many units of each run get one more. */
const extraUnits = (
  wanted: number,
  total: number,
  sum: number,
  weights: readonly number[],
  units: readonly { readonly count: number }[],
): number[] => {
  const exact = total * sum <= Number.MAX_SAFE_INTEGER;
  const remainderOf = (weight: number): number =>
    exact ? (total * weight) % sum : Number((BigInt(total) * BigInt(weight)) % BigInt(sum));
  if (units.length === 2) {
    // A line has seldom more than two runs.
    const [first, second] = units as readonly [{ count: number }, { count: number }];
    const [a, b] = weights as readonly [number, number];
    const inFirst =
      remainderOf(a) >= remainderOf(b)
        ? Math.min(wanted, first.count)
        : Math.max(0, wanted - second.count);
    return [inFirst, wanted - inFirst];
  }
  const extra = weights.map(() => 0);
  const remainders = weights.map(remainderOf);
  const order = weights.map((_weight, index) => index);
  order.sort((a, b) => (remainders[b] as number) - (remainders[a] as number) || a - b);
  let left = wanted;
  for (const index of order) {
    const more = Math.min(left, units[index]?.count ?? 0);
    extra[index] = more;
    left -= more;
    if (left === 0) break;
  }
  return extra;
};
