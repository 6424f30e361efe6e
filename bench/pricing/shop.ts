/**
 * A shop of 2,000 products in 300 categories with its customers, and campaigns of ten kinds in equal parts, as a retailer runs them: by product,
 * category, brand, segment, hour, tier, merchant, coupon, number of the purchase. The same seed always makes the same shop.
 */
import type { MerchantId, PointOfSaleId, ProductId } from '../../domain/ids.js';
import type { BasketLine } from '../../domain/pricing/basketLines.js';
import type { CampaignId } from '../../domain/pricing/discount.js';
import type { Campaign } from '../../domain/pricing/campaign.js';
import type { Condition } from '../../domain/pricing/conditionTree.js';
import type { Customer, Receipt } from '../../domain/pricing/facts.js';
import { weekdays } from '../../domain/pricing/localTime.js';
import type { Reward } from '../../domain/pricing/rewards.js';
import type { ProgrammeRule } from '../../domain/programme/rule.js';

/** A generator of numbers below `n` that is the same on every machine (Park and Miller's). */
export const numbersFrom = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
};

const products = 2_000;
const productId = (number: number) => `p${number}` as ProductId;
const categoryOf = (number: number): string => `c${number % 30}/s${Math.floor(number / 30) % 10}`;
const brands = 100;
const brandOf = (number: number): string => `b${number % brands}`;
const segments = 40;
const tiers = ['base', 'silver', 'gold', 'platinum'];

export interface Sale {
  readonly receipt: Receipt;
  readonly customer: Customer;
}

export const sales = (count: number, lines: number, seed = 7): Sale[] => {
  const draw = numbersFrom(seed);
  return Array.from({ length: count }, () => {
    const basket = Array.from({ length: lines }, (_, index): BasketLine => {
      const number = draw(products);
      const quantity = (1 + draw(3)) * 1_000;
      const price = 50 + draw(2_000);
      return {
        position: index + 1,
        productId: productId(number),
        quantity,
        price,
        amount: (price * quantity) / 1_000,
        category: categoryOf(number),
        brand: brandOf(number),
      };
    });
    return {
      receipt: {
        lines: basket,
        merchantId: (1 + draw(20)) as MerchantId,
        pointOfSaleId: (1 + draw(100)) as PointOfSaleId,
        at: Date.UTC(2026, 2, 1 + draw(28), draw(24), draw(60)),
        timeZone: 'Europe/Moscow',
        coupons: draw(10) === 0 ? [{ code: 'X1', series: `series${draw(20)}` }] : [],
      },
      customer: {
        activePoints: draw(200_000),
        tier: tiers[draw(4)] ?? null,
        segments: [0, 1, 2].map(() => `segment${draw(segments)}`),
        purchases: draw(60),
      },
    };
  });
};

const slots = [
  { from: '09:00', until: '12:00' },
  { from: '12:00', until: '15:00' },
  { from: '15:00', until: '19:00' },
  { from: '19:00', until: '23:00' },
] as const;

interface Offer {
  readonly when: Condition;
  readonly rewards: Reward[];
}

const offers: readonly ((draw: (below: number) => number, number: number) => Offer)[] = [
  (draw) => {
    const lines: Condition = {
      kind: 'product',
      productIds: [...new Set(Array.from({ length: 10 }, () => productId(draw(products))))],
    };
    return { when: lines, rewards: [{ kind: 'percent', basisPoints: 1_000, lines }] };
  },
  (draw) => {
    const lines: Condition = { kind: 'category', categories: [categoryOf(draw(products))] };
    return { when: lines, rewards: [{ kind: 'percent', basisPoints: 500, lines }] };
  },
  (draw) => ({
    when: { kind: 'segment', segments: [`segment${draw(segments)}`] },
    rewards: [{ kind: 'percent', basisPoints: 300, per: 'receipt' }],
  }),
  (draw) => ({
    when: {
      and: [
        { kind: 'weekday', days: weekdays.slice(draw(6)).slice(0, 2) },
        { kind: 'hours', ...(slots[draw(slots.length)] as (typeof slots)[number]) },
        { kind: 'receipt-total', min: 5_000 + draw(20_000) },
      ],
    },
    rewards: [{ kind: 'amount-off', amount: 300, per: 'receipt' }],
  }),
  (draw) => {
    const lines: Condition = { kind: 'brand', brands: [`b${draw(brands)}`] };
    return {
      when: { kind: 'contains', lines, quantity: { min: 3_000 } },
      rewards: [{ kind: 'points-multiplier', basisPoints: 20_000, lines }],
    };
  },
  (draw) => {
    const lines: Condition = { kind: 'category', categories: [`c${draw(30)}`] };
    return {
      when: { and: [{ kind: 'tier', tiers: ['gold'] }, lines] },
      rewards: [{ kind: 'cheapest-free', every: 3, lines }],
    };
  },
  (draw) => {
    const lines: Condition = { kind: 'category', categories: [`c${draw(30)}`] };
    return {
      when: {
        and: [{ kind: 'merchant', merchantIds: [(1 + draw(20)) as MerchantId] }, lines],
      },
      rewards: [{ kind: 'buy-get', buy: { units: 2, lines }, get: { units: 1 } }],
    };
  },
  (draw) => ({
    when: { kind: 'coupon', series: [`series${draw(20)}`] },
    rewards: [{ kind: 'amount-off', amount: 500, per: 'receipt' }],
  }),
  (draw) => ({
    when: {
      or: [{ kind: 'first-purchase' }, { kind: 'nth-purchase', nth: 5 + draw(20), every: true }],
    },
    rewards: [{ kind: 'points-bonus', points: 5_000 }],
  }),
  (draw, number) => {
    const lines: Condition = { kind: 'category', categories: [categoryOf(draw(products))] };
    return {
      when: {
        and: [
          { kind: 'contains', lines, amount: { min: 2_000 } },
          { not: { kind: 'merchant', merchantIds: [(1 + draw(20)) as MerchantId] } },
        ],
      },
      rewards: [{ kind: 'stamps', card: `card${number}`, by: 'unit', stamps: 1, lines }],
    };
  },
];

export const campaignsOf = (count: number, seed = 11): Campaign[] => {
  const draw = numbersFrom(seed);
  return Array.from({ length: count }, (_, number): Campaign => {
    const offer = offers[number % offers.length] as (typeof offers)[number];
    return {
      campaignId: `campaign_${number}` as CampaignId,
      version: 1,
      name: `Campaign ${number}`,
      priority: draw(5),
      ...offer(draw, number),
    };
  });
};

/** Campaigns for products that nobody buys here: they cannot match. */
export const foreignCampaigns = (count: number): Campaign[] =>
  Array.from({ length: count }, (_, number): Campaign => {
    const lines: Condition = { kind: 'product', productIds: [`foreign${number}` as ProductId] };
    return {
      campaignId: `foreign_${number}` as CampaignId,
      version: 1,
      name: `Foreign ${number}`,
      priority: 1,
      when: lines,
      rewards: [{ kind: 'percent', basisPoints: 1_000, lines }],
    };
  });

export const programmeRule: ProgrammeRule = {
  currency: 'RUB',
  earn: { points: 100, per: 10_000 },
  pointValue: 100,
  redeemMaxBasisPoints: 5_000,
  earnOnRedeemed: false,
  activationDelayDays: 0,
  lifetimeDays: null,
  clawback: 'allowDeficit',
};
