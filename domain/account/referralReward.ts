/**
 * Rewarding both sides of a referral, and taking it back. The account that is rewarded counts its rewards, so however many newcomers
 * buy at the same moment, no limit is passed: each reward is a decision on the one stream of the referrer.
 *
 * A reward that cannot be given is recorded with the reason, as final as one that was: who was refused is not rewarded later.
 */
import type { CouponId } from '../coupon/ids.js';
import { withdrawCoupon } from '../coupon/grants.js';
import type { LotId, UserId } from '../ids.js';
import type { ProgrammeRule } from '../programme/rule.js';
import type { GivenReward, ReferralRole } from '../referral/events.js';
import type { ReferralReward, VersionedReferrals } from '../referral/programme.js';
import { rewardKey } from '../referral/progress.js';
import { rejected } from '../rejected.js';
import { amountMax } from './basket.js';
import type { ValidityOf } from './effects.js';
import type { AccountEvent, Reason } from './events.js';
import { because } from './explain.js';
import { pointsIn } from './lots.js';
import { reachable } from './reversal.js';
import { settle } from './settle.js';
import type { Account } from './state.js';

const dayMs = 86_400_000;

export interface ReferralAbout {
  readonly role: ReferralRole;
  /** The newcomer to the referrer, and the other way round. */
  readonly other: UserId;
  readonly round: number;
}

type Refusal = Extract<AccountEvent, { type: 'ReferralRewardRefused' }>['data']['reason'];

const causeOf = (about: ReferralAbout): string => `referral.${rewardKey(about)}`;

/**
 * Nothing is decided where the programme has no reward for this side. `at` in milliseconds.
 * @throws Rejected account-not-found
 */
export const rewardReferral = (
  about: ReferralAbout & { readonly at: number },
  account: Account,
  { version, programme }: VersionedReferrals,
  rule: ProgrammeRule,
  validityOf: ValidityOf,
): AccountEvent[] => {
  if (account.status === 'unknown') throw rejected('account-not-found');
  const { role, other, round, at } = about;
  const reward = programme[role];
  if (reward === null || account.referrals.rewards.has(rewardKey(about))) return []; // already carried out
  const named = { role, other, round, version };
  const refuse = (reason: Refusal, why: Reason): AccountEvent[] => [
    { type: 'ReferralRewardRefused', data: { ...named, reason, why: [why] } },
  ];
  if (account.status !== 'open') return refuse('account-closed', because('account-is-closed'));
  if (role === 'referrer') {
    const reached = limitReached(account, programme.limits, at);
    if (reached) return refuse(...reached);
  }
  const cause = causeOf(about);
  if (reward.kind === 'coupon') {
    const { series } = reward;
    const validity = validityOf(series);
    if (!validity) return refuse('series-closed', because('referral-series-closed', { series }));
    const couponId = cause as CouponId;
    const why = [because('referral-coupon', { series, version, other })];
    return [
      { type: 'ReferralRewarded', data: { ...named, reward: { ...reward, couponId }, why } },
      { type: 'CouponGranted', data: { couponId, series, ...validity, cause } },
    ];
  }
  const due = settle(account.points, at);
  const { activeTotal, pendingTotal, deficit } = due.points;
  const { points } = reward;
  if (activeTotal + pendingTotal + points > amountMax) {
    return refuse('balance-full', because('referral-balance-full', { points }));
  }
  const lot = lotOf(reward, rule, cause, at, deficit);
  const given: GivenReward = {
    kind: 'points',
    points,
    lotId: lot.lotId,
    clawback: rule.clawback,
  };
  const { activatesAt, expiresAt } = lot;
  const why = [because('referral-points', { points, version, other, activatesAt, expiresAt })];
  return [
    ...due.events,
    { type: 'ReferralRewarded', data: { ...named, reward: given, why } },
    { type: 'PointsAwarded', data: lot },
  ];
};

const limitReached = (
  { referrals }: Account,
  { total, period }: VersionedReferrals['programme']['limits'],
  at: number,
): [Refusal, Reason] | null => {
  const given = [...referrals.rewards.values()].filter(
    ({ role, outcome }) => role === 'referrer' && outcome === 'given',
  );
  if (given.length >= total) {
    return ['limit-reached', because('referral-limit-reached', { most: total })];
  }
  if (period === null) return null;
  const { most, days } = period;
  const recent = given.filter((entry) => entry.at > at - days * dayMs);
  return recent.length < most
    ? null
    : ['period-limit-reached', because('referral-period-limit-reached', { most, days })];
};

const lotOf = (
  reward: Extract<ReferralReward, { kind: 'points' }>,
  rule: ProgrammeRule,
  cause: string,
  at: number,
  deficit: number,
) => {
  const { points } = reward;
  const activatesAt = at + (reward.activationDelayDays ?? rule.activationDelayDays) * dayMs;
  const lifetime = reward.lifetimeDays === undefined ? rule.lifetimeDays : reward.lifetimeDays;
  return {
    lotId: cause as LotId,
    cause,
    points,
    repaid: Math.min(deficit, points),
    earnedAt: at,
    activatesAt,
    expiresAt: lifetime === null ? null : activatesAt + lifetime * dayMs,
  };
};

/** What was refused, or never decided, has nothing to be taken back. @throws Rejected account-not-found */
export const takeBackReferral = (
  about: ReferralAbout & { readonly at: number },
  account: Account,
): AccountEvent[] => {
  if (account.status === 'unknown') throw rejected('account-not-found');
  const entry = account.referrals.rewards.get(rewardKey(about));
  if (entry?.outcome !== 'given' || entry.reward === null) return []; // already carried out
  const { role, other, round, at } = about;
  const taken = (why: Reason[]): AccountEvent => ({
    type: 'ReferralRewardTakenBack',
    data: { role, other, round, version: entry.version, why },
  });
  if (account.status !== 'open') return [taken([because('account-is-closed')])];
  const { reward } = entry;
  if (reward.kind === 'coupon') {
    const { couponId, series } = reward;
    const coupon = account.coupons.get(couponId);
    const held = coupon?.status === 'held';
    const reason = 'The purchase behind the referral came back.';
    // One that was used is not held again once the goods it was used for come back, too.
    const withdrawn = coupon ? withdrawCoupon({ couponId, reason }, account.coupons) : [];
    const code = held ? 'referral-coupon-withdrawn' : 'referral-coupon-used';
    return [taken([because(code, { series })]), ...withdrawn];
  }
  const due = settle(account.points, at);
  const { points, lotId, clawback: policy } = reward;
  const lots = reachable([{ earned: { lotId, clawback: policy }, points }], policy, due.points);
  const missing = points - pointsIn(lots);
  const deficit = policy === 'allowDeficit' ? missing : 0;
  const forgiven = missing - deficit;
  const why: Reason[] = [];
  if (lots.length > 0) why.push(because('points-taken-back', { points: pointsIn(lots), policy }));
  if (deficit > 0) why.push(because('deficit-made', { points: deficit }));
  if (forgiven > 0) why.push(because('points-forgiven', { points: forgiven, policy }));
  const data = { lotId, cause: causeOf(about), policy, points, lots, deficit, forgiven };
  return [...due.events, taken(why), { type: 'PointsAwardTakenBack', data }];
};
