/**
 * The lines of the answer: what each costs, by whom it was made cheaper, what points pay of it and what it earns, down to its
 * units. Lines come as the till sent them.
 */
import type { BasketLine } from './basketLines.js';
import type { Discount } from './discount.js';
import type { PointsShare, PricedLine, UnitShare } from './priced.js';
import type { Session } from './session.js';
import { addDiscount, discountsOf, type Run } from './units.js';

export interface PointsOnLines {
  /** By line as the till sent them: minor units that points pay, the points that pay them, the programme's own points. */
  readonly value: readonly number[];
  readonly points: readonly number[];
  readonly earnedByRule: readonly number[];
  /** By line in canonical order. */
  readonly earned: readonly (Pick<PointsShare, 'campaignId'> & {
    readonly byLine: readonly number[];
  })[];
}

export const pricedLines = (session: Session, points: PointsOnLines): PricedLine[] => {
  const { receipt, places } = session.facts;
  return receipt.lines.map((line, sent) =>
    pricedLine(session, points, line, sent, places[sent] as number),
  );
};

const pricedLine = (
  session: Session,
  { value, points: redeemed, earnedByRule, earned }: PointsOnLines,
  line: BasketLine,
  sent: number,
  index: number,
): PricedLine => {
  const runs = session.goods.runs[index] as readonly Run[];
  const points: PointsShare[] = [];
  let pointsEarned = earnedByRule[sent] as number;
  if (pointsEarned > 0) points.push({ campaignId: null, points: pointsEarned });
  for (const { campaignId, byLine } of earned) {
    const share = byLine[index] as number;
    if (share > 0) points.push({ campaignId, points: share });
    pointsEarned += share;
  }
  const [only, another] = runs as readonly [Run, Run?];
  const units = another && runs.map(unitShare);
  const { position, productId, quantity, price, amount } = line;
  const priced: PricedLine = {
    position,
    productId,
    quantity,
    price,
    amount,
    net: session.goods.left[index] as number,
    paidByPoints: value[sent] as number,
    pointsRedeemed: redeemed[sent] as number,
    pointsEarned,
    discounts: units ? discountsOn(units) : discountsOf(only, only.count),
    points,
  };
  if (units) priced.units = units;
  return priced;
};

/** Of all units together. */
const discountsOn = (units: readonly UnitShare[]): Discount[] => {
  const sums: Discount[] = [];
  for (const { count, discounts } of units) {
    for (const { campaignId, version, amount } of discounts) {
      addDiscount(sums, campaignId, version, count * amount);
    }
  }
  return sums;
};

const unitShare = (run: Run): UnitShare => ({
  count: run.count,
  quantity: run.quantity,
  amount: run.amount,
  net: run.left,
  discounts: discountsOf(run),
});
