import { Type } from '@sinclair/typebox';
import { BasisPoints } from '../arguments.js';
import { Condition } from '../conditionTree.js';
import { type Chosen, dearestFirst, some, unitsOf } from '../goods.js';
import { percentOff } from '../percentOff.js';
import { discountReward, hintOfLines, selectorOf } from '../reward.js';
import { Sets } from '../sets.js';

/** Every n-th of the units in their order, `most` of them at the most. */
const everyNth = (units: readonly Chosen[], nth: number, most: number): Chosen[] => {
  let passed = 0;
  let open = most;
  return units.flatMap((unit) => {
    const before = Math.floor(passed / nth);
    passed += unit.count;
    const count = Math.min(open, Math.floor(passed / nth) - before);
    open -= count;
    return count > 0 ? [some(unit, count)] : [];
  });
};

export const nthUnit = discountReward(
  'nth-unit',
  'Every n-th unit, counted from the dearest, is cheaper by a percentage: the second at half price.',
  {
    nth: Type.Integer({ minimum: 2, maximum: 1_000 }),
    basisPoints: BasisPoints,
    lines: Type.Optional(Condition),
    per: Type.Optional(
      Type.Union([Type.Literal('product'), Type.Literal('receipt')], {
        description:
          'product (where left out): counted for each product; receipt: for all together',
      }),
    ),
    timesMax: Type.Optional(Sets),
  },
  {
    turn: () => 'lines',
    compile: ({ nth, basisPoints, lines, per = 'product', timesMax = Infinity }) => {
      const select = selectorOf(lines);
      return (moment) => {
        const units = unitsOf(moment.goods, select(moment));
        if (per === 'receipt') {
          return {
            picks: percentOff(basisPoints, everyNth(dearestFirst(units), nth, timesMax), null),
          };
        }
        const byProduct = new Map<string, Chosen[]>();
        for (const unit of units) {
          const { productId } = moment.facts.lines[unit.line] as { productId: string };
          const group = byProduct.get(productId);
          if (group) group.push(unit);
          else byProduct.set(productId, [unit]);
        }
        let open = timesMax;
        const chosen = [...byProduct.values()].flatMap((group) => {
          const found = everyNth(dearestFirst(group), nth, open);
          for (const { count } of found) open -= count;
          return found;
        });
        return { picks: percentOff(basisPoints, chosen, null) };
      };
    },
    hint: hintOfLines,
  },
);
