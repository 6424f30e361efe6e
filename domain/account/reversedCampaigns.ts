/**
 * What a return takes back of each campaign, from what the receipt recorded. The account and anonymous receipts share it.
 *
 * Invariant: however a receipt is cut into returns, together they take back what each campaign gave, to the minor unit and the
 * hundredth, and its one use. The use is back once nothing is left of what the campaign gave; a campaign that did something besides
 * (stamps, a gift) keeps it until nothing is left of the receipt.
 */
import type { CampaignId, Discount } from '../pricing/discount.js';
import type { Applied, CouponOutcome, PointsShare } from '../pricing/priced.js';
import type { ReversedCampaign } from './events.js';

/** What a confirmed receipt records of its campaigns. */
export interface ConfirmedReceipt {
  readonly applied?: readonly Applied[];
  readonly coupons?: readonly CouponOutcome[];
  readonly day?: string;
}

interface Part {
  readonly discounts?: readonly Discount[];
  readonly points?: readonly PointsShare[];
}

interface Earlier {
  readonly reversed?: readonly ReversedCampaign[];
}

export interface Reversed {
  /** For the record; a campaign that this return takes nothing back of is left out. */
  readonly reversed: ReversedCampaign[];
  /** Campaigns of which nothing is left, by this return or an earlier one. */
  readonly gone: ReadonlySet<CampaignId>;
}

interface Sum {
  discount: number;
  points: number;
  uses: number;
}

export const reverseCampaigns = (
  { applied = [] }: ConfirmedReceipt,
  earlier: readonly Earlier[],
  parts: readonly Part[],
  complete: boolean,
): Reversed => {
  const before = sumsOf(earlier);
  const now = partsByCampaign(parts);
  const gone = new Set<CampaignId>();
  const reversed: ReversedCampaign[] = [];
  for (const { campaignId, version, discount, points, effects } of applied) {
    const was = before.get(campaignId) ?? nothing;
    // What lay on no line (a bonus on a receipt that cost nothing) goes with the last of them.
    const left = { discount: discount - was.discount, points: points - was.points };
    const given = complete ? left : (now.get(campaignId) ?? nothing);
    const spent = given.discount === left.discount && given.points === left.points;
    const ends = complete || (spent && effects.length === 0);
    if (ends) gone.add(campaignId);
    const uses = ends && was.uses === 0 ? 1 : 0;
    if (given.discount === 0 && given.points === 0 && uses === 0) continue;
    const { discount: discountBack, points: pointsBack } = given;
    reversed.push({ campaignId, version, discount: discountBack, points: pointsBack, uses });
  }
  return { reversed, gone };
};

const nothing: Readonly<Sum> = { discount: 0, points: 0, uses: 0 };

const sumIn = (sums: Map<CampaignId, Sum>, campaignId: CampaignId): Sum => {
  let sum = sums.get(campaignId);
  if (!sum) sums.set(campaignId, (sum = { ...nothing }));
  return sum;
};

const sumsOf = (earlier: readonly Earlier[]): Map<CampaignId, Sum> => {
  const sums = new Map<CampaignId, Sum>();
  for (const { reversed = [] } of earlier) {
    for (const { campaignId, discount, points, uses } of reversed) {
      const sum = sumIn(sums, campaignId);
      sum.discount += discount;
      sum.points += points;
      sum.uses += uses;
    }
  }
  return sums;
};

const partsByCampaign = (parts: readonly Part[]): Map<CampaignId, Sum> => {
  const sums = new Map<CampaignId, Sum>();
  for (const { discounts = [], points = [] } of parts) {
    for (const { campaignId, amount } of discounts) sumIn(sums, campaignId).discount += amount;
    for (const { campaignId, points: share } of points) {
      if (campaignId !== null) sumIn(sums, campaignId).points += share;
    }
  }
  return sums;
};

/** What an undone receipt records of its campaigns. */
export const reversedFields = (
  reversed: readonly ReversedCampaign[],
  discount: number,
  day: string | undefined,
) => ({
  ...(discount > 0 && { discount }),
  ...(reversed.length > 0 && { reversed: [...reversed] }),
  ...(reversed.length > 0 && day !== undefined && { day }),
});
