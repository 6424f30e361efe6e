/**
 * What a purchase did, as its one append recorded it: which events are its own, and what of its lots goes back with a part of it.
 */
import type { PurchaseId } from '../ids.js';
import type { AccountEvent, ReversedCampaign } from './events.js';
import type { LinePart } from './parts.js';
import type { Earned, Redeemed, TakeBack } from './reversal.js';

/** Whether an event that follows a purchase, or such an event, belongs to what the purchase did. */
export const followsPurchase = (event: AccountEvent, purchaseId: PurchaseId): boolean => {
  switch (event.type) {
    case 'PointsRedeemed':
    case 'PointsEarned':
    case 'CouponRedeemed':
    case 'StampsCollected':
    case 'StampCardCompleted':
    case 'ChallengeAdvanced':
    case 'ChallengeCompleted':
    case 'StreakExtended':
    case 'StreakCompleted':
    case 'InstantWinDrawn':
      return event.data.purchaseId === purchaseId;
    // Only purchases find out about these.
    case 'StampsExpired':
    case 'StreakBroken':
      return true;
    case 'CouponGranted':
      return event.data.cause === purchaseId;
    default:
      return false;
  }
};

export const redeemedIn = (effects: readonly AccountEvent[]): Redeemed | null => {
  const found = effects.find(({ type }) => type === 'PointsRedeemed');
  return found?.type === 'PointsRedeemed' ? found.data : null;
};

export const earnedIn = (effects: readonly AccountEvent[]): Earned[] =>
  effects.flatMap((event) =>
    event.type === 'PointsEarned' && event.data.game === undefined ? [event.data] : [],
  );

/** All lots of a purchase are of one rule; also where games alone gave points. */
export const policyIn = (effects: readonly AccountEvent[]): Earned['clawback'] => {
  const earned = effects.find(({ type }) => type === 'PointsEarned');
  return earned?.type === 'PointsEarned' ? earned.data.clawback : 'withinBalance';
};

/** What goes back of each lot: campaigns without a lot of their own are in the programme's. */
export const takeBackByLot = (
  earned: readonly Earned[],
  pointsEarned: number,
  reversed: readonly ReversedCampaign[],
  parts: readonly LinePart[],
): TakeBack[] => {
  const apart = new Map(reversed.map(({ campaignId, points }) => [campaignId, points]));
  // By campaign what it gave in all; on the lines what of it lies there.
  let onLines = 0;
  for (const { points = [] } of parts) {
    for (const share of points) if (share.campaignId !== null) onLines += share.points;
  }
  let together = pointsEarned - onLines;
  for (const points of apart.values()) together += points;
  for (const { campaignId } of earned) {
    if (campaignId !== undefined) together -= apart.get(campaignId) ?? 0;
  }
  return earned.flatMap((lot) => {
    const points = lot.campaignId === undefined ? together : (apart.get(lot.campaignId) ?? 0);
    return points > 0 ? [{ earned: lot, points }] : [];
  });
};
