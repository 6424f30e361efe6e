/** The lots that a receipt makes: the programme's, those of campaigns with terms of their own, and what games rewarded. */
import type { LotId, PurchaseId } from '../ids.js';
import type { PointsTerms } from '../pricing/campaign.js';
import type { CampaignId } from '../pricing/discount.js';
import type { VersionedRule } from '../programme/rule.js';
import type { PointsReward } from './gameEffects.js';
import { pointsIn } from './lots.js';
import type { Outcome } from './pricing.js';
import type { PurchaseOrder } from './purchaseOrder.js';
import type { Earned } from './reversal.js';

const dayMs = 86_400_000;

/** A purchase makes one lot, named after it, and one for each campaign whose points have terms of their own. */
export const lotOf = (purchaseId: PurchaseId, campaignId?: CampaignId): LotId =>
  (campaignId === undefined ? purchaseId : `${purchaseId}.${campaignId}`) as string as LotId;

/** The programme's first; a deficit is repaid by the first that come. */
export const newLots = (
  { purchaseId, merchantId }: PurchaseOrder,
  { pointsEarned, campaigns }: Outcome,
  rewards: readonly PointsReward[],
  rule: VersionedRule['rule'],
  at: number,
  deficit: number,
): Earned[] => {
  if (pointsEarned === 0 && rewards.length === 0) return [];
  let owed = deficit;
  const lot = (points: number, terms?: PointsTerms, campaignId?: CampaignId): Earned => {
    const repaid = Math.min(owed, points);
    owed -= repaid;
    const activatesAt = at + (terms?.activationDelayDays ?? rule.activationDelayDays) * dayMs;
    const lifetime = terms?.lifetimeDays === undefined ? rule.lifetimeDays : terms.lifetimeDays;
    const earned: Earned = {
      purchaseId,
      lotId: lotOf(purchaseId, campaignId),
      merchantId,
      points,
      repaid,
      earnedAt: at,
      activatesAt,
      expiresAt: lifetime === null ? null : activatesAt + lifetime * dayMs,
      clawback: rule.clawback,
    };
    if (campaignId !== undefined) earned.campaignId = campaignId;
    return earned;
  };
  if (!campaigns && rewards.length === 0) return [lot(pointsEarned)];
  const apart = campaigns?.points.filter(({ terms }) => terms !== undefined) ?? [];
  const together = pointsEarned - pointsIn(apart);
  const lots = together > 0 ? [lot(together)] : [];
  for (const { points, terms, campaignId } of apart) {
    if (campaignId !== null) lots.push(lot(points, terms, campaignId));
  }
  for (const { lotId, due, points, lifetimeDays } of rewards) {
    const terms = lifetimeDays === undefined ? {} : { lifetimeDays };
    lots.push({ ...lot(points, terms), lotId, game: due.game });
  }
  return lots;
};
