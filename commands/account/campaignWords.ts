/**
 * What campaigns say to the cashier and on the slip. Not recorded: a version of a campaign never changes, so its words can be asked
 * for again whenever the receipt is sent again.
 */
import type { TenantId } from '../../domain/ids.js';
import type { Applied, CouponOutcome } from '../../domain/pricing/priced.js';
import { campaignTexts, type CampaignTexts } from '../../domain/pricing/texts.js';
import type { Directory } from '../directory.js';

/** What a receipt records of its campaigns. */
interface Told {
  readonly currency: string;
  readonly applied?: readonly Applied[];
  readonly coupons?: readonly CouponOutcome[];
}

export type TextsOf = (receipt: Told) => CampaignTexts;

const silence: CampaignTexts = { cashier: [], slip: [] };

export const textsIn =
  ({ campaigns }: Directory, tenant: TenantId): TextsOf =>
  ({ currency, applied = [], coupons = [] }) => {
    if (applied.length === 0 && coupons.length === 0) return silence;
    const versions = new Map(applied.map(({ campaignId, version }) => [campaignId, version]));
    const textsOf = (campaignId: Applied['campaignId']) =>
      campaigns.definition(tenant, campaignId, versions.get(campaignId) ?? 0)?.texts ?? null;
    return campaignTexts(applied, coupons, textsOf, currency);
  };
