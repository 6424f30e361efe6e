import { Type } from '@sinclair/typebox';
import { Points } from '../../amount.js';
import { Condition } from '../conditionTree.js';
import { hintOfLines, pointsReward, selectorOf } from '../reward.js';

export const pointsBonus = pointsReward(
  'points-bonus',
  'Gives a fixed number of points for a receipt with such lines on which anything is paid.',
  { points: Points, lines: Type.Optional(Condition) },
  {
    compile: ({ points, lines }) => {
      const select = selectorOf(lines);
      return (moment) => {
        const chosen = select(moment).filter((line) => (moment.goods.left[line] as number) > 0);
        return { points: chosen.length > 0 ? points : 0, lines: chosen };
      };
    },
    hint: hintOfLines,
  },
);
