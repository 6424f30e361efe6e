/** The names of coupon things. A code is kept in its canonical form: upper case, without separators (see codes.ts). */
import { Type } from '@sinclair/typebox';
import type { Branded } from '../ids.js';

export type SeriesId = Branded<string, 'SeriesId'>;
export const SeriesId = Type.Unsafe<SeriesId>(
  Type.String({
    pattern: '^[a-z][a-z0-9_]{1,39}$',
    description: 'A series of coupons: the name that campaigns know it by',
    examples: ['welcome'],
  }),
);

/** A derived code, or the word of a series of many uses. */
export type CouponCode = Branded<string, 'CouponCode'>;
export const CouponCode = Type.Unsafe<CouponCode>(
  Type.String({
    pattern: '^[0-9A-Z]{4,16}$',
    description: 'A code of a coupon, without separators',
    examples: ['0015T8VQ2MZ7K3HC'],
  }),
);

/** A coupon granted to one customer, unique in the account. The till shows it as the code of the coupon. */
export type CouponId = Branded<string, 'CouponId'>;
export const CouponId = Type.Unsafe<CouponId>(
  Type.String({
    pattern: '^[0-9A-Za-z_:.-]{1,140}$',
    description: 'A coupon granted to one customer',
    examples: ['536365:welcome:1'],
  }),
);
