/**
 * Confirming a purchase: one decision about everything the receipt does to the account, recorded with its reasons.
 *
 * A receipt that is already there decides nothing if it is the same receipt, and is refused if it is another one under the same
 * id: a till that retries can neither earn nor spend twice.
 */
import type { MemberId } from '../ids.js';
import { takeFromCards } from '../giftCard/payment.js';
import type { VersionedRule } from '../programme/rule.js';
import { decidedAt } from '../receiptTime.js';
import { rejected } from '../rejected.js';
import { amountMax, countBasket } from './basket.js';
import type { ConfirmedPurchase, RecordedPurchase } from './confirmed.js';
import { giftCardReasons, reasonsOf } from './confirmReasons.js';
import { campaignsOf, couponEvents } from './effects.js';
import type { AccountEvent } from './events.js';
import {
  asPlayed,
  couponRewards,
  play,
  type PointsReward,
  pointsRewards,
  tierAfterPurchase,
  tierNow,
} from './gameEffects.js';
import { takeFrom } from './lots.js';
import { newLots } from './newLots.js';
import { type Buyer, dayOn, hasPrices, type Offer, priceOnOffer } from './offer.js';
import type { Points } from './points.js';
import { netOf, type Outcome, priceReceipt } from './pricing.js';
import { referralAfterPurchase } from './ownReferral.js';
import type { PurchaseOrder } from './purchaseOrder.js';
import { redeem } from './redemption.js';
import { assertSame } from './sameReceipt.js';
import { settle } from './settle.js';
import { mayPayWithPoints, shopperOf } from './shopper.js';
import { gameChanges, tierAfter } from './standing.js';
import type { Account } from './state.js';

const noRewards: readonly PointsReward[] = [];

/**
 * `recorded` is the purchase of this id where the account has one, null where it has none; `offer` null where nothing is on offer.
 * @throws Rejected account-not-found, account-closed, purchase-exists, card-not-found, card-blocked, time-in-future,
 * offline-cannot-spend, not-enough-points, redemption-over-limit, member-not-found, card-of-another-member, not-a-redeemer, and what basket.ts refuses.
 */
export const confirmPurchase = (
  order: PurchaseOrder,
  account: Account,
  rule: VersionedRule,
  recorded: RecordedPurchase | null,
  offer: Offer | null = null,
): AccountEvent[] => {
  if (account.status === 'unknown') throw rejected('account-not-found');
  const basket = countBasket(order.lines);
  if (account.purchases.has(order.purchaseId)) {
    assertSame(order, basket, offer, recorded);
    return []; // already carried out
  }
  const shopper = assertMayBuy(order, account);
  const at = decidedAt(order);
  const { events, points } = settle(account.points, at);
  const { redeemPoints } = order;
  const tier = offer && tierNow(account, offer.scheme, order.now);
  if (tier) events.push(...tier.events);
  const outcome =
    offer && hasPrices(offer)
      ? priceOnOffer(
          basket,
          { at, redeemPoints, tooManyPoints: 'refuse' },
          buyerOf(account, points, tier?.standing),
          rule.rule,
          offer,
        ).outcome
      : priceReceipt(basket, redeem(redeemPoints, basket.total, points, rule.rule), rule.rule);
  order.checkQuote?.(outcome);
  const data = record(order, shopper, outcome, account, points, rule, offer, at, events);
  if (offer && tier) {
    const spent = netOf(outcome) - outcome.paidByPoints;
    const figures = { spent, earned: outcome.pointsEarned };
    const moment = { purchaseId: order.purchaseId, at, now: order.now };
    const judged = tierAfterPurchase(tier.standing, offer.scheme, figures, moment);
    events.push(...judged.events);
    if (offer.scheme) data.tier = tierAfter(judged.standing, offer.scheme, order.now);
  }
  if (account.referrals.own !== null) {
    const paid = netOf(outcome) - outcome.paidByPoints;
    const { purchaseId } = order;
    events.push(...referralAfterPurchase(account.referrals, { purchaseId, paid, at }));
  }
  return events;
};

/** `points` are those after everything due. */
export const buyerOf = (
  { coupons, uses, counts, progress, profile }: Account,
  points: Points,
  standing = progress.tier,
): Buyer => ({
  activePoints: points.activeTotal,
  tier: standing.level,
  purchases: counts.purchases,
  coupons,
  uses,
  attributes: profile.attributes,
  language: profile.language,
});

/**
 * Who of a household buys, null where that is not known or the account is one person's.
 * @throws Rejected account-closed, card-not-found, card-blocked, offline-cannot-spend, member-not-found, card-of-another-member,
 * not-a-redeemer
 */
export const assertMayBuy = (
  order: Pick<PurchaseOrder, 'cardNumber' | 'memberId' | 'offline' | 'redeemPoints'>,
  account: Account,
): MemberId | null => {
  const { cardNumber } = order;
  if (account.status === 'unknown') throw rejected('account-not-found');
  if (account.status !== 'open') throw rejected('account-closed');
  if (cardNumber !== undefined) {
    const card = account.cards.get(cardNumber);
    if (card === undefined) throw rejected('card-not-found', { cardNumber });
    if (card !== 'active') throw rejected('card-blocked', { cardNumber, status: card });
  }
  if (order.offline && order.redeemPoints > 0) {
    throw rejected('offline-cannot-spend', { asked: order.redeemPoints });
  }
  const shopper = shopperOf(order, account);
  if (order.redeemPoints > 0 && !mayPayWithPoints(account.household, shopper)) {
    throw rejected('not-a-redeemer', { memberId: shopper });
  }
  return shopper;
};

/** Appends what the receipt does to `events`; answers with the purchase among them. `points` are those after everything due. */
const record = (
  order: PurchaseOrder,
  shopper: MemberId | null,
  outcome: Outcome,
  account: Account,
  points: Points,
  { version, rule }: VersionedRule,
  offer: Offer | null,
  at: number,
  events: AccountEvent[],
): ConfirmedPurchase => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, offline, cardNumber, quoteId } = order;
  const { pointsRedeemed, pointsEarned, paidByPoints } = outcome;
  const played = offer && play(purchaseId, outcome, account, offer, at);
  const rewards = played ? pointsRewards(played.rewards) : noRewards;
  const lots = newLots(order, outcome, rewards, rule, at, points.deficit);
  let active = points.activeTotal - pointsRedeemed;
  let pending = points.pendingTotal;
  let repaid = 0;
  for (const lot of lots) {
    repaid += lot.repaid;
    if (lot.activatesAt <= at) active += lot.points - lot.repaid;
    else pending += lot.points - lot.repaid;
  }
  if (active + pending > amountMax) throw rejected('basket-too-large', { most: amountMax });
  const deficit = points.deficit - repaid;
  const giftCards =
    order.giftCards && takeFromCards(order.giftCards, netOf(outcome) - paidByPoints, offline);
  const why = reasonsOf(order, outcome, version, rule, { at, lots, repaid, deficit });
  if (giftCards) why.push(...giftCardReasons(giftCards));
  const data: ConfirmedPurchase = {
    purchaseId,
    merchantId,
    pointOfSaleId,
    tillId,
    currency: rule.currency,
    lines: outcome.lines,
    total: outcome.total,
    offline,
    ruleVersion: version,
    paidByPoints,
    pointsRedeemed,
    pointsEarned,
    deficitRepaid: repaid,
    why,
    balance: { active, pending, deficit },
  };
  if (cardNumber !== undefined) data.cardNumber = cardNumber;
  if (shopper !== null) data.memberId = shopper;
  if (quoteId !== undefined) data.quoteId = quoteId;
  if (giftCards) data.giftCards = giftCards;
  if (outcome.campaigns) Object.assign(data, campaignsOf(asPlayed(outcome.campaigns, played)));
  if (offer && played && played.events.length > 0) {
    data.day = dayOn(offer, at);
    data.games = gameChanges(played.events, played.progress, (name) => offer.games?.get(name));
  }
  events.push({ type: 'PurchaseConfirmed', data });
  if (pointsRedeemed > 0) {
    const taken = takeFrom(points.active, pointsRedeemed);
    const redeemed = {
      purchaseId,
      merchantId,
      points: pointsRedeemed,
      value: paidByPoints,
      lots: taken,
    };
    events.push({ type: 'PointsRedeemed', data: redeemed });
  }
  for (const lot of lots) events.push({ type: 'PointsEarned', data: lot });
  if (outcome.campaigns && offer) {
    events.push(...couponEvents(purchaseId, outcome.campaigns, account, offer.validityOf));
  }
  if (offer && played) {
    events.push(...couponRewards(played.rewards, account, offer.validityOf), ...played.events);
  }
  return data;
};
