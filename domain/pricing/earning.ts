/**
 * What a receipt earns at one redemption: by the programme's rule, as it always did, and by campaigns on top of it.
 *
 * Points of the rule are rounded down once for the receipt, and an anonymous receipt earns none. Which campaigns apply does not
 * depend on the redemption, so they are judged once however many redemptions are asked about.
 */
import { amountMax } from '../account/basket.js';
import { earnedOn } from '../account/pricing.js';
import type { Redemption } from '../account/redemption.js';
import { rejected } from '../rejected.js';
import { campaignPoints, type CampaignPoints, earningMoment } from './campaignPoints.js';
import { judge } from './judging.js';
import type { Candidate, Session } from './session.js';

export interface Earned {
  /** Minor units that the rule earned on. */
  readonly eligible: number;
  readonly byRule: number;
  readonly points: number;
  /** In the order of their turns. */
  readonly campaigns: readonly CampaignPoints[];
}

/** The campaigns that give points on this receipt. */
export const earningCampaigns = (session: Session): Candidate[] =>
  session.facts.customer === null
    ? []
    : session.candidates.filter(
        (candidate) => candidate.compiled.points.length > 0 && judge(session, candidate),
      );

/** @throws Rejected basket-too-large */
export const earnAt = (
  session: Session,
  campaigns: readonly Candidate[],
  redemption: Redemption,
): Earned => {
  const { facts, rule, goods } = session;
  if (facts.customer === null) return { eligible: 0, byRule: 0, points: 0, campaigns: [] };
  const eligible = rule.earnOnRedeemed ? goods.payable : goods.payable - redemption.value;
  const byRule = earnedOn(eligible, rule);
  const moment = earningMoment(session, redemption);
  const earned = campaigns.map((candidate) => campaignPoints(session, candidate, moment));
  const points = earned.reduce((sum, one) => sum + one.points, byRule);
  if (points > amountMax) throw rejected('basket-too-large', { earned: points, most: amountMax });
  return { eligible, byRule, points, campaigns: earned.filter((one) => one.points > 0) };
};
