/**
 * What campaigns, coupons, games and tiers do to an account besides prices and points: from what pricing decided to events, and
 * from what was recorded back again when goods are returned.
 *
 * The seam between the account and those features: each is pure functions in a folder of its own, called from here alone.
 */
import { grantCoupon, type GrantEvent, withdrawCoupon } from '../coupon/grants.js';
import type { CouponId, SeriesId } from '../coupon/ids.js';
import type { PurchaseId } from '../ids.js';
import type { CampaignId } from '../pricing/discount.js';
import type { Effect } from '../pricing/effects.js';
import type { AccountEvent, Reason, ReversedCampaign } from './events.js';
import { because } from './explain.js';
import type { CampaignOutcome } from './pricing.js';
import type { ConfirmedReceipt } from './reversedCampaigns.js';
import type { Account } from './state.js';

/** From when until when a granted coupon can be used, ms; null: for ever. */
export interface Validity {
  readonly validFrom: number;
  readonly validUntil: number | null;
}
/** Of a personal coupon of a series that is granted now; null where the series gives none. */
export type ValidityOf = (series: string) => Validity | null;

/** What PurchaseConfirmed records of them. */
export const campaignsOf = ({
  discount,
  net,
  applied,
  refused,
  coupons,
  day,
}: CampaignOutcome) => ({
  ...(discount > 0 && { discount, net }),
  ...(applied.length > 0 && { applied: [...applied] }),
  ...(refused.length > 0 && { refused: [...refused] }),
  ...(coupons.length > 0 && { coupons: [...coupons] }),
  day,
});

const reasonsMax = 100;

/** The recorded "why" of what was given; that of refused campaigns is recorded beside it. */
export const campaignReasons = ({ applied, coupons }: CampaignOutcome): Reason[] => {
  const reasons: Reason[] = [];
  for (const { campaignId, version, discount, points } of applied) {
    if (discount > 0) {
      reasons.push(because('campaign-discount', { campaignId, version, amount: discount }));
    }
    if (points > 0) reasons.push(because('campaign-points', { campaignId, version, points }));
  }
  for (const { code, series, refusal } of coupons) {
    reasons.push(
      refusal === null
        ? because('coupon-redeemed', { code, series })
        : because('coupon-refused', { code, refusal }),
    );
  }
  return reasons.slice(0, reasonsMax);
};

/** Coupons that were spent, and those that were granted. */
export const couponEvents = (
  purchaseId: PurchaseId,
  { applied, coupons }: CampaignOutcome,
  account: Account,
  validityOf: ValidityOf,
): AccountEvent[] => {
  const events: AccountEvent[] = [];
  for (const { code, series, campaigns, refusal } of coupons) {
    if (refusal !== null) continue;
    const redeemed = {
      purchaseId,
      code: code as CouponId,
      series: series as SeriesId,
      campaigns: [...campaigns],
    };
    events.push({ type: 'CouponRedeemed', data: redeemed });
  }
  for (const { campaignId, effects } of applied) {
    const granted = grantsIn(effects);
    events.push(...grants(purchaseId, campaignId, granted, account, validityOf));
  }
  return events;
};

interface Granted {
  readonly series: string;
  readonly quantity: number;
}

const grantsIn = (effects: readonly Effect[]): Granted[] =>
  effects.flatMap((effect) => (effect.kind === 'coupon-grant' ? [effect] : []));

/** `of` tells what it is granted for: a campaign, or a game and its round. */
export const grants = (
  purchaseId: PurchaseId,
  of: string,
  granted: readonly Granted[],
  account: Account,
  validityOf: ValidityOf,
): GrantEvent[] => {
  let number = 0;
  return granted.flatMap(({ series, quantity }) => {
    const validity = validityOf(series);
    const events: GrantEvent[] = [];
    for (let count = 0; count < quantity; count += 1) {
      number += 1;
      if (validity === null) continue;
      const coupon = {
        couponId: grantedId(purchaseId, of, number),
        series: series as SeriesId,
        ...validity,
        cause: purchaseId,
      };
      events.push(...grantCoupon(coupon, account.coupons));
    }
    return events;
  });
};

/** No purchase id holds a dot. */
const grantedId = (purchaseId: PurchaseId, of: string, number: number): CouponId =>
  `${purchaseId}.${of}.${number}` as CouponId;

/** Takes back what was granted; what was used meanwhile stays used, and is not held again once those goods come back. */
export const withdrawals = (
  purchaseId: PurchaseId,
  of: string,
  granted: readonly Granted[],
  account: Account,
): GrantEvent[] => {
  const events: GrantEvent[] = [];
  let count = granted.reduce((sum, { quantity }) => sum + quantity, 0);
  for (; count > 0; count -= 1) {
    const couponId = grantedId(purchaseId, of, count);
    if (!account.coupons.has(couponId)) continue;
    const reason = `Purchase ${purchaseId} was returned.`;
    events.push(...withdrawCoupon({ couponId, reason }, account.coupons));
  }
  return events;
};

/**
 * A coupon can be used again once nothing is left of any campaign that had spent it; what a campaign had granted goes with the
 * campaign.
 */
export const couponsBack = (
  purchase: ConfirmedReceipt & { readonly purchaseId: PurchaseId },
  cause: string,
  reversed: readonly ReversedCampaign[],
  gone: ReadonlySet<CampaignId>,
  account: Account,
): { readonly events: AccountEvent[]; readonly why: Reason[] } => {
  const { purchaseId, coupons = [], applied = [] } = purchase;
  const now = new Set(reversed.flatMap(({ campaignId, uses }) => (uses > 0 ? [campaignId] : [])));
  const events: AccountEvent[] = [];
  const why: Reason[] = [];
  for (const { code, series, campaigns, refusal } of coupons) {
    const last = campaigns.some((id) => now.has(id)) && campaigns.every((id) => gone.has(id));
    if (refusal !== null || !last) continue;
    const restored = { purchaseId, cause, code: code as CouponId, series: series as SeriesId };
    events.push({ type: 'CouponRestored', data: restored });
    why.push(because('coupon-restored', { code }));
  }
  for (const { campaignId, effects } of applied) {
    if (!now.has(campaignId)) continue;
    events.push(...withdrawals(purchaseId, campaignId, grantsIn(effects), account));
  }
  return { events, why };
};
