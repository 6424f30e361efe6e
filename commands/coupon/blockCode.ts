/** Stops one code of a series of single use, whoever has it. A code of many uses is stopped by blocking its series. */
import { Type } from '@sinclair/typebox';
import { blockCode as decide, coupon, couponStream } from '../../domain/coupon/coupon.js';
import { CouponCode, SeriesId } from '../../domain/coupon/ids.js';
import { defineCommand } from '../command.js';

/** `code` and `seriesId` are those of a code that was found (commands/coupons.ts). */
export const blockCode = defineCommand({
  name: 'BlockCouponCode',
  summary: 'Stops one code of a series of single use, for good.',
  input: Type.Object(
    {
      code: CouponCode,
      seriesId: SeriesId,
      reason: Type.String({ minLength: 1, maxLength: 500 }),
    },
    { additionalProperties: false, title: 'BlockCouponCode' },
  ),
  aggregate: coupon,
  stream: (input, context) => couponStream(context.tenant, input.code),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input: { code, seriesId } }) => ({ code, seriesId, blocked: true }),
});
