/** Why a receipt came out as it did: the codes and figures that its confirmation records. */
import type { GiftCardOutcome } from '../giftCard/payment.js';
import type { VersionedRule } from '../programme/rule.js';
import { campaignReasons } from './effects.js';
import type { Reason } from './events.js';
import { because } from './explain.js';
import type { Outcome } from './pricing.js';
import type { PurchaseOrder } from './purchaseOrder.js';
import type { Earned } from './reversal.js';

interface Terms {
  readonly at: number;
  readonly lots: readonly Earned[];
  readonly repaid: number;
  readonly deficit: number;
}

export const giftCardReasons = (giftCards: readonly GiftCardOutcome[]): Reason[] =>
  giftCards.map(({ card: known, asked, amount, left, refusal }) => {
    const card = known ?? 'unknown';
    if (refusal === null) return because('gift-card-paid', { card, amount, left });
    if (asked === null) return because('gift-card-refused', { card, refusal });
    return because('gift-card-short', { card, asked, amount, refusal });
  });

/** In the order in which a receipt is read. */
export const reasonsOf = (
  order: PurchaseOrder,
  outcome: Outcome,
  version: number,
  rule: VersionedRule['rule'],
  terms: Terms,
): Reason[] => {
  const { redeemPoints: asked, offline, now, slip } = order;
  const { pointsRedeemed, pointsEarned, paidByPoints: value, eligible, total } = outcome;
  const { at, lots, repaid, deficit } = terms;
  const why = [because('rule-applied', { version, ...rule.earn })];
  if (offline) why.push(because('decided-late', { at, receivedAt: now }));
  if (pointsRedeemed > 0) {
    why.push(because('points-redeemed', { asked, points: pointsRedeemed, value }));
    if (!rule.earnOnRedeemed) why.push(because('paid-by-points-earns-nothing', { value }));
  } else if (asked > 0) {
    why.push(because('too-few-to-redeem', { asked, step: 1 }));
  }
  if (outcome.campaigns) why.push(...campaignReasons(outcome.campaigns));
  for (const { campaignId, game, points, activatesAt, expiresAt } of lots) {
    if (game !== undefined) {
      why.push(because('game-points', { game, points, activatesAt, expiresAt }));
    } else if (campaignId === undefined) {
      why.push(because('points-earned', { eligible, points, activatesAt, expiresAt }));
    } else {
      why.push(because('lot-of-campaign', { campaignId, points, activatesAt, expiresAt }));
    }
    if (expiresAt !== null && expiresAt <= now) {
      why.push(because('earned-points-outlived', { expiresAt }));
    } else if (expiresAt !== null) {
      why.push(because('points-expire', { expiresAt }));
    }
  }
  if (pointsEarned === 0) why.push(because('nothing-earned', { eligible }));
  if (repaid > 0) why.push(because('deficit-repaid', { points: repaid, left: deficit }));
  const discount = outcome.campaigns?.discount ?? 0;
  why.push(...slipReasons(slip, { pointsEarned, total, discount }));
  return why;
};

type Printed = Required<NonNullable<PurchaseOrder['slip']>>;

/** Where the till printed something else while it was offline. */
export const slipReasons = (slip: Partial<Printed> = {}, decided: Printed): Reason[] => {
  const why: Reason[] = [];
  for (const figure of ['pointsEarned', 'total', 'discount'] as const) {
    const printed = slip[figure];
    if (printed === undefined || printed === decided[figure]) continue;
    why.push(because(slipCodes[figure], { slip: printed, decided: decided[figure] }));
  }
  return why;
};

const slipCodes = {
  pointsEarned: 'slip-points-differ',
  total: 'slip-total-differs',
  discount: 'slip-discount-differs',
} as const;
