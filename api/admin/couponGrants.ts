/** /admin/v1/users/{userId}/coupons: coupons given to one customer by hand. Tills list them under /pos/v1. */
import { Type } from '@sinclair/typebox';
import { grantCoupon, withdrawCoupon } from '../../commands/coupon/grantCoupon.js';
import { CouponId, SeriesId } from '../../domain/coupon/ids.js';
import { UserId } from '../../domain/ids.js';
import { editorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf, InstantOrNull, instantOrNull } from '../wire.js';
import { contextOf, created, type Registry, wholeTenant } from './operatorCommand.js';
import { stepRoute } from './stepRoute.js';

const tags = ['Coupons'] as const;

export const couponGrantRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'POST',
    path: '/admin/v1/users/{userId}/coupons',
    summary: 'Gives a customer a coupon of a personal series.',
    tags,
    access: editorsOnly,
    params: { userId: UserId },
    body: Type.Omit(grantCoupon.input, ['userId'], {
      additionalProperties: false,
      title: 'GrantCouponBody',
    }),
    idempotencyKey: 'required',
    command: grantCoupon.name,
    response: Type.Object({
      userId: UserId,
      couponId: CouponId,
      series: SeriesId,
      validFrom: Instant,
      validUntil: InstantOrNull,
      cause: Type.String(),
    }),
    status: 201,
    problems: [
      'series-not-found',
      'series-kind-wrong',
      'series-closed',
      'account-not-found',
      'account-closed',
    ],
    examples: {
      body: [{ summary: 'An apology', value: { series: 'thanks', cause: 'a faulty till' } }],
    },
    handle: async (request) => {
      wholeTenant(request);
      const input = { ...request.params, ...request.body };
      const handled = await handler.handle(grantCoupon, input, contextOf(request));
      const { validFrom, validUntil, ...answer } = handled.answer;
      const times = { validFrom: instantOf(validFrom), validUntil: instantOrNull(validUntil) };
      return created({ ...handled, answer: { ...answer, ...times } });
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/users/{userId}/coupons/{couponId}/withdrawal',
    summary: 'Takes a granted coupon back; one that was used stays used.',
    tags,
    access: editorsOnly,
    params: { userId: UserId, couponId: CouponId },
    command: withdrawCoupon,
    response: Type.Object({ userId: UserId, couponId: CouponId, status: Type.String() }),
    problems: ['coupon-not-found', 'account-not-found', 'account-closed'],
  }),
];
