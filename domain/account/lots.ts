/**
 * Lots: points earned together, and the order in which they are used up.
 *
 * Invariant: a list of active lots is always in consumption order (expiry, never last; earned at; id) and a list of pending ones
 * in the order they wake up, so taking points and finding what is due looks at the head only, however many lots there are.
 * Deciders try things out on a copy; recorded facts are folded in place, or an account with thousands of lots would be copied at
 * every purchase.
 */
import type { LotId, MerchantId } from '../ids.js';
import type { LotPart, LotShare } from './events.js';

export interface Lot {
  readonly lotId: LotId;
  /** Who issued the points, null where they were given by hand. */
  readonly merchantId: MerchantId | null;
  /** Hundredths, more than zero. */
  readonly points: number;
  /** Milliseconds since the epoch, like the next two. */
  readonly earnedAt: number;
  readonly activatesAt: number;
  readonly expiresAt: number | null;
}

type Order = (a: Lot, b: Lot) => number;

/** 'inPlace' only for the list of the account itself, by its recorded facts. */
export type Change = 'copied' | 'inPlace';

export const byConsumption: Order = (a, b) => {
  if (a.expiresAt !== b.expiresAt) {
    if (a.expiresAt === null) return 1;
    if (b.expiresAt === null) return -1;
    return a.expiresAt - b.expiresAt;
  }
  if (a.earnedAt !== b.earnedAt) return a.earnedAt - b.earnedAt;
  return a.lotId < b.lotId ? -1 : a.lotId > b.lotId ? 1 : 0;
};

export const byActivation: Order = (a, b) => a.activatesAt - b.activatesAt || byConsumption(a, b);

const listFor = (change: Change, lots: readonly Lot[]): Lot[] =>
  change === 'inPlace' ? (lots as Lot[]) : lots.slice();

/** The list with `lot` in its place; points of a lot that is there already are added to it. */
export const withLot = (
  lots: readonly Lot[],
  lot: Lot,
  order: Order,
  change: Change,
): readonly Lot[] => {
  if (lot.points === 0) return lots;
  let low = 0;
  let high = lots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(lots[middle] as Lot, lot) < 0) low = middle + 1;
    else high = middle;
  }
  const next = listFor(change, lots);
  const there = next[low];
  if (there?.lotId === lot.lotId) next[low] = { ...there, points: there.points + lot.points };
  else if (there) next.splice(low, 0, lot);
  else next.push(lot);
  return next;
};

/** From here on one sort of two ordered runs is cheaper than a place for each. */
const many = 16;

/** The same for several. */
export const withLots = (
  lots: readonly Lot[],
  added: readonly Lot[],
  order: Order,
  change: Change,
): readonly Lot[] => {
  if (added.length < many) {
    let next = lots;
    for (const lot of added) next = withLot(next, lot, order, change);
    return next;
  }
  const merged: Lot[] = [];
  for (const lot of [...lots, ...added].sort(order)) {
    const last = merged.at(-1);
    if (last?.lotId === lot.lotId) {
      merged[merged.length - 1] = { ...last, points: last.points + lot.points };
    } else if (lot.points > 0) merged.push(lot);
  }
  return merged;
};

/** The list without `shares`, and how many points were found in it. Shares at the head cost no more than the head. */
export const withoutShares = (
  lots: readonly Lot[],
  shares: readonly LotShare[],
  change: Change,
): { readonly lots: readonly Lot[]; readonly taken: number } => {
  const wanted = new Map(shares.map((share) => [share.lotId, share.points]));
  const kept: Lot[] = [];
  let taken = 0;
  let end = 0;
  for (; end < lots.length && wanted.size > 0; end += 1) {
    const lot = lots[end] as Lot;
    const points = wanted.get(lot.lotId);
    if (points === undefined) {
      kept.push(lot);
      continue;
    }
    wanted.delete(lot.lotId);
    taken += points;
    if (lot.points > points) kept.push({ ...lot, points: lot.points - points });
  }
  if (taken === 0) return { lots, taken };
  const left = listFor(change, lots);
  const start = end - kept.length;
  for (const [offset, lot] of kept.entries()) left[start + offset] = lot;
  if (start > 0) left.splice(0, start);
  return { lots: left, taken };
};

/** What is taken from the head of a list for `points`; less where the list holds less. */
export const takeFrom = (lots: readonly Lot[], points: number): LotPart[] => {
  const parts: LotPart[] = [];
  let left = points;
  for (const lot of lots) {
    if (left === 0) break;
    const share = Math.min(lot.points, left);
    parts.push(partOf(lot, share));
    left -= share;
  }
  return parts;
};

export const partOf = (lot: Lot, points: number): LotPart => ({
  lotId: lot.lotId,
  points,
  merchantId: lot.merchantId,
  earnedAt: lot.earnedAt,
  expiresAt: lot.expiresAt,
});

export const shareOf = ({ lotId, points }: LotShare): LotShare => ({ lotId, points });

export const pointsIn = (shares: readonly { readonly points: number }[]): number => {
  let sum = 0;
  for (const share of shares) sum += share.points;
  return sum;
};
