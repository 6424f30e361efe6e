import { Type } from '@sinclair/typebox';
import { shareDown } from '../../amount.js';
import { Condition } from '../conditionTree.js';
import { hintOfLines, pointsReward, selectorOf } from '../reward.js';

export const pointsMultiplier = pointsReward(
  'points-multiplier',
  "Multiplies the points that lines earn by the programme's rule; several multipliers add up, they never multiply each other.",
  {
    basisPoints: Type.Integer({
      minimum: 10_001,
      maximum: 1_000_000,
      description: '20000 is twice the points: as much again is added',
    }),
    lines: Type.Optional(Condition),
  },
  {
    compile: ({ basisPoints, lines }) => {
      const select = selectorOf(lines);
      return (moment) => {
        const chosen = select(moment);
        const { points, per } = moment.rule.earn;
        const more = points * (basisPoints - 10_000);
        return { points: shareDown(moment.eligible(chosen), more, per * 10_000), lines: chosen };
      };
    },
    hint: hintOfLines,
  },
);
