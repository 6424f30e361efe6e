import { isAt, momentArguments } from '../arguments.js';
import { accountCondition } from '../condition.js';

export const enrolled = accountCondition('enrolled', 'The customer joined then.', momentArguments, {
  needsOneOf: ['withinDays', 'longerAgoThanDays', 'from', 'until'],
  holds: (given, { enrolledAt }, asOf) => isAt(enrolledAt, given, asOf),
});
