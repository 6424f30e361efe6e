/** A shop with campaigns and coupons that were drafted, activated and opened by the real commands, and many customers in a hurry. */
import { confirmPurchase } from '../../../../commands/account/confirmPurchase.js';
import { activateCampaign } from '../../../../commands/campaign/activateCampaign.js';
import { draftCampaign } from '../../../../commands/campaign/draftCampaign.js';
import { issueCodes } from '../../../../commands/coupon/issueCodes.js';
import { openSeries, type OpenSeriesInput } from '../../../../commands/coupon/openSeries.js';
import { createEnrolCustomer } from '../../../../commands/customer/enrolCustomer.js';
import { createHandler, type Handler } from '../../../../commands/handle.js';
import { createPersonalData } from '../../../../commands/personalData.js';
import { confirmAnonymous } from '../../../../commands/sales/confirmAnonymous.js';
import type { CampaignContent } from '../../../../domain/campaign/decide.js';
import type { SeriesId } from '../../../../domain/coupon/ids.js';
import type { TillId, UserId } from '../../../../domain/ids.js';
import type { CampaignId } from '../../../../domain/pricing/campaign.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';
import { demo } from '../house.js';
import { goods, receipt, type Shop } from './shop.js';

/** Drafts a campaign and puts it in force. */
export const promote = async (shop: Shop, id: string, content: Partial<CampaignContent>) => {
  const campaignId = id as CampaignId;
  const campaign = { name: id, priority: 1, rewards: tenPercentOff, ...content };
  await shop.handler.handle(draftCampaign, { campaignId, campaign }, shop.context());
  await shop.handler.handle(activateCampaign, { campaignId, version: 1 }, shop.context());
};

export const tenPercentOff: CampaignContent['rewards'] = [
  { kind: 'percent', basisPoints: 1_000, per: 'line', of: 'left' },
];
export const withCoupon = (series: string): NonNullable<CampaignContent['when']> => ({
  kind: 'coupon',
  series: [series],
});

/** A series; the codes of one of single use, the first `count`. */
export const printCodes = async (shop: Shop, seriesId: string, count: number) => {
  const id = seriesId as SeriesId;
  await openCoupons(shop, { seriesId: id, kind: 'singleUse' });
  await shop.handler.handle(issueCodes, { seriesId: id, count }, shop.context());
  const series = shop.directory.coupons.series(demo, id);
  if (!series) throw new Error('the series is not open');
  return (await shop.directory.coupons.codesOf(demo, series)).codes(0, count);
};
export const openCoupons = (
  shop: Shop,
  input: Partial<OpenSeriesInput> & Pick<OpenSeriesInput, 'seriesId' | 'kind'>,
) => openSeries(shop.handler, { name: input.seriesId, ...input }, shop.context());

export const enrolMany = async (shop: Shop, count: number): Promise<UserId[]> => {
  const people = createPersonalData(createMemoryPersonalKeys());
  const enrol = createEnrolCustomer(shop.handler, people);
  const users: UserId[] = [];
  for (let index = 0; index < count; index += 1) {
    users.push((await enrol({}, shop.context())).answer.userId);
  }
  return users;
};

/** Processes that share the log and nothing else of what receipts change. */
export const processes = ({ log, directory }: Shop, count: number): Handler[] =>
  Array.from({ length: count }, () => createHandler({ log, directory, cacheEntries: 1_000 }));

/** What is the same about the answers to customers and to nobody. */
export interface Bought {
  readonly discount: number;
  readonly pointsEarned: number;
  readonly refused: readonly { readonly campaignId: string; readonly code: string }[];
  readonly coupons: readonly { readonly code: string; readonly refusal: string | null }[];
}

export interface Basket {
  readonly id: string;
  readonly coupons?: readonly string[];
  /** Minor units. */
  readonly amount?: number;
}

const inputOf = ({ id, coupons, amount = 1_000 }: Basket) => ({
  ...receipt(id, goods(amount)),
  ...(coupons && { coupons: [...coupons] }),
});

export const buyAs = async (shop: Shop, by: Handler, userId: UserId, basket: Basket) => {
  const input = { userId, ...inputOf(basket) };
  const { answer } = await by.handle(confirmPurchase, input, shop.context());
  return answer as Bought;
};

export const buyAsNobody = async (shop: Shop, by: Handler, tillId: string, basket: Basket) => {
  const input = { ...inputOf(basket), tillId: tillId as TillId };
  const { answer } = await by.handle(confirmAnonymous, input, shop.context());
  return { ...answer, pointsEarned: 0 } as Bought;
};
