import { Type } from '@sinclair/typebox';
import { Money, shareHalfUp } from '../../amount.js';
import { BasisPoints } from '../arguments.js';
import { Condition, hintOf, mostTelling } from '../conditionTree.js';
import {
  type Chosen,
  countOf,
  dearestFirst,
  spreadOff,
  takeUnits,
  unitsOf,
  worthOf,
} from '../goods.js';
import { discountReward, selectorOf } from '../reward.js';
import { Sets } from '../sets.js';

const Part = Type.Object(
  { lines: Condition, units: Type.Integer({ minimum: 1, maximum: 100 }) },
  { additionalProperties: false },
);

const keyOf = ({ line, run }: Chosen): string => `${line}.${run}`;

/** Units that are still free for a set, by line and run. */
const openUnits = (pool: readonly Chosen[], used: ReadonlyMap<string, number>): Chosen[] =>
  pool.flatMap((unit) => {
    const count = unit.count - (used.get(keyOf(unit)) ?? 0);
    return count > 0 ? [{ ...unit, count }] : [];
  });

/** The dearest set that can still be made, or null. A unit plays one part, the first that wants it. */
const nextSet = (
  pools: readonly (readonly Chosen[])[],
  sizes: readonly number[],
  used: Map<string, number>,
): Chosen[] | null => {
  const set: Chosen[] = [];
  const mine = new Map(used);
  for (const [index, pool] of pools.entries()) {
    const wanted = sizes[index] as number;
    const { taken } = takeUnits(openUnits(pool, mine), wanted);
    if (countOf(taken) < wanted) return null;
    for (const unit of taken) mine.set(keyOf(unit), (mine.get(keyOf(unit)) ?? 0) + unit.count);
    set.push(...taken);
  }
  for (const [key, count] of mine) used.set(key, count);
  return set;
};

export const bundle = discountReward(
  'bundle',
  'Certain units together cost a fixed price, or less by a percentage; the discount lies on all of them by their price.',
  {
    parts: Type.Array(Part, { minItems: 1, maxItems: 10 }),
    price: Type.Optional(Money),
    basisPoints: Type.Optional(BasisPoints),
    setsMax: Type.Optional(Sets),
  },
  {
    turn: () => 'lines',
    compile: ({ parts, price, basisPoints, setsMax = 1_000 }) => {
      const selectors = parts.map(({ lines }) => selectorOf(lines));
      const sizes = parts.map(({ units }) => units);
      const discountOn = (full: number): number => {
        if (price !== undefined) return Math.max(0, full - price);
        return shareHalfUp(full, basisPoints ?? 0, 10_000);
      };
      return (moment) => {
        const pools = selectors.map((select) =>
          dearestFirst(unitsOf(moment.goods, select(moment))),
        );
        const used = new Map<string, number>();
        const sets: Chosen[] = [];
        let discount = 0;
        for (let made = 0; made < setsMax; made += 1) {
          const set = nextSet(pools, sizes, used);
          const off = set === null ? 0 : discountOn(worthOf(set));
          // Sets grow cheaper, so the first that saves nothing is the last.
          if (set === null || off === 0) break;
          sets.push(...set);
          discount += off;
        }
        return { picks: spreadOff(discount, merged(sets)) };
      };
    },
    hint: ({ parts }) => mostTelling(parts.map(({ lines }) => hintOf(lines))),
  },
);

/** Units of one run that came into several sets, as one. */
const merged = (units: readonly Chosen[]): Chosen[] => {
  const byRun = new Map<string, Chosen>();
  for (const unit of units) {
    const key = keyOf(unit);
    const known = byRun.get(key);
    byRun.set(key, known ? { ...known, count: known.count + unit.count } : unit);
  }
  return [...byRun.values()].sort((a, b) => a.line - b.line || a.run - b.run);
};
