import { Type } from '@sinclair/typebox';
import { Money } from '../../amount.js';
import { Condition } from '../conditionTree.js';
import { type Goods, leftOn, type Pick, pickOf, spreadOffLines, unitsOf } from '../goods.js';
import { discountReward, hintOfLines, selectorOf } from '../reward.js';

export const amountOff = discountReward(
  'amount-off',
  'Takes an amount off each unit, off each line, or off lines together; never more than is left to pay.',
  {
    amount: Money,
    per: Type.Union([Type.Literal('unit'), Type.Literal('line'), Type.Literal('receipt')]),
    lines: Type.Optional(Condition),
  },
  {
    turn: ({ per }) => (per === 'receipt' ? 'receipt' : 'lines'),
    compile: ({ amount, per, lines }) => {
      const select = selectorOf(lines);
      const off = (goods: Goods, chosen: readonly number[], picks: Pick[]): Pick[] =>
        spreadOffLines(goods, Math.min(amount, leftOn(goods, chosen)), chosen, picks);
      return (moment) => {
        const { goods } = moment;
        const chosen = select(moment);
        const picks: Pick[] = [];
        if (per === 'receipt') off(goods, chosen, picks);
        else if (per === 'line') for (const line of chosen) off(goods, [line], picks);
        else {
          for (const unit of unitsOf(goods, chosen)) {
            picks.push(pickOf(unit, Math.min(amount, unit.left)));
          }
        }
        return { picks };
      };
    },
    hint: hintOfLines,
  },
);
