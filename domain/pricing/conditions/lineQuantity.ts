import { isWithin, rangeOf } from '../arguments.js';
import { lineCondition } from '../condition.js';

export const lineQuantity = lineCondition(
  'line-quantity',
  'The quantity of the line is within a range.',
  rangeOf('thousandths'),
  { compile: (range) => (line) => isWithin(line.quantity, range) },
);
