/**
 * Anonymous receipts confirmed, returned, cancelled. The arithmetic of lines and parts is the account's; points take no part.
 */
import { type BasketLine, countBasket } from '../account/basket.js';
import {
  isSameReturn,
  type LinePart,
  resolveReturn,
  type ReturnRequest,
} from '../account/parts.js';
import { sameLines } from '../account/confirm.js';
import type { MerchantId, PointOfSaleId, PurchaseId, ReturnId, TillId } from '../ids.js';
import { decidedAt, isSameTime, type ReceiptTime } from '../receiptTime.js';
import { rejected } from '../rejected.js';
import type { SalesEvent } from './events.js';
import type { AnonymousPurchase, AnonymousReturn, SaleEntry, Sales } from './sales.js';

interface AtTill extends ReceiptTime {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly tillId: TillId;
}

export interface AnonymousOrder extends AtTill {
  readonly currency: string;
  readonly lines: readonly BasketLine[];
  /** Anything but zero is refused: nobody is there whose points they could be. */
  readonly redeemPoints: number;
}

export interface RecordedSale {
  readonly data: AnonymousPurchase;
  /** Milliseconds. */
  readonly occurredAt: number;
}

/** A receipt and its returns so far, in order. */
export interface SaleHistory {
  readonly confirmed: AnonymousPurchase;
  readonly returns: readonly AnonymousReturn[];
}

/**
 * `recorded` is the receipt of this id where the till has one, null where it has none.
 * @throws Rejected redemption-not-allowed, purchase-exists, time-in-future, and what basket.ts refuses.
 */
export const confirmAnonymous = (
  order: AnonymousOrder,
  state: Sales,
  recorded: RecordedSale | null,
): SalesEvent[] => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, currency, offline } = order;
  if (order.redeemPoints > 0) throw rejected('redemption-not-allowed');
  const { lines, total } = countBasket(order.lines);
  decidedAt(order);
  if (state.purchases.has(purchaseId)) {
    if (recorded === null) throw new Error('the recorded receipt has to be looked up');
    const { data } = recorded;
    const same =
      data.merchantId === merchantId &&
      data.pointOfSaleId === pointOfSaleId &&
      sameLines(data.lines, lines) &&
      (!data.offline || isSameTime(order, recorded.occurredAt));
    if (!same) throw rejected('purchase-exists', { purchaseId });
    return []; // already carried out
  }
  const pointless = { paidByPoints: 0, pointsRedeemed: 0, pointsEarned: 0 };
  const data: AnonymousPurchase = {
    ...{ purchaseId, merchantId, pointOfSaleId, tillId, currency },
    lines: lines.map((line) => ({ ...line, ...pointless })),
    total,
    offline,
  };
  return [{ type: 'AnonymousPurchaseConfirmed', data }];
};

/** @throws Rejected purchase-not-found, foreign-merchant, purchase-cancelled, return-exists, time-in-future, and what parts.ts refuses. */
export const returnAnonymous = (
  order: AtTill & { readonly returnId: ReturnId; readonly request: ReturnRequest },
  state: Sales,
  history: SaleHistory | null,
): SalesEvent[] => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, returnId, request } = order;
  const entry = saleOf(order, state, history);
  const { confirmed, returns } = found(history);
  decidedAt(order);
  const recordedAt = state.returns.get(returnId);
  if (recordedAt !== undefined) {
    const index = entry.returns.indexOf(recordedAt);
    const recorded = returns[index];
    const earlier = partsOf(returns.slice(0, Math.max(index, 0)));
    if (!recorded || !isSameReturn(recorded, confirmed.lines, earlier, request)) {
      throw rejected('return-exists', { returnId });
    }
    return []; // already carried out
  }
  if (entry.cancelled !== null) throw rejected('purchase-cancelled', { purchaseId });
  const { parts, complete } = resolveReturn(confirmed.lines, partsOf(returns), request);
  const { currency } = confirmed;
  const data: AnonymousReturn = {
    ...{ purchaseId, returnId, merchantId, pointOfSaleId, tillId, currency },
    lines: parts.map(({ position, productId, quantity, amount }) => ({
      ...{ position, productId, quantity, amount },
    })),
    amount: amountOf(parts),
    complete,
  };
  return [{ type: 'AnonymousPurchaseReturned', data }];
};

/** @throws Rejected purchase-not-found, foreign-merchant, nothing-to-return, time-in-future */
export const cancelAnonymous = (
  order: AtTill & { readonly reason: string },
  state: Sales,
  history: SaleHistory | null,
): SalesEvent[] => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, reason } = order;
  const entry = saleOf(order, state, history);
  if (entry.cancelled !== null) return []; // already carried out
  decidedAt(order);
  const { confirmed, returns } = found(history);
  const { parts } = resolveReturn(confirmed.lines, partsOf(returns), 'all');
  const { currency } = confirmed;
  const data = {
    ...{ purchaseId, merchantId, pointOfSaleId, tillId, currency, reason },
    amount: amountOf(parts),
  };
  return [{ type: 'AnonymousPurchaseCancelled', data }];
};

const saleOf = (order: AtTill, state: Sales, history: SaleHistory | null): SaleEntry => {
  const { purchaseId, merchantId } = order;
  const entry = state.purchases.get(purchaseId);
  if (!entry) throw rejected('purchase-not-found', { purchaseId });
  if (found(history).confirmed.merchantId !== merchantId) {
    throw rejected('foreign-merchant', { purchaseId });
  }
  return entry;
};

const found = (history: SaleHistory | null): SaleHistory => {
  if (history === null) throw new Error('the receipt that the till knows has to be looked up');
  return history;
};

const partsOf = (returns: readonly AnonymousReturn[]): LinePart[] =>
  returns.flatMap(({ lines }) =>
    lines.map((line) => ({ ...line, paidByPoints: 0, pointsRedeemed: 0, pointsEarned: 0 })),
  );

const amountOf = (parts: readonly LinePart[]): number =>
  parts.reduce((sum, { amount }) => sum + amount, 0);
