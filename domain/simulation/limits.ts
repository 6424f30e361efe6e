/**
 * What limits and budgets leave of the draft as the simulation goes on: counted as the budgets of active campaigns are, in memory,
 * and for each customer by himself where the draft limits its use.
 */
import { type BudgetLimit, type Charge, type Charged } from '../budget/charge.js';
import { count, noCharges, type Place, remainingIn } from '../budget/charge.js';
import type { UserId } from '../ids.js';
import type { Campaign } from '../pricing/campaign.js';
import type { Remaining } from '../pricing/facts.js';

export interface DraftLimits {
  /** Undefined: nothing bounds it. */
  remaining(userId: UserId | null, place: Place): Remaining | undefined;
  spend(userId: UserId | null, charge: Charge): void;
}

const unlimited: DraftLimits = { remaining: () => undefined, spend: () => undefined };

export const createDraftLimits = ({ limits }: Campaign): DraftLimits => {
  if (!limits) return unlimited;
  const { perCustomer, budgets } = limits;
  const own: BudgetLimit[] = perCustomer
    ? [{ of: 'uses', most: perCustomer.uses, per: perCustomer.per }]
    : [];
  let all = noCharges();
  const byCustomer = new Map<UserId, Charged>();
  return {
    remaining: (userId, place) => {
      const left = remainingIn(all, budgets ?? [], place);
      if (own.length === 0 || userId === null) return left;
      const mine = remainingIn(byCustomer.get(userId) ?? noCharges(), own, place).uses ?? Infinity;
      return { ...left, usesOfCustomer: mine };
    },
    spend: (userId, charge) => {
      if (budgets) all = count(all, charge, 1);
      if (own.length === 0 || userId === null) return;
      byCustomer.set(userId, count(byCustomer.get(userId) ?? noCharges(), charge, 1));
    },
  };
};
