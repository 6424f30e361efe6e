import { Type } from '@sinclair/typebox';
import { shareHalfUp } from '../../amount.js';
import { BasisPoints } from '../arguments.js';
import { Condition } from '../conditionTree.js';
import {
  type Chosen,
  type Goods,
  type Pick,
  spreadOff,
  sumOf,
  unitsOf,
  worthOf,
} from '../goods.js';
import { discountReward, hintOfLines, selectorOf } from '../reward.js';

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
      const off = (goods: Goods, units: readonly Chosen[]): Pick[] => {
        const left = worthOf(units);
        const base = of === 'left' ? left : fullOf(goods, units);
        return spreadOff(Math.min(left, shareHalfUp(base, basisPoints, 10_000)), units);
      };
      return (moment) => {
        const { goods } = moment;
        const chosen = select(moment);
        if (per === 'receipt') return { picks: off(goods, unitsOf(goods, chosen)) };
        return { picks: chosen.flatMap((line) => off(goods, unitsOf(goods, [line]))) };
      };
    },
    hint: hintOfLines,
  },
);

/** Before anything was taken off. */
const fullOf = ({ runs }: Goods, units: readonly Chosen[]): number =>
  sumOf(units.map((unit) => ({ ...unit, cut: runs[unit.line]?.[unit.run]?.amount ?? 0 })));
