/** The budgets of a campaign as people ask for them: what was given, what receipts hold at the moment, what is left. */
import { budget, budgetStream } from '../../domain/budget/budget.js';
import { dayOf, type Given, nothing, remainingIn } from '../../domain/budget/charge.js';
import type { MerchantId, TenantId } from '../../domain/ids.js';
import type { CampaignId } from '../../domain/pricing/campaign.js';
import type { Remaining } from '../../domain/pricing/facts.js';
import { rejected } from '../../domain/rejected.js';
import type { Handler } from '../handle.js';

export interface BudgetShown {
  /** Spent and reserved, less what was returned. */
  readonly charged: Given;
  /** Of it, by receipts that are not recorded yet. */
  readonly reserved: Given;
  /** For a receipt at this moment; what has no budget is left out. */
  readonly remaining: Remaining;
}

/**
 * Budgets of each merchant are told where one is named. Days are the merchant's, or those of UTC where none is named.
 * @throws Rejected campaign-not-found, merchant-not-found
 */
export const budgetShown = async (
  { directory, state }: Pick<Handler, 'directory' | 'state'>,
  tenant: TenantId,
  campaignId: CampaignId,
  merchantId: MerchantId | null,
  now: number,
): Promise<BudgetShown> => {
  const { campaigns } = directory;
  const life = campaigns.life(tenant, campaignId);
  if (!life) throw rejected('campaign-not-found');
  const merchant = merchantId === null ? null : directory.merchant(tenant, merchantId);
  if (merchant === undefined) throw rejected('merchant-not-found', { merchantId });
  const { charged, open } = await state(budgetStream(tenant, campaignId), budget, 0);
  const limits = campaigns.at(tenant, now).limits.get(campaignId) ?? life.contents.at(-1)?.limits;
  const told = (limits?.budgets ?? []).filter(({ eachMerchant }) => merchant || !eachMerchant);
  const place = {
    merchantId: merchantId ?? (0 as MerchantId),
    day: dayOf(now, merchant?.timeZone ?? 'UTC'),
  };
  const reserved = [...open.values()].reduce<Given>(
    (sum, { amount, points, uses }) => ({
      amount: sum.amount + amount,
      points: sum.points + points,
      uses: sum.uses + uses,
    }),
    nothing,
  );
  return { charged: charged.ever.all, reserved, remaining: remainingIn(charged, told, place) };
};
