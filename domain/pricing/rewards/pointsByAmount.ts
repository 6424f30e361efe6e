import { Type } from '@sinclair/typebox';
import { Points, shareDown } from '../../amount.js';
import { Condition } from '../conditionTree.js';
import { hintOfLines, pointsReward, selectorOf } from '../reward.js';

export const pointsByAmount = pointsReward(
  'points-by-amount',
  'Gives points for every so much that is paid for lines, besides those of the programme; rounded down once.',
  {
    points: Points,
    per: Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'Minor units' }),
    lines: Type.Optional(Condition),
  },
  {
    compile: ({ points, per, lines }) => {
      const select = selectorOf(lines);
      return (moment) => {
        const chosen = select(moment);
        return { points: shareDown(moment.eligible(chosen), points, per), lines: chosen };
      };
    },
    hint: hintOfLines,
  },
);
