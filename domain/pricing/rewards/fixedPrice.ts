import { Type } from '@sinclair/typebox';
import { Money, shareHalfUp } from '../../amount.js';
import { Condition } from '../conditionTree.js';
import { pickOf, unitsOf } from '../goods.js';
import { discountReward, hintOfLines, selectorOf } from '../reward.js';
import type { Run } from '../units.js';

export const fixedPrice = discountReward(
  'fixed-price',
  'Lets one unit (of weighed goods: one kilogram) cost a fixed price; what is cheaper stays as it is.',
  { price: Money, lines: Type.Optional(Condition) },
  {
    turn: () => 'lines',
    compile: ({ price, lines }) => {
      const select = selectorOf(lines);
      return (moment) => {
        const { goods } = moment;
        const picks = unitsOf(goods, select(moment)).map((unit) => {
          const { quantity } = goods.runs[unit.line]?.[unit.run] as Run;
          return pickOf(unit, Math.max(0, unit.left - shareHalfUp(price, quantity, 1_000)));
        });
        return { picks };
      };
    },
    hint: hintOfLines,
  },
);
