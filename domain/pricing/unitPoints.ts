/**
 * What points pay and earn of each unit of a recorded line. The line's figures are recorded; spread over its units they are the
 * same whoever asks, so they need not be recorded too.
 *
 * Points pay units by what they cost and are earned on what is left; the figures of the units add up to the line's.
 */
import type { PricedLine, UnitShare } from './priced.js';
import { spreadOverUnits, unitsIn } from './units.js';

/** Units that fare alike in everything: `count` times these figures. */
export interface UnitWithPoints extends UnitShare {
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
}

type Figure = 'paidByPoints' | 'pointsRedeemed' | 'pointsEarned';

export const unitsWithPoints = (line: PricedLine): readonly UnitWithPoints[] => {
  const none = { paidByPoints: 0, pointsRedeemed: 0, pointsEarned: 0 };
  let units: readonly UnitWithPoints[] = (line.units ?? [alike(line)]).map((unit) => ({
    ...unit,
    ...none,
  }));
  units = shareAmong(units, 'paidByPoints', line.paidByPoints, ({ net }) => net);
  units = shareAmong(units, 'pointsRedeemed', line.pointsRedeemed, (unit) => unit.paidByPoints);
  const inMoney = ({ net, paidByPoints }: UnitWithPoints) => net - paidByPoints;
  const paid = units.some((unit) => inMoney(unit) > 0);
  return shareAmong(units, 'pointsEarned', line.pointsEarned, paid ? inMoney : ({ net }) => net);
};

/** All units of a line that has recorded none: its figures are multiples of theirs. */
const alike = (line: PricedLine): UnitShare => {
  const count = unitsIn(line);
  return {
    count,
    quantity: line.quantity / count,
    amount: line.amount / count,
    net: line.net / count,
    discounts: line.discounts.map((cut) => ({ ...cut, amount: cut.amount / count })),
  };
};

/** Units that get one more part from their like. */
const shareAmong = (
  units: readonly UnitWithPoints[],
  figure: Figure,
  total: number,
  weightOf: (unit: UnitWithPoints) => number,
): readonly UnitWithPoints[] => {
  if (total === 0) return units;
  const shared: UnitWithPoints[] = [];
  const weighs = units.some((unit) => weightOf(unit) > 0);
  spreadOverUnits(total, units, weighs ? weightOf : () => 1, (unit, count, share) => {
    shared.push({ ...unit, count, [figure]: share });
  });
  return shared;
};
