import { Type } from '@sinclair/typebox';
import { BasisPoints } from '../arguments.js';
import { Condition } from '../conditionTree.js';
import { cheapestFirst, countOf, takeUnits, unitsOf } from '../goods.js';
import { percentOff } from '../percentOff.js';
import { discountReward, hintOfLines, selectorOf } from '../reward.js';
import { Sets, Spread } from '../sets.js';

export const cheapestFree = discountReward(
  'cheapest-free',
  'Of every so many units the cheapest of the receipt are free, or cheaper by a percentage.',
  {
    every: Type.Integer({ minimum: 2, maximum: 1_000, description: 'Units in a set' }),
    free: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 999, description: 'Of each set, one where left out' }),
    ),
    basisPoints: Type.Optional(BasisPoints),
    lines: Type.Optional(Condition),
    setsMax: Type.Optional(Sets),
    spread: Type.Optional(Spread),
  },
  {
    turn: () => 'lines',
    compile: ({ every, free = 1, basisPoints = 10_000, lines, setsMax = Infinity, spread }) => {
      const select = selectorOf(lines);
      return (moment) => {
        const units = cheapestFirst(unitsOf(moment.goods, select(moment)));
        const sets = Math.min(setsMax, Math.floor(countOf(units) / every));
        const { taken, rest } = takeUnits(units, sets * Math.min(free, every));
        // The dearest of the others made the sets up.
        const others = takeUnits(rest.reverse(), sets * Math.max(0, every - free)).taken;
        return { picks: percentOff(basisPoints, taken, spread === 'set' ? others : null) };
      };
    },
    hint: hintOfLines,
  },
);
