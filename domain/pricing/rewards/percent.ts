import { Type } from '@sinclair/typebox';
import { shareHalfUp } from '../../amount.js';
import { BasisPoints } from '../arguments.js';
import { Condition } from '../conditionTree.js';
import { type Goods, leftOn, type Pick, spreadOffLine, spreadOffLines } from '../goods.js';
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
      const share = (left: number, full: () => number): number =>
        Math.min(left, shareHalfUp(of === 'left' ? left : full(), basisPoints, 10_000));
      return (moment) => {
        const { goods } = moment;
        const chosen = select(moment);
        if (per === 'receipt') {
          const total = share(leftOn(goods, chosen), () => fullOf(goods, chosen));
          return { picks: spreadOffLines(goods, total, chosen) };
        }
        const picks: Pick[] = [];
        for (const line of chosen) {
          const total = share(goods.left[line] as number, () => fullOf(goods, [line]));
          spreadOffLine(goods, total, line, picks);
        }
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
