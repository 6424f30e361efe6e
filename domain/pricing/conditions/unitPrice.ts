import { isWithin, rangeOf } from '../arguments.js';
import { lineCondition } from '../condition.js';

export const unitPrice = lineCondition(
  'unit-price',
  'The price of one unit of the line, before anything is taken off, is within a range.',
  rangeOf('minor units'),
  { compile: (range) => (line) => isWithin(line.price, range) },
);
