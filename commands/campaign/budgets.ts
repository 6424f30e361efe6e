/**
 * What receipts ask of the budgets of campaigns: how much is left before they are priced, and their share of it once they are.
 *
 * What is left comes from the stream that the receipts share, as this process knows it. It may be behind what other processes
 * took: then the reservation is refused, and the receipt is priced again on what is left by now.
 */
import { budget, budgetStream } from '../../domain/budget/budget.js';
import { dayOf, type Given, remainingIn } from '../../domain/budget/charge.js';
import { reserveBudget } from '../../domain/budget/decide.js';
import { receiptKey, type ReceiptName } from '../../domain/budget/state.js';
import type { MerchantId, TenantId } from '../../domain/ids.js';
import type { Remaining } from '../../domain/pricing/facts.js';
import type { Applied } from '../../domain/pricing/priced.js';
import type { CampaignsInForce } from '../campaigns.js';
import { type CommandContext, type StateOf, type Step, step } from '../command.js';

/** Where and when a receipt is decided. */
export interface BudgetPlace {
  readonly tenant: TenantId;
  readonly merchantId: MerchantId;
  /** Of the merchant, IANA. */
  readonly timeZone: string;
  /** Milliseconds: the time that the receipt is decided as of. */
  readonly at: number;
}

/** Whoever finds a budget spent asks no more of it: without a look at the log it would never hear of what came back. */
export const freshWithinMs = 1_000;

const noLimits: Readonly<Record<string, Remaining>> = {};

/**
 * By campaign id, for `price`; campaigns without a budget are left out. At once where there is none, so the usual receipt waits for
 * nothing. Limits per customer are not in it: the account knows them. What `receipt` has reserved already, in an attempt that lost a
 * race, is left to it.
 */
export const remainingBudgets = (
  inForce: CampaignsInForce,
  place: BudgetPlace,
  stateOf: StateOf,
  receipt: ReceiptName | null = null,
): Readonly<Record<string, Remaining>> | Promise<Readonly<Record<string, Remaining>>> => {
  const limited = [...inForce.limits].flatMap(([campaignId, { budgets }]) =>
    budgets ? [{ campaignId, budgets }] : [],
  );
  if (limited.length === 0) return noLimits;
  const { tenant, merchantId, timeZone, at } = place;
  const day = dayOf(at, timeZone);
  const look = limited.map(async ({ campaignId, budgets }): Promise<[string, Remaining]> => {
    const stream = budgetStream(tenant, campaignId);
    const { charged, open } = await stateOf(stream, budget, freshWithinMs);
    const own = receipt && open.get(receiptKey(receipt));
    return [campaignId, remainingIn(charged, budgets, { merchantId, day }, own ? [own] : [])];
  });
  return Promise.all(look).then((entries) => Object.fromEntries(entries));
};

/** What a worker has by then not settled came to nothing: see workers/budgets.ts. The day only matters where none runs at all. */
const reservationMs = 86_400_000;

/** What an applied campaign takes of its budgets. */
export const givenBy = ({ discount, points }: Pick<Applied, 'discount' | 'points'>): Given => ({
  amount: discount,
  points,
  uses: 1,
});

/**
 * A step for each applied campaign that has a budget. Where one does not hold the receipt any more, the command is decided again
 * on what is left.
 */
export const budgetReservations = (
  inForce: CampaignsInForce,
  applied: readonly Pick<Applied, 'campaignId' | 'discount' | 'points'>[],
  receipt: ReceiptName,
  place: BudgetPlace,
  { now }: Pick<CommandContext, 'now'>,
): Step[] =>
  applied.flatMap(({ campaignId, ...use }) => {
    const budgets = inForce.limits.get(campaignId)?.budgets;
    if (!budgets) return [];
    const { tenant, merchantId, timeZone, at } = place;
    const { purchaseId, userId, tillId } = receipt;
    const charge = { ...givenBy(use), merchantId, day: dayOf(at, timeZone) };
    const until = now + reservationMs;
    const command = {
      campaignId,
      budgets,
      purchaseId,
      userId,
      tillId,
      ...charge,
      at,
      now,
      until,
    };
    return step({
      stream: budgetStream(tenant, campaignId),
      aggregate: budget,
      decide: (state) => reserveBudget(command, state),
      whenRefused: 'decideAgain',
    });
  });
