/**
 * The goods of a receipt while it is being priced: for each line its units and what is left to pay for them. A reward proposes
 * picks (so much off so many units), caps cut them down, and only then are they applied.
 *
 * Runs are never changed in place, so a fork for trying a campaign out copies two arrays and shares the rest. Invariants: no unit
 * is ever below zero; `left` of a line is the sum over its units and `payable` the sum over the lines.
 */
import type { Facts } from './facts.js';
import { type Run, runsOf, spreadOverUnits, type Weighed } from './units.js';

export interface Goods {
  /** By line, in the order of `Facts.lines`. */
  readonly runs: (readonly Run[])[];
  readonly left: number[];
  payable: number;
}

export const goodsOf = ({ lines, total }: Facts): Goods => ({
  runs: lines.map(runsOf),
  left: lines.map(({ amount }) => amount),
  payable: total,
});

export const forkGoods = ({ runs, left, payable }: Goods): Goods => ({
  runs: [...runs],
  left: [...left],
  payable,
});

/** `cut` minor units off each of `count` units of a run. */
export interface Pick {
  readonly line: number;
  readonly run: number;
  readonly count: number;
  readonly cut: number;
}

export const sumOf = (picks: readonly Pick[]): number => {
  let sum = 0;
  for (const { count, cut } of picks) sum += count * cut;
  return sum;
};

/** Takes the picks off, as the campaign numbered `by`. Cut units go behind the untouched ones of their run: returns begin there. */
export const applyPicks = (goods: Goods, picks: readonly Pick[], by: number): void => {
  const byLine = new Map<number, Pick[]>();
  for (const pick of picks) {
    if (pick.cut === 0 || pick.count === 0) continue;
    const list = byLine.get(pick.line);
    if (list) list.push(pick);
    else byLine.set(pick.line, [pick]);
  }
  for (const [line, list] of byLine) {
    const runs = goods.runs[line] as readonly Run[];
    goods.runs[line] =
      runs.length === 1 ? cutRun(runs[0] as Run, list, by) : cutRuns(runs, list, by);
    const taken = sumOf(list);
    goods.left[line] = (goods.left[line] as number) - taken;
    goods.payable -= taken;
  }
};

const cutRuns = (runs: readonly Run[], picks: readonly Pick[], by: number): Run[] =>
  runs.flatMap((run, index) => {
    const own = picks.filter((pick) => pick.run === index);
    return own.length === 0 ? [run] : cutRun(run, own, by);
  });

const cutRun = (run: Run, picks: readonly Pick[], by: number): Run[] => {
  let untouched = run.count;
  for (const { count } of picks) untouched -= count;
  const parts: Run[] = untouched > 0 ? [{ ...run, count: untouched }] : [];
  for (const { count, cut } of picks) {
    const { quantity, amount, left } = run;
    const cuts = [...run.cuts, { by, amount: cut }];
    parts.push({ count, quantity, amount, left: left - cut, cuts });
  }
  return parts;
};

/** Some units that are to be discounted together. */
export interface Chosen {
  readonly line: number;
  readonly run: number;
  readonly count: number;
  /** Of one unit. */
  readonly left: number;
}

/** Every unit of the lines that is not free already. */
export const unitsOf = (goods: Goods, lines: readonly number[]): Chosen[] =>
  lines.flatMap((line) =>
    (goods.runs[line] as readonly Run[]).flatMap(({ count, left }, run) =>
      left > 0 ? [{ line, run, count, left }] : [],
    ),
  );

export const dearestFirst = (units: readonly Chosen[]): Chosen[] =>
  [...units].sort((a, b) => b.left - a.left || a.line - b.line || a.run - b.run);

/** The other way round, so that among equals the dearest and the cheapest are never the same unit. */
export const cheapestFirst = (units: readonly Chosen[]): Chosen[] => dearestFirst(units).reverse();

export const countOf = (units: readonly { readonly count: number }[]): number => {
  let sum = 0;
  for (const { count } of units) sum += count;
  return sum;
};

/** The first `wanted` of the units, and what stays. */
export const takeUnits = (
  units: readonly Chosen[],
  wanted: number,
): { readonly taken: Chosen[]; readonly rest: Chosen[] } => {
  const taken: Chosen[] = [];
  const rest: Chosen[] = [];
  let open = wanted;
  for (const unit of units) {
    const count = Math.min(open, unit.count);
    open -= count;
    if (count > 0) taken.push({ ...unit, count });
    if (count < unit.count) rest.push({ ...unit, count: unit.count - count });
  }
  return { taken, rest };
};

/** `total` off the units, in proportion to what they cost: largest remainder over the lines, then over the units of each. */
export const spreadOff = (total: number, units: readonly Chosen[]): Pick[] => {
  const weights = new Map<number, number>();
  for (const { line, count, left } of units) {
    weights.set(line, (weights.get(line) ?? 0) + count * left);
  }
  const lines = [...weights.keys()];
  const [first] = lines;
  if (first === undefined) return [];
  if (lines.length === 1) return spreadInLine(total, units);
  const weighed = lines.map((line): Weighed => ({ count: 1, weight: weights.get(line) as number }));
  const ofLine = new Map<number, Chosen[]>(lines.map((line) => [line, []]));
  for (const unit of units) ofLine.get(unit.line)?.push(unit);
  return spreadOverUnits(total, weighed).flatMap(({ index, share }) =>
    spreadInLine(share, ofLine.get(lines[index] as number) as Chosen[]),
  );
};

const spreadInLine = (total: number, units: readonly Chosen[]): Pick[] => {
  const [only] = units;
  if (units.length === 1 && only?.count === 1) {
    return [{ line: only.line, run: only.run, count: 1, cut: total }];
  }
  const weighed = units.map(({ count, left }): Weighed => ({ count, weight: left }));
  return spreadOverUnits(total, weighed).map(({ index, count, share }) => {
    const { line, run } = units[index] as Chosen;
    return { line, run, count, cut: share };
  });
};
