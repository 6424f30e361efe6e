import { Type } from '@sinclair/typebox';
import { Name } from '../arguments.js';
import { Condition } from '../conditionTree.js';
import { contributionOf, CountedBy } from '../contributions.js';
import { gameReward, hintOfLines, selectorOf } from '../reward.js';

export const stamps = gameReward(
  'stamps',
  'Puts stamps on a card of a known customer: for the receipt, for its units, or for what is paid.',
  {
    card: Name,
    by: CountedBy,
    stamps: Type.Integer({ minimum: 1, maximum: 1_000 }),
    per: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'One where left out' }),
    ),
    lines: Type.Optional(Condition),
  },
  {
    compile: ({ card, by, stamps: times, per = 1, lines }) => {
      const select = selectorOf(lines);
      return (moment) => {
        if (moment.facts.customer === null) return [];
        const { count, parts } = contributionOf(moment, select(moment), by, times, per);
        return count === 0 ? [] : [{ kind: 'stamps', card, stamps: count, parts }];
      };
    },
    hint: hintOfLines,
  },
);
