import { Type } from '@sinclair/typebox';
import { Money } from '../../amount.js';
import { Condition } from '../conditionTree.js';
import { leftOn, type Pick, pickOf, spreadOffLine, spreadOffLines, unitsOf } from '../goods.js';
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
      return (moment) => {
        const { goods } = moment;
        const chosen = select(moment);
        if (per === 'receipt') {
          const total = Math.min(amount, leftOn(goods, chosen));
          return { picks: spreadOffLines(goods, total, chosen) };
        }
        const picks: Pick[] = [];
        if (per === 'line') {
          for (const line of chosen) {
            spreadOffLine(goods, Math.min(amount, goods.left[line] as number), line, picks);
          }
        } else {
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
