/**
 * /pos/v1/users/{userId}/coupons: the coupons that a customer holds, for the till to show and the customer to choose. They come from
 * the account itself, as a receipt sees them, so a coupon that was just spent is not offered again.
 */
import { type Static, Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { type HeldCoupon, heldFault } from '../../domain/coupon/grants.js';
import { CouponId, SeriesId } from '../../domain/coupon/ids.js';
import { UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { tillsAnd } from '../auth/access.js';
import { route, type Route } from '../route.js';
import { Instant, instantOf, InstantOrNull, instantOrNull } from '../wire.js';
import { listQuery, Page, limitDefault, pageOf } from './reading.js';
import type { PosServices } from './services.js';

const Coupon = Type.Object(
  {
    couponId: CouponId,
    series: SeriesId,
    name: Type.Union([Type.String(), Type.Null()], { description: 'Of the series' }),
    status: Type.Union(
      ['usable', 'redeemed', 'withdrawn', 'waiting', 'expired', 'blocked'].map((status) =>
        Type.Literal(status),
      ),
      { description: 'waiting: not valid yet; blocked: its series is blocked or closed' },
    ),
    validFrom: Instant,
    validUntil: InstantOrNull,
  },
  { title: 'Coupon' },
);

const statuses = {
  'coupon-spent': 'redeemed',
  'coupon-withdrawn': 'withdrawn',
  'coupon-not-yet-valid': 'waiting',
  'coupon-expired': 'expired',
} as const;

export const couponRoutes = ({ handler }: PosServices): readonly Route[] => [
  route({
    method: 'GET',
    path: '/pos/v1/users/{userId}/coupons/',
    summary: "A customer's coupons, the newest first",
    description:
      'A till sends the `couponId` of a usable one as a coupon of the receipt. Codes on paper are in no list.',
    tags: ['Coupons'],
    access: tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    params: { userId: UserId },
    query: listQuery,
    response: Page('Coupons', Coupon),
    problems: ['account-not-found'],
    handle: async ({ caller, params, query, now }) => {
      const { tenant } = caller;
      const { userId } = params;
      const { status, coupons } = await handler.state(accountStream(tenant, userId), account);
      if (status === 'unknown') throw rejected('account-not-found', { userId });
      const shown = ([couponId, held]: [CouponId, HeldCoupon]): Static<typeof Coupon> => {
        const series = handler.directory.coupons.series(tenant, held.series);
        const fault = heldFault(held, now);
        return {
          couponId,
          series: held.series,
          name: series?.name ?? null,
          status: fault ? statuses[fault] : series?.status === 'open' ? 'usable' : 'blocked',
          validFrom: instantOf(held.validFrom),
          validUntil: instantOrNull(held.validUntil),
        };
      };
      const { limit = limitDefault, after } = query;
      const all = [...coupons].reverse();
      const begin = after === undefined ? 0 : all.findIndex(([id]) => id === after) + 1;
      const found = all.slice(begin, begin + limit + 1);
      return { body: pageOf(found, limit, ([couponId]) => couponId, shown) };
    },
  }),
];
