/**
 * Goods given back, and purchases declared void. Both reverse what was recorded of the purchase for the part that is left of it,
 * and both may be sent again without doing anything twice.
 */
import type { EventOf } from '../event.js';
import type { MerchantId, PointOfSaleId, PurchaseId, ReturnId, TillId } from '../ids.js';
import { decidedAt, type ReceiptTime } from '../receiptTime.js';
import { rejected } from '../rejected.js';
import type { ConfirmedPurchase } from './confirm.js';
import type { AccountEvent, PurchaseCancelled, PurchaseReturned, Reason } from './events.js';
import { because } from './explain.js';
import {
  isSameReturn,
  type LinePart,
  type PartTotals,
  resolveReturn,
  type ReturnRequest,
  totalsOf,
} from './parts.js';
import { balanceOf, type Points } from './points.js';
import { type Earned, type Redeemed, reversePoints } from './reversal.js';
import { settle } from './settle.js';
import type { Account, PurchaseEntry } from './state.js';

export type ReturnedPurchase = EventOf<typeof PurchaseReturned>['data'];
export type CancelledPurchase = EventOf<typeof PurchaseCancelled>['data'];

/** All that was recorded of one purchase. */
export interface PurchaseHistory {
  readonly confirmed: ConfirmedPurchase;
  readonly redeemed: Redeemed | null;
  readonly earned: Earned | null;
  /** Every return so far, in order. */
  readonly returns: readonly ReturnedPurchase[];
}

interface AtTill extends ReceiptTime {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly tillId: TillId;
}

export interface ReturnOrder extends AtTill {
  readonly returnId: ReturnId;
  readonly request: ReturnRequest;
}

export interface CancelOrder extends AtTill {
  readonly reason: string;
}

/**
 * `history` is the purchase's, null where the account has no such purchase.
 * @throws Rejected account-not-found, purchase-not-found, foreign-merchant, purchase-cancelled, return-exists, time-in-future, and
 * what parts.ts refuses.
 */
export const returnPurchase = (
  order: ReturnOrder,
  account: Account,
  history: PurchaseHistory | null,
): AccountEvent[] => {
  const { purchaseId, returnId, request, merchantId, pointOfSaleId, tillId } = order;
  const entry = purchaseOf(order, account, history);
  const { confirmed, returns } = found(history);
  if (account.returns.has(returnId)) {
    assertSame(order, entry, account, found(history));
    return []; // already carried out
  }
  if (entry.cancelled !== null) throw rejected('purchase-cancelled', { purchaseId });
  const at = decidedAt(order);
  const { parts, complete } = resolveReturn(confirmed.lines, partsOf(returns), request);
  const totals = totalsOf(parts);
  const { due, events, why, points } = reverse(
    order,
    account,
    found(history),
    totals,
    returnId,
    at,
  );
  const { amount, refund, paidByPoints } = totals;
  const { currency } = confirmed;
  const data: ReturnedPurchase = {
    ...{ purchaseId, returnId, merchantId, pointOfSaleId, tillId },
    ...{ currency, lines: parts, amount, refund, paidByPoints, complete, why },
    balance: balanceOf(points),
  };
  return [...due, { type: 'PurchaseReturned', data }, ...events];
};

/** @throws Rejected account-not-found, purchase-not-found, foreign-merchant, nothing-to-return, time-in-future */
export const cancelPurchase = (
  order: CancelOrder,
  account: Account,
  history: PurchaseHistory | null,
): AccountEvent[] => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, reason } = order;
  const entry = purchaseOf(order, account, history);
  if (entry.cancelled !== null) return []; // already carried out
  const { confirmed, returns } = found(history);
  const at = decidedAt(order);
  const { parts } = resolveReturn(confirmed.lines, partsOf(returns), 'all');
  const totals = totalsOf(parts);
  const cause = purchaseId;
  const { due, events, why, points } = reverse(order, account, found(history), totals, cause, at);
  const { amount, refund, paidByPoints } = totals;
  const { currency } = confirmed;
  const data: CancelledPurchase = {
    ...{ purchaseId, merchantId, pointOfSaleId, tillId, reason },
    ...{ currency, amount, refund, paidByPoints, why },
    balance: balanceOf(points),
  };
  return [...due, { type: 'PurchaseCancelled', data }, ...events];
};

const purchaseOf = (
  order: AtTill,
  account: Account,
  history: PurchaseHistory | null,
): PurchaseEntry => {
  const { purchaseId, merchantId } = order;
  if (account.status === 'unknown') throw rejected('account-not-found');
  const entry = account.purchases.get(purchaseId);
  if (!entry) throw rejected('purchase-not-found', { purchaseId });
  if (found(history).confirmed.merchantId !== merchantId) {
    throw rejected('foreign-merchant', { purchaseId });
  }
  return entry;
};

const found = (history: PurchaseHistory | null): PurchaseHistory => {
  if (history === null) throw new Error('the purchase that the account knows has to be looked up');
  return history;
};

const partsOf = (returns: readonly ReturnedPurchase[]): LinePart[] =>
  returns.flatMap(({ lines }) => lines);

const assertSame = (
  order: ReturnOrder,
  entry: PurchaseEntry,
  account: Account,
  { confirmed, returns }: PurchaseHistory,
): void => {
  const index = entry.returns.indexOf(account.returns.get(order.returnId) ?? -1);
  const recorded = returns[index];
  const earlier = partsOf(returns.slice(0, Math.max(index, 0)));
  if (!recorded || !isSameReturn(recorded, confirmed.lines, earlier, order.request)) {
    throw rejected('return-exists', { returnId: order.returnId });
  }
};

interface Effects {
  readonly due: readonly AccountEvent[];
  readonly events: readonly AccountEvent[];
  readonly why: Reason[];
  readonly points: Points;
}

/** A closed account has no points left to move: only the goods and the money go back. */
const reverse = (
  order: AtTill,
  account: Account,
  { redeemed, earned, returns }: PurchaseHistory,
  { pointsRedeemed, pointsEarned }: PartTotals,
  cause: string,
  at: number,
): Effects => {
  const late = order.offline ? [because('decided-late', { at, receivedAt: order.now })] : [];
  if (account.status !== 'open') {
    const why = [...late, because('account-is-closed')];
    return { due: [], events: [], why, points: account.points };
  }
  const due = settle(account.points, at);
  const reversal = {
    purchaseId: order.purchaseId,
    cause,
    redeemed,
    earned,
    restoredBefore: totalsOf(partsOf(returns)).pointsRedeemed,
    restore: pointsRedeemed,
    takeBack: pointsEarned,
    at,
  };
  const { events, why, points } = reversePoints(reversal, due.points);
  return { due: due.events, events, why: [...late, ...why], points };
};
