/**
 * What becomes of a reserved use of a code: spent once the purchase is recorded, released where it never was, given back when the
 * goods came back. Issued by the worker alone (workers/coupons.ts), on the stream that counts the uses of the code.
 */
import { Type } from '@sinclair/typebox';
import {
  coupon,
  CouponUse,
  giveCouponBack as giveBack,
  releaseCoupon as release,
  spendCoupon as spend,
} from '../../domain/coupon/coupon.js';
import type { StreamName } from '../../domain/stream.js';
import { defineCommand } from '../command.js';

const closed = { additionalProperties: false } as const;
/** As couponGuard names it. */
const stream = Type.Unsafe<StreamName>(Type.String({ pattern: '^coupon-[^.]+\\.[0-9A-Z.]+$' }));
const { purchaseId, userId, tillId } = CouponUse.properties;
const use = { stream, purchaseId, userId, tillId };

export const spendCoupon = defineCommand({
  name: 'SpendCoupon',
  summary: 'Makes a reserved use of a code final: the purchase was recorded.',
  input: Type.Object(use, closed),
  aggregate: coupon,
  stream: (input) => input.stream,
  lookUp: () => undefined,
  decide: (input, state) => spend(input, state),
  answer: () => null,
});

export const releaseCoupon = defineCommand({
  name: 'ReleaseCoupon',
  summary: 'Frees a reserved use of a code: its purchase came to nothing.',
  input: Type.Object({ ...use, reason: Type.String({ maxLength: 500 }) }, closed),
  aggregate: coupon,
  stream: (input) => input.stream,
  lookUp: () => undefined,
  decide: (input, state) => release(input, state),
  answer: () => null,
});

export const giveCouponBack = defineCommand({
  name: 'GiveCouponBack',
  summary: 'Frees a spent use of a code: the goods came back.',
  input: Type.Object({ ...use, cause: Type.String({ maxLength: 80 }) }, closed),
  aggregate: coupon,
  stream: (input) => input.stream,
  lookUp: () => undefined,
  decide: (input, state) => giveBack(input, state),
  answer: () => null,
});
