/**
 * Settles what receipts reserved of the budgets of campaigns: spent once the receipt is in the log, released where it was decided
 * without the campaign or never came, given back when goods come back.
 *
 * At least once (settling.ts): every command answers one fact and says which, so a repeat decides nothing however old it is. What was
 * released and is found in the log after all is charged then: nobody's discount is forgotten.
 */
import type { BudgetReserved } from '../domain/budget/budget.js';
import { type ReceiptName, receiptKey } from '../domain/budget/state.js';
import type { EventOf } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { TenantId } from '../domain/ids.js';
import type { CampaignId } from '../domain/pricing/campaign.js';
import { parseStreamName } from '../domain/stream.js';
import {
  giveBackToBudget,
  releaseOfBudget,
  spendOfBudget,
} from '../commands/campaign/settleBudget.js';
import { answering, type AnsweringOptions } from './answering.js';
import { type BudgetFact, budgetFactOf, type Share } from './budgetFacts.js';
import { createOpenReservations } from './openReservations.js';
import { isConfirmation, receiptEvents } from './receiptFacts.js';
import { createSettling, type SettlingWorker } from './settling.js';

export { recordedWithinMs } from './settling.js';

const name = 'budgets';

export const createBudgetsWorker = (options: AnsweringOptions): SettlingWorker => {
  const { handler } = options;
  const { campaigns } = handler.directory;
  const contextOf = answering(name, options.now);
  const open = createOpenReservations(
    (fact) => `${receiptOfReservation(fact)} ${reservationOf(fact).campaignId}`,
    receiptOfReservation,
  );

  /** A campaign without budgets has no stream to charge. */
  const isBudgeted = (tenant: TenantId, { campaignId, version }: Share): boolean => {
    const definition = campaigns.definition(tenant, campaignId, version);
    // It was written down before the receipt was: the directory is about to hear of it.
    if (!definition) throw new Error(`version ${version} of ${campaignId} is not known yet`);
    return definition.limits?.budgets !== undefined;
  };

  const charged = (fact: Fact, { merchantId, day }: BudgetFact, share: Share) => {
    const { tenant } = fact.metadata;
    const timeZone = handler.directory.merchant(tenant, merchantId)?.timeZone ?? 'UTC';
    const { discount: amount, points, uses } = share;
    return { amount, points, uses, merchantId, day: day(timeZone) };
  };

  const release = async (fact: Fact, reason: string): Promise<void> => {
    await handler.handle(releaseOfBudget, { ...reservationOf(fact), reason }, contextOf(fact));
  };

  const spend = async (fact: Fact): Promise<void> => {
    const told = budgetFactOf(fact);
    const { tenant } = fact.metadata;
    const { receipt } = told;
    const answers = String(fact.position);
    for (const share of told.shares) {
      if (!isBudgeted(tenant, share)) continue;
      const { campaignId } = share;
      const input = { campaignId, receipt, charge: charged(fact, told, share), answers };
      await handler.handle(spendOfBudget, input, contextOf(fact));
    }
    for (const [key, reservation] of open.ofReceipt(keyOf(tenant, receipt))) {
      await release(reservation, 'the receipt was decided without the campaign');
      open.delete(key);
    }
  };

  const giveBack = async (fact: Fact): Promise<void> => {
    const told = budgetFactOf(fact);
    const { receipt, cause } = told;
    const answers = String(fact.position);
    for (const share of told.shares) {
      if (!isBudgeted(fact.metadata.tenant, share)) continue;
      const { campaignId } = share;
      const input = { campaignId, receipt, charge: charged(fact, told, share), cause, answers };
      await handler.handle(giveBackToBudget, input, contextOf(fact));
    }
  };

  return createSettling(options, {
    name,
    open,
    onlyAbreast: true,
    reserved: ['BudgetReserved'],
    answered: receiptEvents,
    react: (fact) => (isConfirmation(fact) ? spend(fact) : giveBack(fact)),
    settle: (reservation) => release(reservation, 'the receipt came to nothing'),
  });
};

/** `until`, in milliseconds, tells with the receipt one reservation from the next. */
const reservationOf = ({ stream, data }: Fact) => {
  const { purchaseId, userId, tillId, until } = data as EventOf<typeof BudgetReserved>['data'];
  const campaignId = parseStreamName(stream)?.id as CampaignId;
  return { campaignId, receipt: { purchaseId, userId, tillId }, until };
};

const keyOf = (tenant: TenantId, receipt: ReceiptName): string =>
  `${tenant} ${receiptKey(receipt)}`;

const receiptOfReservation = (reservation: Fact): string =>
  keyOf(reservation.metadata.tenant, reservation.data as ReceiptName);
