import { list, Name } from '../../pricing/arguments.js';
import { daysArgument } from '../arguments.js';
import { accountCondition } from '../condition.js';
import { purchasesWithin } from '../figures.js';

export const category = accountCondition(
  'category',
  'Bought something of these categories, as the catalogue has them today, and did not give it back.',
  { categories: list(Name, 'Their names'), ...daysArgument },
  {
    holds: ({ categories, days }, account, asOf) =>
      purchasesWithin(account, days, asOf).some(({ lines }) =>
        lines.some(
          (line) => line.kept > 0 && line.category !== null && categories.includes(line.category),
        ),
      ),
  },
);
