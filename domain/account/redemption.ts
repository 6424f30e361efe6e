/**
 * How much of a receipt points may pay, and what that takes from the account.
 *
 * Points pay whole minor units: the value is rounded down, and no more points are taken than that value needs, so a customer
 * never gives a fraction of a point for nothing.
 */
import { shareDown } from '../amount.js';
import type { ProgrammeRule } from '../programme/rule.js';
import { rejected } from '../rejected.js';
import type { Points } from './points.js';

export interface Redemption {
  /** Hundredths taken from the account. */
  readonly points: number;
  /** Minor units they pay. */
  readonly value: number;
}

export const noRedemption: Redemption = { points: 0, value: 0 };

/** The least points that pay `value`. */
const pointsFor = (value: number, { pointValue }: ProgrammeRule): number =>
  Math.ceil((value * 100) / pointValue);

export interface MostRedeemable extends Redemption {
  readonly limitedBy: 'balance' | 'rule';
}

/** Never more than the active points are worth, nor than the programme's share of the total. */
export const mostRedeemable = (
  total: number,
  points: Pick<Points, 'activeTotal'>,
  rule: ProgrammeRule,
): MostRedeemable => {
  const worth = shareDown(points.activeTotal, rule.pointValue, 100);
  const allowed = shareDown(total, rule.redeemMaxBasisPoints, 10_000);
  const value = Math.min(worth, allowed);
  return {
    points: pointsFor(value, rule),
    value,
    limitedBy: worth < allowed ? 'balance' : 'rule',
  };
};

/** What `asked` points (hundredths) pay. @throws Rejected not-enough-points, redemption-over-limit (with the most in its details). */
export const redeem = (
  asked: number,
  total: number,
  points: Pick<Points, 'activeTotal'>,
  rule: ProgrammeRule,
): Redemption => {
  if (asked === 0) return noRedemption;
  if (asked > points.activeTotal) {
    throw rejected('not-enough-points', { asked, active: points.activeTotal });
  }
  const value = shareDown(asked, rule.pointValue, 100);
  const allowed = shareDown(total, rule.redeemMaxBasisPoints, 10_000);
  if (value > allowed) {
    const most = pointsFor(allowed, rule);
    throw rejected('redemption-over-limit', { asked, value, mostPoints: most, mostValue: allowed });
  }
  return { points: pointsFor(value, rule), value };
};
