/**
 * Taking of a budget, and settling what was taken. A repeat decides nothing; `now` and `until` are milliseconds.
 */
import { rejected } from '../rejected.js';
import type { CampaignId } from '../pricing/campaign.js';
import type { Remaining } from '../pricing/facts.js';
import type { BudgetEvent } from './budget.js';
import { type BudgetLimit, type Charge, type Given, remainingIn } from './charge.js';
import { type Budget, receiptKey, type ReceiptName, type Reservation } from './state.js';

export interface BudgetReservation extends Reservation {
  readonly campaignId: CampaignId;
  readonly budgets: readonly BudgetLimit[];
  /** The time that the receipt is decided as of. */
  readonly at: number;
  readonly now: number;
}

const lapsedMax = 100;

/**
 * The receipt's own reservation is replaced by one of other figures. Where no worker ran for so long that reservations are past
 * their time, the next receipt releases them.
 * @throws Rejected budget-exhausted with what remains
 */
export const reserveBudget = (command: BudgetReservation, state: Budget): BudgetEvent[] => {
  const { campaignId, budgets, at, now, until } = command;
  const { amount, points, uses, merchantId, day } = command;
  const own = state.open.get(receiptKey(command));
  if (own && isSame(own, command) && own.until >= until) return []; // already carried out
  const lapsed = lapsedIn(state, now).filter((reservation) => reservation !== own);
  const except = own ? [...lapsed, own] : lapsed;
  const remaining = remainingIn(state.charged, budgets, command, except);
  if (exceeds({ amount, points, uses }, remaining)) {
    throw rejected('budget-exhausted', { campaignId, remaining });
  }
  const { purchaseId, userId, tillId } = command;
  const charge = { amount, points, uses, merchantId, day };
  return [
    ...lapsed.map((reservation) => released(reservation, 'it was not settled in time')),
    { type: 'BudgetReserved', data: { purchaseId, userId, tillId, ...charge, at, until } },
  ];
};

const lapsedIn = ({ open }: Budget, now: number): Reservation[] => {
  const lapsed: Reservation[] = [];
  for (const reservation of open.values()) {
    // In the order in which they were made, so the first that is not past its time ends the search.
    if (reservation.until > now || lapsed.length >= lapsedMax) break;
    lapsed.push(reservation);
  }
  return lapsed;
};

const isSame = (a: Charge, b: Charge): boolean =>
  a.amount === b.amount &&
  a.points === b.points &&
  a.uses === b.uses &&
  a.merchantId === b.merchantId &&
  a.day === b.day;

const exceeds = (asked: Given, remaining: Remaining): boolean =>
  asked.amount > (remaining.amount ?? Infinity) ||
  asked.points > (remaining.points ?? Infinity) ||
  asked.uses > (remaining.uses ?? Infinity);

const released = (receipt: ReceiptName, reason: string): BudgetEvent => {
  const { purchaseId, userId, tillId } = receipt;
  return { type: 'BudgetReleased', data: { purchaseId, userId, tillId, reason } };
};

/** A fact of the log that changes what was spent. `answers` is its place there. */
interface Settlement {
  readonly receipt: ReceiptName;
  readonly charge: Charge;
  readonly answers: bigint;
}

/** Also where the reservation lapsed meanwhile, or never was: the receipt is in the log, so its discount was given. */
export const spendBudget = (command: Settlement, state: Budget): BudgetEvent[] => {
  const { receipt, charge, answers } = command;
  if (answers <= state.answered) return []; // already carried out
  return [{ type: 'BudgetSpent', data: { ...receipt, ...charge, answers: String(answers) } }];
};

/** `charge.day` is that of the purchase, so its window gets the figures back. */
export const returnToBudget = (
  command: Settlement & { readonly cause: string },
  state: Budget,
): BudgetEvent[] => {
  const { receipt, charge, cause, answers } = command;
  if (answers <= state.answered) return []; // already carried out
  const data = { ...receipt, ...charge, cause, answers: String(answers) };
  return [{ type: 'BudgetReturned', data }];
};

/** Known by its `until`: a reservation that was settled or made anew meanwhile is left alone. */
export const releaseBudget = (
  command: { readonly receipt: ReceiptName; readonly until: number; readonly reason: string },
  state: Budget,
): BudgetEvent[] => {
  const { receipt, until, reason } = command;
  return state.open.get(receiptKey(receipt))?.until === until ? [released(receipt, reason)] : [];
};
