import { list, Name } from '../arguments.js';
import { receiptCondition } from '../condition.js';

export const coupon = receiptCondition(
  'coupon',
  'A usable coupon of one of these series was shown; it is spent where the campaign gives something.',
  { series: list(Name, 'Coupon series') },
  {
    compile:
      ({ series }) =>
      ({ couponCodes }) =>
        series.some((name) => couponCodes.has(name)),
    hint: ({ series }) => ({ by: 'coupon', values: series }),
  },
);
