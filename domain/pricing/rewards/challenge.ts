import { Type } from '@sinclair/typebox';
import { Name } from '../arguments.js';
import { Condition } from '../conditionTree.js';
import { contributionOf, CountedBy } from '../contributions.js';
import { gameReward, hintOfLines, selectorOf } from '../reward.js';

export const challenge = gameReward(
  'challenge',
  'Takes a known customer further in a challenge: by a receipt, by its units, or by what is paid.',
  { challenge: Name, by: CountedBy, lines: Type.Optional(Condition) },
  {
    compile: ({ challenge: name, by, lines }) => {
      const select = selectorOf(lines);
      return (moment) => {
        if (moment.facts.customer === null) return [];
        const { count, parts } = contributionOf(moment, select(moment), by, 1, 1);
        return count === 0 ? [] : [{ kind: 'challenge', challenge: name, progress: count, parts }];
      };
    },
    hint: hintOfLines,
  },
);
