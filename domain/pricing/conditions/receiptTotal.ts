import { Type } from '@sinclair/typebox';
import { isWithin, rangeOf } from '../arguments.js';
import { receiptCondition } from '../condition.js';

export const receiptTotal = receiptCondition(
  'receipt-total',
  'The total of the receipt is within a range.',
  {
    ...rangeOf('minor units'),
    of: Type.Optional(
      Type.Union([Type.Literal('full'), Type.Literal('payable')], {
        description:
          'full (as it is where left out): before anything is taken off; payable: what is left when the turn of the campaign comes',
      }),
    ),
  },
  {
    compile: ({ of, ...range }) =>
      of === 'payable'
        ? (_facts, payable) => isWithin(payable, range)
        : ({ total }) => isWithin(total, range),
  },
);
