/** What is on offer in the specs of accounts: campaigns written down short, and everything else left out. */
import type { Offer } from '../../../domain/account/offer.js';
import type { Limits } from '../../../domain/account/uses.js';
import type { MerchantId, PointOfSaleId, ProductId } from '../../../domain/ids.js';
import type { Campaign, CampaignId } from '../../../domain/pricing/campaign.js';
import { compileCampaigns } from '../../../domain/pricing/campaignSet.js';

export const campaign = (
  id: string,
  rewards: Campaign['rewards'],
  changes: Partial<Campaign> = {},
): Campaign => ({
  campaignId: id as CampaignId,
  version: 1,
  name: id,
  priority: 0,
  rewards,
  ...changes,
});

export const onOffer = (campaigns: readonly Campaign[], changes: Partial<Offer> = {}): Offer => ({
  set: compileCampaigns(campaigns),
  limits: new Map(
    campaigns.flatMap(({ campaignId, limits }): [CampaignId, Limits][] =>
      limits ? [[campaignId, limits]] : [],
    ),
  ),
  budgets: {},
  merchantId: 1 as MerchantId,
  pointOfSaleId: 10 as PointOfSaleId,
  timeZone: 'Europe/London',
  goods: () => undefined,
  shown: [],
  coupons: new Map(),
  games: null,
  scheme: null,
  validityOf: () => ({ validFrom: 0, validUntil: null }),
  customer: {},
  ...changes,
});

export const tenPercent = campaign('ten', [
  { kind: 'percent', basisPoints: 1_000, per: 'line', of: 'left' },
]);
export const thirdFree = campaign('third', [{ kind: 'cheapest-free', every: 3 }]);
export const bonus = campaign('bonus', [{ kind: 'points-bonus', points: 5_000 }]);
/** Points that sleep a week and live a month. */
export const shortLived = campaign('short', [{ kind: 'points-bonus', points: 700 }], {
  pointsTerms: { activationDelayDays: 7, lifetimeDays: 30 },
});
export const product = (id: string, price: number, pieces = 1) => ({
  productId: id as ProductId,
  quantity: pieces * 1_000,
  price,
});
