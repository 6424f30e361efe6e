/**
 * From receipts to what campaigns did and what coupons were shown, by merchant and quarter of an hour. Pure.
 *
 * As with the sales, the day is the merchant's and is told when the sums are written. What a campaign did is read from what the
 * receipt recorded, what a return took back from what the return recorded: nothing is calculated again.
 */
import type { Fact } from '../../domain/fact.js';
import { occurredAtOf, typed } from '../facts.js';
import type { MerchantEvent } from '../../domain/merchant/merchant.js';
import type { Applied, CouponOutcome } from '../../domain/pricing/priced.js';
import type { TimeZone } from '../timeZones.js';

export const eventTypes = [
  'MerchantRegistered',
  'PurchaseConfirmed',
  'PurchaseReturned',
  'PurchaseCancelled',
  'AnonymousPurchaseConfirmed',
  'AnonymousPurchaseReturned',
  'AnonymousPurchaseCancelled',
] as const;

/** What a return takes back of one campaign. */
interface TakenBack {
  readonly campaignId: string;
  readonly version: number;
  readonly discount: number;
  readonly points: number;
  readonly uses: number;
}

/** The part of a receipt, a return or a cancellation that campaigns left in it; receipts from before campaigns have none. */
interface Receipt {
  readonly merchantId: number;
  readonly applied?: readonly Pick<Applied, 'campaignId' | 'version' | 'discount' | 'points'>[];
  readonly coupons?: readonly Pick<CouponOutcome, 'series' | 'refusal'>[];
  readonly reversed?: readonly TakenBack[];
}

interface When {
  readonly tenant: string;
  readonly merchantId: number;
  /** Start of the quarter of an hour, milliseconds since the epoch. */
  readonly start: number;
}

export interface CampaignSum extends When {
  readonly campaignId: string;
  readonly version: number;
  receipts: number;
  discount: number;
  points: number;
  uses: number;
  returnedReceipts: number;
  returnedDiscount: number;
  returnedPoints: number;
  returnedUses: number;
}

export interface CouponSum extends When {
  readonly series: string;
  /** Kebab-case; empty where the coupon was used. */
  readonly refusal: string;
  shown: number;
}

export interface CampaignChanges {
  readonly timeZones: readonly TimeZone[];
  readonly campaigns: readonly CampaignSum[];
  readonly coupons: readonly CouponSum[];
}

const quarterMs = 15 * 60_000;

export const projectCampaigns = (facts: readonly Fact[]): CampaignChanges => {
  const timeZones: TimeZone[] = [];
  const campaigns = new Map<string, CampaignSum>();
  const coupons = new Map<string, CouponSum>();
  for (const fact of facts) {
    const { tenant } = fact.metadata;
    if (fact.type === 'MerchantRegistered') {
      const { merchantId, timeZone } = typed<MerchantEvent & { type: 'MerchantRegistered' }>(
        fact,
      ).data;
      timeZones.push({ tenant, merchantId, timeZone });
      continue;
    }
    const { merchantId, applied, coupons: shown, reversed } = fact.data as Receipt;
    if (!applied?.length && !shown?.length && !reversed?.length) continue;
    const start = Math.floor(occurredAtOf(fact) / quarterMs) * quarterMs;
    const when = { tenant, merchantId, start };
    for (const { campaignId, version, discount, points } of applied ?? []) {
      const sum = campaignSum(campaigns, when, campaignId, version);
      sum.receipts += 1;
      sum.discount += discount;
      sum.points += points;
      sum.uses += 1;
    }
    for (const back of reversed ?? []) {
      const sum = campaignSum(campaigns, when, back.campaignId, back.version);
      sum.returnedReceipts += 1;
      sum.returnedDiscount += back.discount;
      sum.returnedPoints += back.points;
      sum.returnedUses += back.uses;
    }
    for (const { series, refusal } of shown ?? []) {
      couponSum(coupons, when, series, refusal ?? '').shown += 1;
    }
  }
  return { timeZones, campaigns: [...campaigns.values()], coupons: [...coupons.values()] };
};

const keyOf = ({ tenant, merchantId, start }: When): string => `${tenant}/${merchantId}/${start}`;

const campaignSum = (
  sums: Map<string, CampaignSum>,
  when: When,
  campaignId: string,
  version: number,
): CampaignSum => {
  const key = `${keyOf(when)}/${campaignId}/${version}`;
  let sum = sums.get(key);
  if (!sum) {
    const nothing = { receipts: 0, discount: 0, points: 0, uses: 0 };
    const back = { returnedReceipts: 0, returnedDiscount: 0, returnedPoints: 0, returnedUses: 0 };
    sum = { ...when, campaignId, version, ...nothing, ...back };
    sums.set(key, sum);
  }
  return sum;
};

const couponSum = (
  sums: Map<string, CouponSum>,
  when: When,
  series: string,
  refusal: string,
): CouponSum => {
  const key = `${keyOf(when)}/${series}/${refusal}`;
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = { ...when, series, refusal, shown: 0 }));
  return sum;
};
