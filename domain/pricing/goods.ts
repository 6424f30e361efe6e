/**
 * The goods of a receipt while it is being priced: for each line its units and what is left to pay for them. A reward proposes
 * picks (so much off so many units), caps cut them down, and only then are they applied.
 *
 * Runs are never changed in place, so a fork for trying a campaign out copies two arrays and shares the rest. Invariants: no unit
 * is ever below zero; `left` of a line is the sum over its units and `payable` the sum over the lines.
 */
import type { Facts } from './facts.js';
import { spread } from '../amount.js';
import { type CampaignVersion, type Run, runsOf, spreadOverUnits } from './units.js';

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

/** Calls `visit` for the items of each line; whoever chose them by price has mixed the lines. */
export const eachLine = <Item extends { readonly line: number }>(
  items: readonly Item[],
  visit: (line: number, own: readonly Item[]) => void,
): void => {
  const ordered = inLineOrder(items);
  let start = 0;
  while (start < ordered.length) {
    const { line } = ordered[start] as Item;
    let end = start + 1;
    while (end < ordered.length && (ordered[end] as Item).line === line) end += 1;
    visit(line, start === 0 && end === ordered.length ? ordered : ordered.slice(start, end));
    start = end;
  }
};

const inLineOrder = <Item extends { readonly line: number }>(
  items: readonly Item[],
): readonly Item[] => (isByLine(items) ? items : [...items].sort((a, b) => a.line - b.line));

const isByLine = (items: readonly { readonly line: number }[]): boolean => {
  let last = -1;
  for (const { line } of items) {
    if (line < last) return false;
    last = line;
  }
  return true;
};

/** Takes the picks off. Cut units go behind the untouched ones of their run: returns begin there. */
export const applyPicks = (goods: Goods, picks: readonly Pick[], by: CampaignVersion): void => {
  const ordered = inLineOrder(picks);
  for (let from = 0, until = 0; from < ordered.length; from = until) {
    const { line } = ordered[from] as Pick;
    let taken = 0;
    for (; until < ordered.length && ordered[until]?.line === line; until += 1) {
      const { count, cut } = ordered[until] as Pick;
      taken += count * cut;
    }
    if (taken === 0) continue;
    goods.runs[line] = cutRuns(goods.runs[line] as readonly Run[], ordered, from, until, by);
    goods.left[line] = (goods.left[line] as number) - taken;
    goods.payable -= taken;
  }
};

/** By the picks of the line, which are those `from` one place `until` another. */
const cutRuns = (
  runs: readonly Run[],
  picks: readonly Pick[],
  from: number,
  until: number,
  by: CampaignVersion,
): readonly Run[] => {
  const [only] = runs as readonly [Run];
  const first = picks[from] as Pick;
  // Most lines fared alike so far in all their units, and are cut in all of them.
  if (runs.length === 1 && until - from === 1 && first.count === only.count) {
    return [cutUnits(only, first, by)];
  }
  const own = picks.slice(from, until);
  if (runs.length === 1 && countOfCut(own) === only.count) {
    return own.map((pick) => cutUnits(only, pick, by));
  }
  const cut: Run[] = [];
  for (let index = 0; index < runs.length; index += 1) {
    cutRun(runs[index] as Run, index, own, by, cut);
  }
  return cut;
};

/** Units of which something is taken; none where some pick takes nothing. */
const countOfCut = (picks: readonly Pick[]): number => {
  let sum = 0;
  for (const { count, cut } of picks) {
    if (cut === 0) return 0;
    sum += count;
  }
  return sum;
};

const cutRun = (
  run: Run,
  index: number,
  picks: readonly Pick[],
  by: CampaignVersion,
  into: Run[],
): void => {
  let untouched = run.count;
  for (const pick of picks) if (pick.run === index && pick.cut > 0) untouched -= pick.count;
  if (untouched === run.count) {
    into.push(run);
    return;
  }
  const { quantity, amount, left, by: last, before } = run;
  if (untouched > 0) into.push({ count: untouched, quantity, amount, left, by: last, before });
  for (const pick of picks) {
    if (pick.run === index && pick.cut > 0 && pick.count > 0) into.push(cutUnits(run, pick, by));
  }
};

const cutUnits = (before: Run, { count, cut }: Pick, by: CampaignVersion): Run => {
  const { quantity, amount, left } = before;
  return { count, quantity, amount, left: left - cut, by, before };
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
export const unitsOf = (goods: Goods, lines: readonly number[]): Chosen[] => {
  const units: Chosen[] = [];
  for (const line of lines) {
    const runs = goods.runs[line] as readonly Run[];
    for (let run = 0; run < runs.length; run += 1) {
      const { count, left } = runs[run] as Run;
      if (left > 0) units.push({ line, run, count, left });
    }
  }
  return units;
};

export const dearestFirst = (units: readonly Chosen[]): Chosen[] =>
  [...units].sort((a, b) => b.left - a.left || a.line - b.line || a.run - b.run);

/** The other way round, so that among equals the dearest and the cheapest are never the same unit. */
export const cheapestFirst = (units: readonly Chosen[]): Chosen[] => dearestFirst(units).reverse();

export const countOf = (units: readonly { readonly count: number }[]): number => {
  let sum = 0;
  for (const { count } of units) sum += count;
  return sum;
};

/** So many of the units. */
export const some = (units: Chosen, count: number): Chosen => {
  const { line, run, left } = units;
  return count === units.count ? units : { line, run, count, left };
};

/** `cut` off each of the units. */
export const pickOf = ({ line, run, count }: Chosen, cut: number): Pick => ({
  line,
  run,
  count,
  cut,
});

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
    if (count > 0) taken.push(some(unit, count));
    if (count < unit.count) rest.push(some(unit, unit.count - count));
  }
  return { taken, rest };
};

/** `total` off whole lines: as `spreadOff` of all their units, without choosing them first. */
export const spreadOffLines = (goods: Goods, total: number, lines: readonly number[]): Pick[] => {
  const picks: Pick[] = [];
  const shares =
    lines.length === 1
      ? [total]
      : spread(
          total,
          lines.map((line) => goods.left[line] as number),
        );
  for (let index = 0; index < lines.length; index += 1) {
    spreadOffLine(goods, shares[index] as number, lines[index] as number, picks);
  }
  return picks;
};

/** `total` off all units of one line. */
export const spreadOffLine = (goods: Goods, total: number, line: number, picks: Pick[]): void =>
  spreadOverUnits(
    total,
    goods.runs[line] as readonly Run[],
    leftOf,
    ({ left }, count, cut, run) => {
      if (left > 0) picks.push({ line, run, count, cut });
    },
  );

/** What is left to pay for the lines. */
export const leftOn = ({ left }: Goods, lines: readonly number[]): number => {
  let sum = 0;
  for (const line of lines) sum += left[line] as number;
  return sum;
};

/** `total` off the units, in proportion to what they cost: largest remainder over the lines, then over the units of each. */
export const spreadOff = (total: number, units: readonly Chosen[]): Pick[] => {
  const picks: Pick[] = [];
  const give = ({ line, run }: Chosen, count: number, cut: number): void => {
    picks.push({ line, run, count, cut });
  };
  const lines: (readonly Chosen[])[] = [];
  const weights: number[] = [];
  eachLine(units, (_line, own) => {
    lines.push(own);
    weights.push(worthOf(own));
  });
  const shares = lines.length === 1 ? [total] : spread(total, weights);
  for (let index = 0; index < lines.length; index += 1) {
    spreadOverUnits(shares[index] as number, lines[index] as readonly Chosen[], leftOf, give);
  }
  return picks;
};

const leftOf = ({ left }: { readonly left: number }): number => left;

/** What the units cost together now. */
export const worthOf = (units: readonly Chosen[]): number => {
  let sum = 0;
  for (const { count, left } of units) sum += count * left;
  return sum;
};
