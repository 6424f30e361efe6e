/**
 * Anonymous receipts quoted, confirmed, returned, cancelled. The arithmetic of lines, campaigns and parts is the account's; points
 * take no part.
 */
import { type BasketLine, countBasket } from '../account/basket.js';
import {
  assertRoomForReturn,
  isSameReturn,
  type LinePart,
  resolveReturn,
  type ReturnRequest,
  totalsOf,
} from '../account/parts.js';
import { sameCoupons, sameLines } from '../account/sameReceipt.js';
import { giftCardReasons, slipReasons } from '../account/confirmReasons.js';
import { campaignsOf } from '../account/effects.js';
import { because } from '../account/explain.js';
import type { PurchaseOrder } from '../account/purchaseOrder.js';
import { type Offer, priceOnOffer, shownCodes } from '../account/offer.js';
import type { CampaignOutcome } from '../account/pricing.js';
import type { PricedLine } from '../account/events.js';
import { reverseCampaigns, reversedFields } from '../account/reversedCampaigns.js';
import { backToCards, sameCards, type ShownGiftCard, takeFromCards } from '../giftCard/payment.js';
import type { ProgrammeRule } from '../programme/rule.js';
import type { ReturnId } from '../ids.js';
import { type AtTill, decidedAt, isSameTime } from '../receiptTime.js';
import { rejected } from '../rejected.js';
import type { SalesEvent } from './events.js';
import type { AnonymousPurchase, AnonymousReturn, SaleEntry, Sales } from './sales.js';

export interface AnonymousOrder extends AtTill {
  readonly currency: string;
  readonly lines: readonly BasketLine[];
  /** Anything but zero is refused: nobody is there whose points they could be. */
  readonly redeemPoints: number;
  /** What the till printed while it was offline. */
  readonly slip?: NonNullable<PurchaseOrder['slip']>;
  /** Looked up for this receipt. */
  readonly giftCards?: readonly ShownGiftCard[];
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

export interface AnonymousOutcome {
  readonly lines: PricedLine[];
  readonly total: number;
  readonly campaigns?: CampaignOutcome;
}

/** An anonymous receipt has no points, so of the programme's rule the currency alone matters. */
const pointless = (currency: string): ProgrammeRule => ({
  currency,
  earn: { points: 0, per: 1 },
  pointValue: 1,
  redeemMaxBasisPoints: 0,
  earnOnRedeemed: false,
  activationDelayDays: 0,
  lifetimeDays: null,
  clawback: 'pendingOnly',
});

/** What the receipt comes to; `offer` null where nothing is on offer. @throws Rejected what basket.ts refuses. */
export const priceAnonymous = (
  order: Pick<AnonymousOrder, 'lines' | 'currency'>,
  at: number,
  offer: Offer | null,
): AnonymousOutcome => {
  const basket = countBasket(order.lines);
  if (offer) {
    const asked = { at, redeemPoints: 0, tooManyPoints: 'refuse' } as const;
    return priceOnOffer(basket, asked, null, pointless(order.currency), offer).outcome;
  }
  const lines = basket.lines.map(({ position, productId, quantity, price, amount }) => ({
    position,
    productId,
    quantity,
    price,
    amount,
    paidByPoints: 0,
    pointsRedeemed: 0,
    pointsEarned: 0,
  }));
  return { lines, total: basket.total };
};

/**
 * `recorded` is the receipt of this id where the till has one, null where it has none.
 * @throws Rejected redemption-not-allowed, purchase-exists, time-in-future, and what basket.ts refuses.
 */
export const confirmAnonymous = (
  order: AnonymousOrder,
  state: Sales,
  recorded: RecordedSale | null,
  offer: Offer | null = null,
): SalesEvent[] => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, currency, offline } = order;
  if (order.redeemPoints > 0) throw rejected('redemption-not-allowed');
  const { lines: sent } = countBasket(order.lines);
  const at = decidedAt(order);
  if (state.purchases.has(purchaseId)) {
    if (recorded === null) throw new Error('the recorded receipt has to be looked up');
    const { data } = recorded;
    const same =
      data.merchantId === merchantId &&
      data.pointOfSaleId === pointOfSaleId &&
      sameLines(data.lines, sent) &&
      (offline || sameCoupons(data.coupons, offer ? shownCodes(offer) : [])) &&
      (offline || sameCards(data.giftCards, order.giftCards)) &&
      (!data.offline || isSameTime(order, recorded.occurredAt));
    if (!same) throw rejected('purchase-exists', { purchaseId });
    return []; // already carried out
  }
  const { lines, total, campaigns } = priceAnonymous(order, at, offer);
  const cards = order.giftCards;
  const giftCards = cards && takeFromCards(cards, campaigns?.net ?? total, offline);
  const data: AnonymousPurchase = {
    purchaseId,
    merchantId,
    pointOfSaleId,
    tillId,
    currency,
    lines,
    total,
    offline,
    ...(campaigns && campaignsOf(campaigns)),
    ...(giftCards && { giftCards }),
  };
  const why = slipReasons(order.slip, {
    pointsEarned: 0,
    total,
    discount: campaigns?.discount ?? 0,
  });
  if (offline) why.unshift(because('decided-late', { at, receivedAt: order.now }));
  if (giftCards) why.push(...giftCardReasons(giftCards));
  if (why.length > 0) data.why = why;
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
  const resolved = resolveReturn(confirmed.lines, partsOf(returns), request);
  assertRoomForReturn(returns.length, resolved);
  const { parts, complete } = resolved;
  const { currency, day } = confirmed;
  const { reversed } = reverseCampaigns(confirmed, returns, parts, complete);
  const { amount, discount } = totalsOf(parts);
  const data: AnonymousReturn = {
    purchaseId,
    returnId,
    merchantId,
    pointOfSaleId,
    tillId,
    currency,
    lines: parts.map(({ position, productId, quantity, amount: gross, net, discounts }) => ({
      position,
      productId,
      quantity,
      amount: gross,
      ...(net !== undefined && { net }),
      ...(discounts && { discounts }),
    })),
    ...reversedFields(reversed, discount, day),
    ...giftCardsBack(confirmed, returns, amount - discount),
    amount,
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
  const { currency, day } = confirmed;
  const { reversed } = reverseCampaigns(confirmed, returns, parts, true);
  const { amount, discount } = totalsOf(parts);
  const data = {
    purchaseId,
    merchantId,
    pointOfSaleId,
    tillId,
    currency,
    reason,
    ...reversedFields(reversed, discount, day),
    ...giftCardsBack(confirmed, returns, amount - discount),
    amount,
  };
  return [{ type: 'AnonymousPurchaseCancelled', data }];
};

const giftCardsBack = (
  confirmed: AnonymousPurchase,
  returns: readonly AnonymousReturn[],
  refund: number,
) => {
  const before = returns.reduce((sum, { amount, discount = 0 }) => sum + amount - discount, 0);
  const giftCards = backToCards(confirmed, before, refund);
  return giftCards.length > 0 && { giftCards };
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
