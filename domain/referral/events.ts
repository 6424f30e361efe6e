/**
 * What can happen to a referral. These events are part of two accounts: the newcomer's, which knows who brought them and when they
 * have done what was asked, and the referrer's, which counts what it was rewarded for: so no race can pass a limit.
 *
 * A newcomer who returns the goods and buys again qualifies again: `round` counts that, from 1.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Reason } from '../account/receiptRecord.js';
import { Money, Points } from '../amount.js';
import { CouponId, SeriesId } from '../coupon/ids.js';
import { event, type EventOf } from '../event.js';
import { LotId, PurchaseId, UserId } from '../ids.js';
import { ClawbackPolicy } from '../programme/rule.js';
import { Qualifying } from './programme.js';

const closed = { additionalProperties: false } as const;
const version = Type.Integer({ minimum: 1 });
const round = Type.Integer({ minimum: 1 });
const Why = Type.Array(Reason, { maxItems: 20 });

export const ReferralRole = Type.Union([Type.Literal('referrer'), Type.Literal('newcomer')]);
export type ReferralRole = Static<typeof ReferralRole>;

/** In the append of the enrolment. The terms are the programme's of that version. */
export const CustomerReferred = event('CustomerReferred', {
  referrer: UserId,
  version,
  qualifies: Qualifying,
  takeBackDays: Type.Integer({ minimum: 0 }),
});

/** In the append of the enrolment or of the purchase that did it. */
export const ReferralQualified = event('ReferralQualified', {
  referrer: UserId,
  version,
  round,
  /** Null: by enrolling. */
  purchaseId: Type.Union([PurchaseId, Type.Null()]),
  /** Minor units spent by then. */
  spent: Money,
  why: Why,
});

/** In the append of the return or the cancellation that did it. */
export const ReferralDisqualified = event('ReferralDisqualified', {
  referrer: UserId,
  version,
  round,
  purchaseId: PurchaseId,
  /** Of the return, or of the purchase where it was cancelled. */
  cause: Type.String({ maxLength: 80 }),
  spent: Money,
  why: Why,
});

/** Of whom, and of which qualification. `other` is the newcomer to the referrer and the other way round. */
const about = { role: ReferralRole, other: UserId, round, version } as const;

export const GivenReward = Type.Union([
  Type.Object(
    { kind: Type.Literal('points'), points: Points, lotId: LotId, clawback: ClawbackPolicy },
    closed,
  ),
  Type.Object({ kind: Type.Literal('coupon'), couponId: CouponId, series: SeriesId }, closed),
]);
export type GivenReward = Static<typeof GivenReward>;

/** Followed by the PointsAwarded or CouponGranted that it is. */
export const ReferralRewarded = event('ReferralRewarded', {
  ...about,
  reward: GivenReward,
  why: Why,
});

export const RefusedBecause = Type.Union(
  ['limit-reached', 'period-limit-reached', 'account-closed', 'series-closed', 'balance-full'].map(
    (reason) => Type.Literal(reason),
  ),
);
export const ReferralRewardRefused = event('ReferralRewardRefused', {
  ...about,
  reason: RefusedBecause,
  why: Why,
});

/** Followed by the PointsAwardTakenBack or CouponWithdrawn that it is; by neither where nothing was left to take. */
export const ReferralRewardTakenBack = event('ReferralRewardTakenBack', { ...about, why: Why });

export const referralEvents = [
  CustomerReferred,
  ReferralQualified,
  ReferralDisqualified,
  ReferralRewarded,
  ReferralRewardRefused,
  ReferralRewardTakenBack,
] as const;
export type ReferralEvent = EventOf<(typeof referralEvents)[number]>;
