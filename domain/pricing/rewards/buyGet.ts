import { Type } from '@sinclair/typebox';
import { BasisPoints } from '../arguments.js';
import { Condition, hintOf, mostTelling } from '../conditionTree.js';
import { cheapestFirst, type Chosen, countOf, dearestFirst, takeUnits, unitsOf } from '../goods.js';
import { percentOff } from '../percentOff.js';
import { discountReward, selectorOf } from '../reward.js';
import { Sets, Spread } from '../sets.js';

const Some = (what: string) =>
  Type.Object(
    {
      units: Type.Integer({ minimum: 1, maximum: 1_000 }),
      lines: Type.Optional(Condition),
    },
    { additionalProperties: false, description: what },
  );

/** How the units of a receipt can play the two parts. */
interface Roles {
  readonly bought: readonly Chosen[];
  readonly got: readonly Chosen[];
}

/**
 * The most units that can be got. A unit that could be both is bought while it has to be, the dearest first, so the cheapest are
 * got. With one set more than that nothing is won, since every set needs units of its own.
 */
const assignRoles = (
  only: {
    readonly buy: readonly Chosen[];
    readonly both: readonly Chosen[];
    readonly get: readonly Chosen[];
  },
  buy: number,
  get: number,
  setsMax: number,
): Roles => {
  const [buyOnly, both, getOnly] = [countOf(only.buy), countOf(only.both), countOf(only.get)];
  const sets = Math.min(setsMax, Math.floor((buyOnly + both) / buy));
  let best = { sets: 0, got: 0 };
  for (let count = 1; count <= sets; count += 1) {
    const lent = Math.max(0, count * buy - buyOnly);
    const got = Math.min(count * get, getOnly + both - lent);
    if (got > best.got) best = { sets: count, got };
    else break;
  }
  const lent = Math.max(0, best.sets * buy - buyOnly);
  const shared = takeUnits(dearestFirst(only.both), lent);
  const bought = [...takeUnits(dearestFirst(only.buy), best.sets * buy).taken, ...shared.taken];
  const got = takeUnits(cheapestFirst([...only.get, ...shared.rest]), best.got).taken;
  return { bought, got };
};

export const buyGet = discountReward(
  'buy-get',
  'Whoever buys so many units gets so many others, or more of the same, free or cheaper by a percentage; the cheapest that fit.',
  {
    buy: Some('What has to be bought'),
    get: Some('What is free then; of the bought kind where no lines are named'),
    basisPoints: Type.Optional(BasisPoints),
    setsMax: Type.Optional(Sets),
    spread: Type.Optional(Spread),
  },
  {
    turn: () => 'lines',
    compile: ({ buy, get, basisPoints = 10_000, setsMax = 1_000, spread }) => {
      const selectBuy = selectorOf(buy.lines);
      const selectGet = get.lines === undefined ? selectBuy : selectorOf(get.lines);
      return (moment) => {
        const buyLines = new Set(selectBuy(moment));
        const getLines = new Set(selectGet(moment));
        const of = (isIn: (line: number) => boolean) =>
          unitsOf(moment.goods, [...new Set([...buyLines, ...getLines])].filter(isIn));
        const only = {
          buy: of((line) => !getLines.has(line)),
          both: of((line) => buyLines.has(line) && getLines.has(line)),
          get: of((line) => !buyLines.has(line)),
        };
        const { bought, got } = assignRoles(only, buy.units, get.units, setsMax);
        return { picks: percentOff(basisPoints, got, spread === 'set' ? bought : null) };
      };
    },
    hint: ({ buy, get }) =>
      mostTelling([buy.lines, get.lines].map((lines) => (lines ? hintOf(lines) : null))),
  },
);
