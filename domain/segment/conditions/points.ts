import { isWithin, rangeOf } from '../../pricing/arguments.js';
import { accountCondition } from '../condition.js';

export const points = accountCondition(
  'points',
  'So many points can be spent now.',
  rangeOf('hundredths of a point'),
  {
    needsOneOf: ['min', 'max'],
    holds: (given, { activePoints }) => isWithin(activePoints, given),
  },
);
