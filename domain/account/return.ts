/**
 * Goods given back, and purchases declared void. Both reverse what was recorded of the purchase for the part that is left of it,
 * and both may be sent again without doing anything twice.
 */
import type { CouponId } from '../coupon/ids.js';
import type { EventOf } from '../event.js';
import { backToCards, type GiftCardPart } from '../giftCard/payment.js';
import type { ReturnId } from '../ids.js';
import { type AtTill, decidedAt } from '../receiptTime.js';
import { rejected } from '../rejected.js';
import { dayOf, type Qualifying } from '../tier/figures.js';
import type { VersionedScheme } from '../tier/scheme.js';
import type { ConfirmedPurchase } from './confirmed.js';
import { couponsBack } from './effects.js';
import type {
  AccountEvent,
  PurchaseCancelled,
  PurchaseReturned,
  Reason,
  ReversedCampaign,
} from './events.js';
import { because } from './explain.js';
import {
  couponRewardsBack,
  pointsRewards,
  takeBackPlayed,
  tierAfterReturn,
  tierNow,
} from './gameEffects.js';
import { pointsIn } from './lots.js';
import {
  assertRoomForReturn,
  isSameReturn,
  type LinePart,
  resolveReturn,
  type ReturnRequest,
  totalsOf,
} from './parts.js';
import { referralAfterReturn } from './ownReferral.js';
import { balanceOf, type Points } from './points.js';
import { earnedIn, policyIn, redeemedIn, takeBackByLot } from './recordedEffects.js';
import { reversePoints } from './reversal.js';
import { reverseCampaigns, reversedFields } from './reversedCampaigns.js';
import { settle } from './settle.js';
import { gameChanges, tierAfter } from './standing.js';
import type { Account, PurchaseEntry } from './state.js';

export type ReturnedPurchase = EventOf<typeof PurchaseReturned>['data'];
export type CancelledPurchase = EventOf<typeof PurchaseCancelled>['data'];

/** All that was recorded of one purchase. */
export interface PurchaseHistory {
  readonly confirmed: ConfirmedPurchase;
  /** Milliseconds: as of when it was decided. */
  readonly boughtAt: number;
  /** What was recorded with it: all of one append. */
  readonly effects: readonly AccountEvent[];
  /** Every return so far, in order. */
  readonly returns: readonly ReturnedPurchase[];
}

/** Codes and prizes that are for all customers, whatever became of the account that used them. */
const isShared = (event: AccountEvent, { coupons }: Account): boolean =>
  event.type === 'InstantWinTakenBack' ||
  (event.type === 'CouponRestored' && !coupons.has(event.data.code as CouponId));

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
  scheme: VersionedScheme | null = null,
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
  const resolved = resolveReturn(confirmed.lines, partsOf(returns), request);
  assertRoomForReturn(returns.length, resolved);
  const { parts, complete } = resolved;
  const given: GivenBack = { parts, complete, cause: returnId, at, scheme };
  const { due, events, undone } = undo(order, account, found(history), given);
  const data: ReturnedPurchase = {
    purchaseId,
    returnId,
    merchantId,
    pointOfSaleId,
    tillId,
    lines: parts,
    complete,
    ...undone,
  };
  return [...due, { type: 'PurchaseReturned', data }, ...events];
};

/** @throws Rejected account-not-found, purchase-not-found, foreign-merchant, nothing-to-return, time-in-future */
export const cancelPurchase = (
  order: CancelOrder,
  account: Account,
  history: PurchaseHistory | null,
  scheme: VersionedScheme | null = null,
): AccountEvent[] => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, reason } = order;
  const entry = purchaseOf(order, account, history);
  if (entry.cancelled !== null) return []; // already carried out
  const { confirmed, returns } = found(history);
  const at = decidedAt(order);
  const { parts } = resolveReturn(confirmed.lines, partsOf(returns), 'all');
  const given: GivenBack = { parts, complete: true, cause: purchaseId, at, scheme };
  const { due, events, undone } = undo(order, account, found(history), given);
  const data: CancelledPurchase = {
    purchaseId,
    merchantId,
    pointOfSaleId,
    tillId,
    reason,
    ...undone,
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

const refundsOf = (returns: readonly ReturnedPurchase[]): number =>
  returns.reduce((sum, { refund }) => sum + refund, 0);

const backReasons = (back: readonly GiftCardPart[]): Reason[] =>
  back.map(({ card, amount }) => because('refunded-to-gift-card', { card, amount }));

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

interface GivenBack {
  readonly parts: readonly LinePart[];
  /** Nothing of the purchase is left. */
  readonly complete: boolean;
  readonly cause: string;
  readonly at: number;
  readonly scheme: VersionedScheme | null;
}

interface Effects {
  readonly due: readonly AccountEvent[];
  readonly events: readonly AccountEvent[];
  readonly why: readonly Reason[];
  readonly points: Points;
  readonly reversed: readonly ReversedCampaign[];
  /** For tiers that the programme does not have yet. */
  readonly figures?: { readonly day: number } & Qualifying;
  readonly standing?: Pick<ReturnedPurchase, 'tier' | 'games'>;
}

/** The events beside the one that says it, and what that one says of returns and cancellations alike. */
const undo = (order: AtTill, account: Account, history: PurchaseHistory, given: GivenBack) => {
  const { confirmed, returns } = history;
  const { due, events, why, ...effects } = reverse(order, account, history, given);
  const { points, reversed, figures, standing } = effects;
  const { amount, discount, refund, paidByPoints } = totalsOf(given.parts);
  const back = backToCards(confirmed, refundsOf(returns), refund);
  const undone = {
    currency: confirmed.currency,
    ...reversedFields(reversed, discount, confirmed.day),
    ...(figures && { figures }),
    ...(back.length > 0 && { giftCards: back }),
    amount,
    refund,
    paidByPoints,
    why: [...why, ...backReasons(back)],
    balance: balanceOf(points),
    ...standing,
  };
  return { due, events, undone };
};

/** A closed account has nothing left to move: only the goods and the money go back, and what customers share: budgets, codes, prizes. */
const reverse = (
  order: AtTill,
  account: Account,
  { confirmed, boughtAt, effects, returns }: PurchaseHistory,
  { parts, complete, cause, at, scheme }: GivenBack,
): Effects => {
  const { reversed, gone } = reverseCampaigns(confirmed, returns, parts, complete);
  const { discount, refund, pointsRedeemed, pointsEarned } = totalsOf(parts);
  const why: Reason[] = [];
  if (order.offline) why.push(because('decided-late', { at, receivedAt: order.now }));
  if (discount > 0) why.push(because('discount-not-refunded', { amount: discount }));
  const earlier = partsOf(returns);
  const games = { confirmed, effects, boughtAt, cause, earlier, parts, complete };
  const played = takeBackPlayed(account, games);
  if (account.status !== 'open') {
    why.push(because('account-is-closed'));
    const coupons = couponsBack(confirmed, cause, reversed, gone, account);
    const events = [...coupons.events, ...played.events].filter((event) =>
      isShared(event, account),
    );
    return { due: [], events, why, points: account.points, reversed };
  }
  const due = settle(account.points, at);
  const tier = tierNow(account, scheme, order.now);
  const lots = takeBackByLot(earnedIn(effects), pointsEarned, reversed, parts);
  const clawback = policyIn(effects);
  const rewards = pointsRewards(played.rewards).map(({ lotId, points }) => ({
    earned: { lotId, clawback },
    points,
  }));
  const reversal = {
    purchaseId: order.purchaseId,
    cause,
    redeemed: redeemedIn(effects),
    restoredBefore: totalsOf(earlier).pointsRedeemed,
    restore: pointsRedeemed,
    takeBack: [...lots, ...rewards],
    at,
  };
  const { events, why: reasons, points } = reversePoints(reversal, due.points);
  const coupons = couponsBack(confirmed, cause, reversed, gone, account);
  const figures = { spent: refund, earned: pointsIn(lots) };
  const moment = { purchaseId: order.purchaseId, at: boughtAt, now: order.now };
  const { purchaseId } = order;
  const paidBack = { purchaseId, paid: refund, at, complete, cause };
  const judged = tierAfterReturn(tier.standing, scheme, figures, moment, cause);
  const changes = gameChanges(played.events, played.progress);
  return {
    due: [...due.events, ...tier.events],
    events: [
      ...events,
      ...coupons.events,
      ...played.events,
      ...couponRewardsBack(played.rewards, account),
      ...judged.events,
      ...referralAfterReturn(account.referrals, paidBack),
    ],
    why: [...why, ...reasons, ...coupons.why],
    points,
    reversed,
    ...(scheme === null && { figures: { day: dayOf(boughtAt), ...figures } }),
    standing: {
      ...(scheme && { tier: tierAfter(judged.standing, scheme, order.now) }),
      ...(changes.length > 0 && { games: changes }),
    },
  };
};
