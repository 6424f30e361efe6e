import { Type } from '@sinclair/typebox';
import { shareHalfUp } from '../../amount.js';
import { BasisPoints } from '../arguments.js';
import { Condition } from '../conditionTree.js';
import { type Goods, leftOn, type Pick, spreadOffLines } from '../goods.js';
import { discountReward, hintOfLines, selectorOf } from '../reward.js';
import type { Run } from '../units.js';

export const percent = discountReward(
  'percent',
  'Takes a percentage off lines, or off all of them together.',
  {
    basisPoints: BasisPoints,
    lines: Type.Optional(Condition),
    per: Type.Optional(
      Type.Union([Type.Literal('line'), Type.Literal('receipt')], {
        description:
          'line (where left out): rounded line by line; receipt: rounded once, with the turn of receipt rewards',
      }),
    ),
    of: Type.Optional(
      Type.Union([Type.Literal('left'), Type.Literal('full')], {
        description:
          'left (where left out): of what earlier campaigns left to pay; full: of the price before them',
      }),
    ),
  },
  {
    turn: ({ per = 'line' }) => (per === 'line' ? 'lines' : 'receipt'),
    compile: ({ basisPoints, lines, per = 'line', of = 'left' }) => {
      const select = selectorOf(lines);
      const off = (goods: Goods, chosen: readonly number[], picks: Pick[]): Pick[] => {
        const left = leftOn(goods, chosen);
        const base = of === 'left' ? left : fullOf(goods, chosen);
        const total = Math.min(left, shareHalfUp(base, basisPoints, 10_000));
        return spreadOffLines(goods, total, chosen, picks);
      };
      return (moment) => {
        const { goods } = moment;
        const chosen = select(moment);
        const picks: Pick[] = [];
        if (per === 'receipt') off(goods, chosen, picks);
        else for (const line of chosen) off(goods, [line], picks);
        return { picks };
      };
    },
    hint: hintOfLines,
  },
);

/** Before anything was taken off, of the units that are not free by now. */
const fullOf = ({ runs }: Goods, lines: readonly number[]): number => {
  let sum = 0;
  for (const line of lines) {
    for (const { count, amount, left } of runs[line] as readonly Run[]) {
      if (left > 0) sum += count * amount;
    }
  }
  return sum;
};
