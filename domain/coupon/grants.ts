/**
 * Coupons that belong to one customer, as the account remembers them. The account is their consistency boundary: a granted coupon is
 * redeemed in the one append of the purchase, so it needs no stream of its own and cannot be spent twice.
 *
 * The account's deciders and its state are made of these functions; what the series says (until when a coupon holds) is looked up
 * before and recorded, so that a later change of anything leaves a granted coupon as it was given.
 */
import { Type } from '@sinclair/typebox';
import { event, type EventOf, unreachable } from '../event.js';
import { PurchaseId } from '../ids.js';
import { CampaignId } from '../pricing/campaign.js';
import { rejected } from '../rejected.js';
import { CouponCode, CouponId, SeriesId } from './ids.js';

const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
const Code = Type.Union([CouponCode, CouponId]);
const Cause = Type.String({ maxLength: 200 });

// These names are the storage format: proof-read, version with care.
export const CouponGranted = event('CouponGranted', {
  couponId: CouponId,
  series: SeriesId,
  /** From here, and until here but not at it. */
  validFrom: Instant,
  validUntil: Type.Union([Instant, Type.Null()]),
  /** What it was granted for: the id of a purchase, an order of an operator, an event. */
  cause: Cause,
});
export const CouponWithdrawn = event('CouponWithdrawn', {
  couponId: CouponId,
  reason: Type.String({ maxLength: 500 }),
});
/** Whatever was shown: a granted coupon, a derived code or a word. */
export const CouponRedeemed = event('CouponRedeemed', {
  purchaseId: PurchaseId,
  code: Code,
  series: SeriesId,
  campaigns: Type.Array(CampaignId, { maxItems: 200 }),
});
/** `cause` is the return's id, or the purchase's where it was cancelled. */
export const CouponRestored = event('CouponRestored', {
  purchaseId: PurchaseId,
  cause: Type.String({ maxLength: 80 }),
  code: Code,
  series: SeriesId,
});

export const grantEvents = [
  CouponGranted,
  CouponWithdrawn,
  CouponRedeemed,
  CouponRestored,
] as const;
export type GrantEvent = EventOf<(typeof grantEvents)[number]>;
export type GrantedCoupon = EventOf<typeof CouponGranted>['data'];

export type HeldCoupon = Omit<GrantedCoupon, 'couponId'> & {
  readonly status: 'held' | 'redeemed' | 'withdrawn';
  /** It was taken back after its use: it does not come back with the goods. */
  readonly forfeited?: true;
};
/** Of one account. Changed in place by `foldCoupons`. */
export type HeldCoupons = Map<CouponId, HeldCoupon>;

export const foldCoupons = (held: HeldCoupons, event: GrantEvent): void => {
  if (event.type === 'CouponGranted') {
    const { couponId, ...granted } = event.data;
    held.set(couponId, { ...granted, status: 'held' });
    return;
  }
  const id = (event.type === 'CouponWithdrawn' ? event.data.couponId : event.data.code) as CouponId;
  const coupon = held.get(id);
  if (!coupon) return; // a code that anybody may have
  held.set(id, changed(coupon, event.type));
};

const changed = (
  coupon: HeldCoupon,
  type: Exclude<GrantEvent['type'], 'CouponGranted'>,
): HeldCoupon => {
  switch (type) {
    case 'CouponRedeemed':
      return { ...coupon, status: 'redeemed' };
    case 'CouponRestored':
      return { ...coupon, status: coupon.forfeited ? 'withdrawn' : 'held' };
    case 'CouponWithdrawn':
      return coupon.status === 'redeemed'
        ? { ...coupon, forfeited: true }
        : { ...coupon, status: 'withdrawn' };
    default:
      return unreachable(type);
  }
};

/** Of the same account: those it holds are the same coupon again. */
export const grantCoupon = (command: GrantedCoupon, held: HeldCoupons): GrantEvent[] =>
  held.has(command.couponId) ? [] : [{ type: 'CouponGranted', data: command }];

/** What one that was redeemed gave stays given, but it does not come back with the goods. @throws Rejected coupon-not-found */
export const withdrawCoupon = (
  command: { readonly couponId: CouponId; readonly reason: string },
  held: HeldCoupons,
): GrantEvent[] => {
  const coupon = held.get(command.couponId);
  if (!coupon) throw rejected('coupon-not-found', { couponId: command.couponId });
  const done = coupon.status === 'withdrawn' || coupon.forfeited;
  return done ? [] : [{ type: 'CouponWithdrawn', data: command }]; // [] where it was already carried out
};

export type HeldFault =
  'coupon-spent' | 'coupon-withdrawn' | 'coupon-not-yet-valid' | 'coupon-expired';

/** As pricing takes a coupon that was shown; null where the account holds no such coupon: it may be a code. */
export const heldCoupon = (
  held: HeldCoupons,
  shown: string,
  at: number,
): { readonly code: string; readonly series: string; readonly refusal?: HeldFault } | null => {
  const coupon = held.get(shown as CouponId);
  if (!coupon) return null;
  const fault = heldFault(coupon, at);
  return { code: shown, series: coupon.series, ...(fault && { refusal: fault }) };
};

/** Why a coupon cannot be used at a time (ms), null where it can. */
export const heldFault = (coupon: HeldCoupon, at: number): HeldFault | null => {
  const { status, validFrom, validUntil } = coupon;
  if (status === 'redeemed') return 'coupon-spent';
  if (status === 'withdrawn') return 'coupon-withdrawn';
  if (at < validFrom) return 'coupon-not-yet-valid';
  return validUntil !== null && at >= validUntil ? 'coupon-expired' : null;
};
