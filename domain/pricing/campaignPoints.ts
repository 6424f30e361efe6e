/**
 * The points that one campaign gives at one redemption, and their share of each line.
 *
 * The part paid by points lies on some lines in proportion to what they cost, so the points of a campaign never depend on which
 * line a rounded minor unit fell.
 */
import { shareHalfUp, spread } from '../amount.js';
import type { Redemption } from '../account/redemption.js';
import type { BasketLine } from './basketLines.js';
import type { Earning, EarningMoment } from './reward.js';
import { type Candidate, remainingOf, type Session } from './session.js';

export const earningMoment = (
  { facts, goods, rule }: Session,
  redemption: Redemption,
): EarningMoment => ({
  facts,
  goods,
  rule,
  eligible: (lines) => {
    let net = 0;
    for (const line of lines) net += goods.left[line] as number;
    if (rule.earnOnRedeemed || goods.payable === 0) return net;
    return net - shareHalfUp(redemption.value, net, goods.payable);
  },
});

export interface CampaignPoints {
  readonly candidate: Candidate;
  readonly points: number;
  readonly earnings: readonly Earning[];
}

/** All points rewards of one campaign, within its cap and its budget. */
export const campaignPoints = (
  session: Session,
  candidate: Candidate,
  moment: EarningMoment,
): CampaignPoints => {
  const { campaign, points: rewards } = candidate.compiled;
  const most = Math.min(
    campaign.caps?.pointsPerReceipt ?? Infinity,
    remainingOf(session, campaign.campaignId).points ?? Infinity,
  );
  let sum = 0;
  const earnings = rewards.map((reward): Earning => {
    const earning = reward(moment);
    const points = Math.min(earning.points, most - sum);
    sum += points;
    return points === earning.points ? earning : { ...earning, points };
  });
  return { candidate, points: sum, earnings };
};

/** By line, in canonical order: by what is paid for each in money; by its price where points pay everything. */
export const pointsByLine = (
  earnings: readonly Earning[],
  basket: readonly BasketLine[],
  weights: readonly number[],
): number[] => {
  const points = weights.slice().fill(0);
  for (const { lines, byLine, points: earned } of earnings) {
    if (earned === 0) continue;
    let own = byLine ?? lines.map((line) => weights[line] as number);
    if (own.every((weight) => weight === 0)) own = lines.map((line) => basket[line]?.amount ?? 0);
    const shares = spread(earned, own);
    for (let index = 0; index < lines.length; index += 1) {
      const line = lines[index] as number;
      points[line] = (points[line] as number) + (shares[index] as number);
    }
  }
  return points;
};
