import { Points, shareDown } from '../../amount.js';
import type { BasketLine } from '../basketLines.js';
import { Condition } from '../conditionTree.js';
import { hintOfLines, pointsReward, selectorOf } from '../reward.js';

export const pointsByProduct = pointsReward(
  'points-by-product',
  'Gives points for every unit (of weighed goods: every kilogram) of lines that cost anything; rounded down line by line.',
  { points: Points, lines: Condition },
  {
    compile: ({ points, lines }) => {
      const select = selectorOf(lines);
      return (moment) => {
        const chosen = select(moment).filter((line) => (moment.goods.left[line] as number) > 0);
        const byLine = chosen.map((line) =>
          shareDown(points, (moment.facts.lines[line] as BasketLine).quantity, 1_000),
        );
        return { points: byLine.reduce((sum, share) => sum + share, 0), lines: chosen, byLine };
      };
    },
    hint: hintOfLines,
  },
);
