/**
 * The points that one campaign gives at one redemption, and their share of each line.
 *
 * The part paid by points lies on some lines in proportion to what they cost, so the points of a campaign never depend on which
 * line a rounded minor unit fell.
 */
import { shareHalfUp, spread } from '../amount.js';
import type { Redemption } from '../account/redemption.js';
import type { CompiledCampaign } from './campaignSet.js';
import type { BasketLine } from './basketLines.js';
import type { Earning, EarningMoment } from './reward.js';
import { remainingOf, type Session, useOf } from './session.js';

export interface EarnedByLine {
  /** By line, in canonical order. */
  readonly byLine: readonly number[];
  readonly points: number;
}

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

/** All points rewards of one campaign, within its cap and its budget. */
export const campaignPoints = (
  session: Session,
  { campaign, place, points: rewards }: CompiledCampaign,
  moment: EarningMoment,
  weights: readonly number[],
): EarnedByLine => {
  const use = useOf(session, place);
  const most = Math.min(
    campaign.caps?.pointsPerReceipt ?? Infinity,
    remainingOf(session, campaign.campaignId).points ?? Infinity,
  );
  const byLine = weights.map(() => 0);
  let sum = 0;
  for (const reward of rewards) {
    const earning = reward(moment);
    const points = Math.min(earning.points, most - use.points);
    const shares = shareEarning(earning, points, moment.facts.lines, weights);
    shares.forEach((share, index) => {
      const line = earning.lines[index] as number;
      byLine[line] = (byLine[line] as number) + share;
    });
    use.points += points;
    sum += points;
  }
  return { points: sum, byLine };
};

/** Onto lines by what is paid for them in money; by their price where points pay everything. */
const shareEarning = (
  { lines, byLine }: Earning,
  points: number,
  basket: readonly BasketLine[],
  weights: readonly number[],
): number[] => {
  if (byLine) return spread(points, byLine);
  const own = lines.map((line) => weights[line] as number);
  if (own.some((weight) => weight > 0)) return spread(points, own);
  return spread(
    points,
    lines.map((line) => basket[line]?.amount ?? 0),
  );
};
