import { isAt, momentArguments } from '../arguments.js';
import { accountCondition } from '../condition.js';
import { purchasesWithin } from '../figures.js';

export const lastPurchase = accountCondition(
  'last-purchase',
  'The last purchase was then; of nobody who never bought.',
  momentArguments,
  {
    needsOneOf: ['withinDays', 'longerAgoThanDays', 'from', 'until'],
    holds: (given, account, asOf) => {
      const times = purchasesWithin(account, undefined, asOf).map(({ at }) => at);
      return isAt(times.length === 0 ? null : Math.max(...times), given, asOf);
    },
  },
);
