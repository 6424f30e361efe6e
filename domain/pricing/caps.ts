/**
 * Cuts proposals down to what caps allow: for each line first, then for the receipt. What is cut is cut in proportion, so the
 * shape of the reward stays, and no unit ever gets more off than was proposed for it.
 */
import { shareDown } from '../amount.js';
import type { Caps, DiscountCap } from './campaign.js';
import type { Pick } from './goods.js';
import { eachLine, sumOf } from './goods.js';
import { spreadOverUnits } from './units.js';

/** What was taken already, of what the caps speak of: by one campaign, or by all. */
export interface Taken {
  /** Null where nothing was. */
  readonly byLine: ReadonlyMap<number, number> | null;
  readonly total: number;
}

/** Minor units; `full` is the price before anything was taken off. */
const allowed = ({ amount, basisPoints }: DiscountCap, full: number): number =>
  Math.min(
    amount ?? Infinity,
    basisPoints === undefined ? Infinity : shareDown(full, basisPoints, 10_000),
  );

/** The picks at `total` instead of what they come to. */
const scaleDown = (picks: readonly Pick[], total: number): Pick[] => {
  const scaled: Pick[] = [];
  spreadOverUnits(
    Math.max(0, total),
    picks,
    ({ cut }) => cut,
    ({ line, run }, count, cut) => scaled.push({ line, run, count, cut }),
  );
  return scaled;
};

const atMost = (picks: readonly Pick[], most: number): readonly Pick[] =>
  sumOf(picks) <= most ? picks : scaleDown(picks, most);

export const cutDown = (
  picks: readonly Pick[],
  { perLine, perReceipt }: Caps,
  taken: Taken,
  full: { readonly lines: readonly { readonly amount: number }[]; readonly total: number },
): readonly Pick[] => {
  let left = picks;
  if (perLine) {
    const within: Pick[] = [];
    eachLine(left, (line, own) => {
      const most = allowed(perLine, full.lines[line]?.amount ?? 0);
      within.push(...atMost(own, most - (taken.byLine?.get(line) ?? 0)));
    });
    left = within;
  }
  return perReceipt ? atMost(left, allowed(perReceipt, full.total) - taken.total) : left;
};
