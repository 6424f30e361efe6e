/**
 * Coupons at a till: what the codes are that were shown, as pricing takes them, and winning those that the receipt spends before
 * the purchase is recorded. Coupons that the account holds are its own affair (domain/coupon/grants.ts).
 *
 * What became of a code comes from its own stream, as this process knows it. It may be behind another process: then the
 * reservation is refused, and the receipt is priced again without the coupon.
 */
import { shownCode } from '../../domain/coupon/codes.js';
import {
  coupon,
  couponFault,
  type CouponLimits,
  couponStream,
  type CouponUse,
  customersCouponStream,
  reserveCoupon,
} from '../../domain/coupon/coupon.js';
import type { HeldCoupons } from '../../domain/coupon/grants.js';
import type { CouponCode, CouponId } from '../../domain/coupon/ids.js';
import type { MerchantId, PurchaseId, TenantId, TillId, UserId } from '../../domain/ids.js';
import type { Coupon } from '../../domain/pricing/facts.js';
import type { StreamName } from '../../domain/stream.js';
import { type StateOf, type Step, step } from '../command.js';
import type { Coupons, SeriesRecord } from '../coupons.js';

/** The receipt that coupons are shown for. */
export interface CouponReceipt {
  readonly tenant: TenantId;
  readonly merchantId: MerchantId;
  readonly tillId: TillId;
  /** Null for an anonymous receipt. */
  readonly userId: UserId | null;
  /** Null in a quote. What this very purchase has reserved it may use. */
  readonly purchaseId: PurchaseId | null;
  /** Milliseconds: the time that the receipt is decided as of. */
  readonly at: number;
}

/**
 * By what was shown, for `price`. The `code` of a coupon is that of `shownCode`. A code that is shown
 * twice in different spellings is refused the second time.
 */
export const couponsShown = async (
  coupons: Coupons,
  shown: readonly string[],
  receipt: CouponReceipt,
  stateOf: StateOf,
): Promise<ReadonlyMap<string, Coupon>> => {
  const found = new Map<string, Coupon>();
  const codes = new Set<string>();
  for (const typed of new Set(shown)) {
    const resolved = await couponShown(coupons, typed, receipt, stateOf);
    const again = codes.has(resolved.code);
    found.set(typed, again ? { ...resolved, refusal: 'coupon-repeated' } : resolved);
    codes.add(resolved.code);
  }
  return found;
};

const couponShown = async (
  coupons: Coupons,
  typed: string,
  receipt: CouponReceipt,
  stateOf: StateOf,
): Promise<Coupon> => {
  const found = await coupons.find(receipt.tenant, typed);
  if (!found) {
    return { code: shownCode(typed), series: 'unknown', refusal: 'coupon-unknown' };
  }
  const { series, code } = found;
  const refusal =
    seriesFault(series, receipt) ?? (await codeFault(series, code, receipt, stateOf)) ?? undefined;
  return { code, series: series.seriesId, ...(refusal !== undefined && { refusal }) };
};

/**
 * Coupons that the account holds and that cannot be used because of their series, which is blocked, closed or of other merchants.
 * Their own time and use the account knows.
 */
export const heldRefused = (
  coupons: Coupons,
  shown: readonly string[],
  held: HeldCoupons | null,
  receipt: CouponReceipt,
): ReadonlyMap<string, Coupon> => {
  const refused = new Map<string, Coupon>();
  for (const code of shown) {
    const series = coupons.series(receipt.tenant, held?.get(code as CouponId)?.series ?? '');
    if (!series) continue;
    const terms = { ...series.terms, validFrom: null, validUntil: null };
    const refusal = seriesFault({ ...series, terms }, receipt);
    if (refusal) refused.set(code, { code, series: series.seriesId, refusal });
  }
  return refused;
};

/** Why no code of a series can be used on a receipt; null where they can. */
export const seriesFault = (
  { status, terms, closedAt = 0 }: Pick<SeriesRecord, 'status' | 'terms' | 'closedAt'>,
  { at, merchantId, userId }: Pick<CouponReceipt, 'at' | 'merchantId' | 'userId'>,
): string | null => {
  const { validFrom, validUntil, merchants, usesPerCustomerMost } = terms;
  if (status === 'blocked') return 'coupon-series-blocked';
  // A receipt that comes late was made out before; what is blocked is stopped at once, whenever it was used.
  if (status === 'closed' && at >= closedAt) return 'coupon-series-closed';
  if (validFrom !== null && at < validFrom) return 'coupon-not-yet-valid';
  if (validUntil !== null && at >= validUntil) return 'coupon-expired';
  if (merchants !== null && !merchants.includes(merchantId)) return 'coupon-of-other-merchants';
  if (usesPerCustomerMost !== null && userId === null) return 'coupon-for-customers-only';
  return null;
};

const codeFault = async (
  series: SeriesRecord,
  code: CouponCode,
  receipt: CouponReceipt,
  stateOf: StateOf,
): Promise<string | null> => {
  const guard = couponGuard(receipt.tenant, series, code, receipt.userId);
  if (!guard) return null;
  const state = await stateOf(guard.stream, coupon);
  return couponFault(state, useOf(receipt, receipt.purchaseId ?? noPurchase), guard.limits);
};

/** No receipt has it: in a quote every use of the code is another's. */
const noPurchase = '' as PurchaseId;

const useOf = (
  { userId, tillId }: Pick<CouponReceipt, 'userId' | 'tillId'>,
  purchaseId: PurchaseId,
): CouponUse => ({ purchaseId, userId, tillId: userId === null ? tillId : null });

/** Where the uses of a code are counted, and what bounds them; null where nothing does. */
export const couponGuard = (
  tenant: TenantId,
  { kind, terms }: Pick<SeriesRecord, 'kind' | 'terms'>,
  code: CouponCode,
  userId: UserId | null,
): { readonly stream: StreamName; readonly limits: CouponLimits } | null => {
  const { usesMost: most, usesPerCustomerMost: mostEach } = terms;
  if (kind === 'singleUse') {
    return { stream: couponStream(tenant, code), limits: { most: 1, mostEach: null } };
  }
  if (most !== null) return { stream: couponStream(tenant, code), limits: { most, mostEach } };
  if (mostEach === null || userId === null) return null;
  return { stream: customersCouponStream(tenant, code, userId), limits: { most, mostEach } };
};

/** What is not spent by then came to nothing: an append has a deadline of seconds. */
export const reservedMs = 120_000;

/**
 * Wins the codes that a receipt spends, each on its own stream; none for coupons that the account holds. One that is lost has the
 * receipt decided again without it. `now` in milliseconds.
 */
export const couponSteps = (
  coupons: Coupons,
  spent: readonly { readonly code: string; readonly series: string }[],
  receipt: Omit<CouponReceipt, 'at'> & { readonly purchaseId: PurchaseId },
  now: number,
): Step[] =>
  spent.flatMap(({ code: spentCode, series: seriesId }) => {
    const series = coupons.series(receipt.tenant, seriesId);
    // A granted coupon is named by its id, not by a code of the series.
    if (!series || series.kind === 'personal') return [];
    const code = spentCode as CouponCode;
    const guard = couponGuard(receipt.tenant, series, code, receipt.userId);
    if (!guard) return [];
    const by = useOf(receipt, receipt.purchaseId);
    const reserved = { ...by, seriesId: series.seriesId, code, until: now + reservedMs };
    return step({
      stream: guard.stream,
      aggregate: coupon,
      decide: (state) => reserveCoupon(reserved, guard.limits, state),
      whenRefused: 'decideAgain',
    });
  });

/**
 * From when until when (ms) a coupon holds that is granted at a time; null where the series grants none: it is unknown, closed,
 * blocked, over, or of codes.
 */
export const grantValidity = (
  coupons: Coupons,
  tenant: TenantId,
  seriesId: string,
  at: number,
): { readonly validFrom: number; readonly validUntil: number | null } | null => {
  const series = coupons.series(tenant, seriesId);
  if (series?.kind !== 'personal' || series.status !== 'open') return null;
  const { validFrom, validUntil, validDays } = series.terms;
  const from = Math.max(at, validFrom ?? at);
  const own = validDays === null ? null : from + validDays * dayMs;
  const until = own === null ? validUntil : validUntil === null ? own : Math.min(own, validUntil);
  return until !== null && until <= at ? null : { validFrom: from, validUntil: until };
};

const dayMs = 86_400_000;
