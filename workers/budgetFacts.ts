/**
 * What facts of receipts say to the budgets of campaigns, a customer's and anonymous ones alike: what was taken, what comes back.
 */
import { dayOf } from '../domain/budget/charge.js';
import type { ReceiptName } from '../domain/budget/state.js';
import type { Fact } from '../domain/fact.js';
import type { MerchantId, PurchaseId } from '../domain/ids.js';
import type { CampaignId } from '../domain/pricing/campaign.js';
import { receiptOf } from './receiptFacts.js';

/** Of one campaign on one receipt. */
export interface Share {
  readonly campaignId: CampaignId;
  readonly version: number;
  /** Minor units. */
  readonly discount: number;
  /** Hundredths. */
  readonly points: number;
  readonly uses: number;
}

interface Told {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly returnId?: string;
  readonly day?: string;
  readonly applied?: readonly Omit<Share, 'uses'>[];
  readonly reversed?: readonly Share[];
}

export interface BudgetFact {
  readonly receipt: ReceiptName;
  readonly merchantId: MerchantId;
  readonly shares: readonly Share[];
  /** Id of the return, or of the purchase. */
  readonly cause: string;
  /** That the purchase is counted on. */
  readonly day: (timeZone: string) => string;
}

export const budgetFactOf = (fact: Fact): BudgetFact => {
  const told = fact.data as Told;
  const { purchaseId, merchantId, applied = [], reversed = [] } = told;
  return {
    receipt: receiptOf(fact),
    merchantId,
    shares: [...applied.map((one) => ({ ...one, uses: 1 })), ...reversed],
    cause: told.returnId ?? purchaseId,
    day: (timeZone) => told.day ?? dayOf(Date.parse(fact.metadata.occurredAt), timeZone),
  };
};
