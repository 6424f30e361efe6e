/** Gives a customer a coupon of a personal series, or takes one back that was not used yet. */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import type { Account } from '../../domain/account/state.js';
import {
  CouponGranted,
  grantCoupon as grant,
  withdrawCoupon as withdraw,
} from '../../domain/coupon/grants.js';
import { CouponId } from '../../domain/coupon/ids.js';
import { UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { defineCommand } from '../command.js';
import { grantValidity } from './shown.js';

const { series, cause } = CouponGranted.schema.properties;
const closed = { additionalProperties: false } as const;

/** A repeat under the same key is the same coupon. */
export const grantCoupon = defineCommand({
  name: 'GrantCoupon',
  summary: 'Gives a customer a coupon of a personal series.',
  input: Type.Object(
    { userId: UserId, series, cause: Type.Optional(cause) },
    { ...closed, title: 'GrantCoupon' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (input, context, { directory, commandId }) => {
    const found = directory.coupons.series(context.tenant, input.series);
    if (!found) throw rejected('series-not-found', { seriesId: input.series });
    const { kind, seriesId } = found;
    if (kind !== 'personal') throw rejected('series-kind-wrong', { seriesId, kind });
    const validity = grantValidity(directory.coupons, context.tenant, seriesId, context.now);
    if (!validity) throw rejected('series-closed', { seriesId });
    // A dot tells it from codes.
    return { ...validity, couponId: `${seriesId}.${commandId}` as CouponId, cause: commandId };
  },
  decide: (input, state, found) => {
    assertOpen(state);
    const granted = { ...found, series: input.series, cause: input.cause ?? found.cause };
    return grant(granted, state.coupons);
  },
  answer: ({ events, input, state, found }) => {
    const [granted] = events;
    const { userId } = input;
    if (granted?.type === 'CouponGranted') return { userId, ...granted.data };
    const held = found && state.coupons.get(found.couponId);
    if (!held) throw new Error('a coupon was granted without its event');
    const { series: of, validFrom, validUntil, cause: why } = held;
    return { userId, couponId: found.couponId, series: of, validFrom, validUntil, cause: why };
  },
});

export const withdrawCoupon = defineCommand({
  name: 'WithdrawCoupon',
  summary: 'Takes a granted coupon back that was not used.',
  input: Type.Object(
    { userId: UserId, couponId: CouponId, reason: Type.String({ minLength: 1, maxLength: 500 }) },
    { ...closed, title: 'WithdrawCoupon' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: ({ couponId, reason }, state) => {
    assertOpen(state);
    return withdraw({ couponId, reason }, state.coupons);
  },
  answer: ({ input: { userId, couponId }, state }) => ({
    userId,
    couponId,
    status: state.coupons.get(couponId)?.status ?? 'withdrawn',
  }),
});

const assertOpen = ({ status }: Account): void => {
  if (status === 'unknown') throw rejected('account-not-found');
  if (status !== 'open') throw rejected('account-closed');
};
