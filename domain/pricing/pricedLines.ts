/**
 * The lines of the answer: what each costs, by whom it was made cheaper, what points pay of it and what it earns, down to its
 * units. Lines come as the till sent them.
 */
import type { BasketLine } from './basketLines.js';
import type { CompiledCampaign } from './campaignSet.js';
import type { Earned } from './earning.js';
import type { Discount, PointsShare, PricedLine, UnitShare } from './priced.js';
import type { Session } from './session.js';
import { type Run, spreadOverUnits } from './units.js';

/** By line, in canonical order. */
export interface PaidByPoints {
  readonly value: readonly number[];
  readonly points: readonly number[];
}

interface Unit {
  readonly run: Run;
  readonly count: number;
  paidByPoints: number;
  pointsRedeemed: number;
  pointsEarned: number;
}

type Figure = 'paidByPoints' | 'pointsRedeemed' | 'pointsEarned';

/** Spreads a line's figure over its units; units that get one more part from their like. */
const spreadFigure = (
  units: readonly Unit[],
  figure: Figure,
  total: number,
  weightOf: (unit: Unit) => number,
): readonly Unit[] => {
  if (total === 0) return units;
  let weighed = units.map((unit) => ({ count: unit.count, weight: weightOf(unit) }));
  if (weighed.every(({ weight }) => weight === 0)) {
    weighed = units.map(({ count }) => ({ count, weight: 1 }));
  }
  return spreadOverUnits(total, weighed).map(({ index, count, share }) => ({
    ...(units[index] as Unit),
    count,
    [figure]: share,
  }));
};

const discountsOf = (session: Session, byPlace: Iterable<readonly [number, number]>): Discount[] =>
  [...byPlace].flatMap(([place, amount]) => {
    const { campaignId, version } = (session.set.campaigns[place] as CompiledCampaign).campaign;
    return amount > 0 ? [{ campaignId, version, amount }] : [];
  });

/** Two rewards of one campaign count as one. */
const byPlace = (runs: readonly Run[]): Map<number, number> => {
  const sums = new Map<number, number>();
  for (const { count, cuts } of runs) {
    for (const { by, amount } of cuts) sums.set(by, (sums.get(by) ?? 0) + count * amount);
  }
  return sums;
};

const unitsOf = (
  session: Session,
  runs: readonly Run[],
  totals: Record<Figure, number>,
): UnitShare[] | null => {
  const [first] = runs;
  if (runs.length === 1 && first?.count === 1) return null;
  const earns = session.rule.earnOnRedeemed;
  let units: readonly Unit[] = runs.map((run) => ({
    run,
    count: run.count,
    paidByPoints: 0,
    pointsRedeemed: 0,
    pointsEarned: 0,
  }));
  units = spreadFigure(units, 'paidByPoints', totals.paidByPoints, ({ run }) => run.left);
  units = spreadFigure(units, 'pointsRedeemed', totals.pointsRedeemed, (unit) => unit.paidByPoints);
  units = spreadFigure(units, 'pointsEarned', totals.pointsEarned, ({ run, paidByPoints }) =>
    earns ? run.left : run.left - paidByPoints,
  );
  if (units.length === 1) return null;
  return units.map(({ run, count, paidByPoints, pointsRedeemed, pointsEarned }) => ({
    count,
    quantity: run.quantity,
    amount: run.amount,
    net: run.left,
    paidByPoints,
    pointsRedeemed,
    pointsEarned,
    discounts: discountsOf(session, byPlace([{ ...run, count: 1 }])),
  }));
};

export const pricedLines = (
  session: Session,
  paid: PaidByPoints,
  earned: Earned,
  lineOf: (line: BasketLine) => number,
): PricedLine[] => {
  const { facts, goods } = session;
  const sources = [...earned.campaigns].map(([place, { byLine }]) => ({
    campaignId: session.set.campaigns[place]?.campaign.campaignId ?? null,
    byLine,
  }));
  return facts.receipt.lines.map((line): PricedLine => {
    const index = lineOf(line);
    const runs = goods.runs[index] as readonly Run[];
    const paidByPoints = paid.value[index] as number;
    const pointsRedeemed = paid.points[index] as number;
    const points = pointsOf(earned, sources, index);
    let pointsEarned = 0;
    for (const share of points) pointsEarned += share.points;
    const units = unitsOf(session, runs, { paidByPoints, pointsRedeemed, pointsEarned });
    const { position, productId, quantity, price, amount } = line;
    const priced: PricedLine = {
      position,
      productId,
      quantity,
      price,
      amount,
      net: goods.left[index] as number,
      paidByPoints,
      pointsRedeemed,
      pointsEarned,
      discounts: session.byLine.has(index) ? discountsOf(session, byPlace(runs)) : [],
      points,
    };
    if (units) priced.units = units;
    return priced;
  });
};

interface Source extends Pick<PointsShare, 'campaignId'> {
  readonly byLine: readonly number[];
}

const pointsOf = (earned: Earned, sources: readonly Source[], index: number): PointsShare[] => {
  const points: PointsShare[] = [];
  const byRule = earned.programme.byLine[index] as number;
  if (byRule > 0) points.push({ campaignId: null, points: byRule });
  for (const { campaignId, byLine } of sources) {
    const share = byLine[index] as number;
    if (share > 0) points.push({ campaignId, points: share });
  }
  return points;
};
