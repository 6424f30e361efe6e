import { isWithin, rangeOf } from '../../pricing/arguments.js';
import { daysArgument } from '../arguments.js';
import { accountCondition } from '../condition.js';
import { purchasesWithin } from '../figures.js';

export const purchases = accountCondition(
  'purchases',
  'So many purchases, without cancelled and wholly returned ones.',
  { ...rangeOf('purchases', 1_000_000), ...daysArgument },
  {
    needsOneOf: ['min', 'max'],
    holds: (given, account, asOf) =>
      isWithin(purchasesWithin(account, given.days, asOf).length, given),
  },
);
