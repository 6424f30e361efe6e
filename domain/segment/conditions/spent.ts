import { isWithin, rangeOf } from '../../pricing/arguments.js';
import { daysArgument } from '../arguments.js';
import { accountCondition } from '../condition.js';
import { purchasesWithin } from '../figures.js';

export const spent = accountCondition(
  'spent',
  'So much was spent, less what came back.',
  { ...rangeOf('minor units'), ...daysArgument },
  {
    needsOneOf: ['min', 'max'],
    holds: (given, account, asOf) => {
      const sum = purchasesWithin(account, given.days, asOf).reduce((all, { net }) => all + net, 0);
      return isWithin(sum, given);
    },
  },
);
