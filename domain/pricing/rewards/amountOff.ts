import { Type } from '@sinclair/typebox';
import { Money } from '../../amount.js';
import { Condition } from '../conditionTree.js';
import { type Chosen, spreadOff, unitsOf, worthOf } from '../goods.js';
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
      const off = (units: readonly Chosen[]) => spreadOff(Math.min(amount, worthOf(units)), units);
      return (moment) => {
        const { goods } = moment;
        const chosen = select(moment);
        switch (per) {
          case 'unit':
            return {
              picks: unitsOf(goods, chosen).map(({ left, ...unit }) => ({
                ...unit,
                cut: Math.min(amount, left),
              })),
            };
          case 'line':
            return { picks: chosen.flatMap((line) => off(unitsOf(goods, [line]))) };
          default:
            return { picks: off(unitsOf(goods, chosen)) };
        }
      };
    },
    hint: hintOfLines,
  },
);
