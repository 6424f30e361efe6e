/**
 * What some of a recorded line comes to when it is returned: its share of everything the line did, read from what was recorded.
 *
 * Units go back from the last, where the discounts lie, so nobody keeps a free unit and is refunded the paid one. Parts add up:
 * however a line is cut into returns, their figures are the line's. Of the points, those of the last campaign go back first.
 */
import { shareDown } from '../amount.js';
import type { Discount } from './discount.js';
import type { PointsShare, PricedLine } from './priced.js';
import { unitsWithPoints, type UnitWithPoints } from './unitPoints.js';

export interface ReturnedPart {
  /** Thousandths. */
  readonly quantity: number;
  /** The discounts and the net amount together. */
  readonly amount: number;
  readonly net: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
  readonly discounts: readonly Discount[];
  readonly points: readonly PointsShare[];
}

type Stretch = Omit<UnitWithPoints, 'count' | 'amount'>;

/** Units that fare alike, the first to be returned first; quantity and figures are of all of them. */
const stretches = (line: PricedLine): readonly Stretch[] =>
  unitsWithPoints(line)
    .map(({ count, quantity, net, paidByPoints, pointsRedeemed, pointsEarned, discounts }) => ({
      quantity: count * quantity,
      net: count * net,
      paidByPoints: count * paidByPoints,
      pointsRedeemed: count * pointsRedeemed,
      pointsEarned: count * pointsEarned,
      discounts: discounts.map((cut) => ({ ...cut, amount: count * cut.amount })),
    }))
    .reverse();

/** From `from` until `until` thousandths of the line, counted from where returns begin. */
export const returnedPart = (line: PricedLine, from: number, until: number): ReturnedPart => {
  const sum = { net: 0, paidByPoints: 0, pointsRedeemed: 0, pointsEarned: 0 };
  const cuts = new Map<string, Discount>();
  let earnedBefore = 0;
  let start = 0;
  for (const stretch of stretches(line)) {
    const first = Math.max(0, Math.min(stretch.quantity, from - start));
    const last = Math.max(0, Math.min(stretch.quantity, until - start));
    const share = (figure: number): number =>
      shareDown(figure, last, stretch.quantity) - shareDown(figure, first, stretch.quantity);
    earnedBefore += shareDown(stretch.pointsEarned, first, stretch.quantity);
    start += stretch.quantity;
    if (last === first) continue;
    // Money and points by themselves, so that no rounding makes a refund less than nothing.
    sum.net += share(stretch.net - stretch.paidByPoints) + share(stretch.paidByPoints);
    sum.paidByPoints += share(stretch.paidByPoints);
    sum.pointsRedeemed += share(stretch.pointsRedeemed);
    sum.pointsEarned += share(stretch.pointsEarned);
    for (const cut of stretch.discounts) {
      const amount = (cuts.get(cut.campaignId)?.amount ?? 0) + share(cut.amount);
      cuts.set(cut.campaignId, { ...cut, amount });
    }
  }
  const discounts = [...cuts.values()].filter(({ amount }) => amount > 0);
  const amount = discounts.reduce((total, cut) => total + cut.amount, sum.net);
  const points = sourcesBetween(line.points, earnedBefore, earnedBefore + sum.pointsEarned);
  return { quantity: until - from, amount, ...sum, discounts, points };
};

/** The sources end to end, the last first. */
const sourcesBetween = (
  sources: readonly PointsShare[],
  from: number,
  until: number,
): PointsShare[] => {
  const parts: PointsShare[] = [];
  let start = 0;
  for (let index = sources.length - 1; index >= 0; index -= 1) {
    const { campaignId, points } = sources[index] as PointsShare;
    const share = Math.min(until, start + points) - Math.max(from, start);
    start += points;
    if (share > 0) parts.push({ campaignId, points: share });
  }
  return parts;
};
