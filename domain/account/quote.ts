/**
 * The answer to "what would this receipt come to": everything a till needs in one go, so that it never asks twice — the lines at
 * the asked redemption, the most that points may pay, and what is earned at none, at the asked and at the most.
 *
 * A quote promises nothing and records nothing. Where more is asked for than may be used, it shows the most and says why.
 */
import { shareDown } from '../amount.js';
import type { CardNumber, MemberId, PurchaseId } from '../ids.js';
import type { Scenario } from '../pricing/priced.js';
import type { ProgrammeRule, VersionedRule } from '../programme/rule.js';
import { type Basket, type BasketLine, countBasket } from './basket.js';
import { assertMayBuy, buyerOf } from './confirm.js';
import { campaignReasons } from './effects.js';
import type { Reason } from './events.js';
import { because } from './explain.js';
import { play, tierAfterPurchase, tierNow } from './gameEffects.js';
import { hasPrices, type Offer, priceOnOffer } from './offer.js';
import { type Balance, balanceOf, type Points } from './points.js';
import { earnedOn, eligibleFor, netOf, type Outcome, priceReceipt } from './pricing.js';
import {
  mostRedeemable,
  type MostRedeemable,
  noRedemption,
  redeem,
  type Redemption,
} from './redemption.js';
import { settle } from './settle.js';
import { mayPayWithPoints } from './shopper.js';
import { type GameChange, gameChanges, type TierAfter, tierAfter } from './standing.js';
import type { Account } from './state.js';

export interface QuoteOrder {
  readonly cardNumber?: CardNumber;
  readonly memberId?: MemberId;
  readonly lines: readonly BasketLine[];
  /** Hundredths. */
  readonly redeemPoints: number;
  /** Milliseconds. */
  readonly now: number;
}

export interface Quote {
  readonly currency: string;
  /** At the asked redemption. */
  readonly outcome: Outcome;
  readonly most: MostRedeemable;
  readonly atNone: Scenario;
  readonly asAsked: Scenario;
  readonly atMost: Scenario;
  /** As it is now, before the receipt. */
  readonly balance: Balance;
  readonly why: readonly Reason[];
  /** After the receipt, where the programme has tiers; and the games that it would move. Nothing is drawn in a quote. */
  readonly tier?: TierAfter;
  readonly games?: readonly GameChange[];
}

/** @throws Rejected account-not-found, account-closed, card-not-found, card-blocked, and what basket.ts refuses. */
export const quotePurchase = (
  order: QuoteOrder,
  account: Account,
  { version, rule }: VersionedRule,
  offer: Offer | null = null,
): Quote => {
  // Asked for or not, nothing is redeemed yet: who may not is shown that it is nothing.
  const shopper = assertMayBuy({ ...order, redeemPoints: 0, offline: false }, account);
  const basket = countBasket(order.lines);
  const { points: held } = settle(account.points, order.now);
  const mayPay = mayPayWithPoints(account.household, shopper);
  const points = mayPay ? held : { ...held, active: [], activeTotal: 0 };
  const asked = order.redeemPoints;
  const { outcome, most, atNone, asAsked, atMost } =
    offer && hasPrices(offer)
      ? quoteOnOffer(order, basket, account, points, rule, offer)
      : quoteByRule(asked, basket, points, rule);
  const why = [because('rule-applied', { version, ...rule.earn })];
  if (outcome.campaigns) why.push(...campaignReasons(outcome.campaigns));
  if (!mayPay) why.push(because('redemption-by-others-only', { member: shopper }));
  else if (exceeds(asked, points, rule, most)) {
    why.push(because(`redemption-limited-by-${most.limitedBy}`, { asked, most: most.points }));
  } else if (asked > 0 && outcome.pointsRedeemed === 0) {
    why.push(because('too-few-to-redeem', { asked, step: 1 }));
  }
  return {
    currency: rule.currency,
    outcome,
    most,
    atNone,
    asAsked,
    atMost,
    balance: balanceOf(held),
    why,
    ...(offer && standingQuoted(order, outcome, account, offer)),
  };
};

const quoted = 'quote' as PurchaseId;

/** As confirming this very receipt would record it, but for what is drawn. */
const standingQuoted = (
  { now }: QuoteOrder,
  outcome: Outcome,
  account: Account,
  offer: Offer,
): Pick<Quote, 'tier' | 'games'> => {
  const played = play(quoted, outcome, account, offer, now);
  const games = played
    ? gameChanges(played.events, played.progress, (name) => offer.games?.get(name))
    : [];
  const { scheme } = offer;
  if (!scheme) return games.length > 0 ? { games } : {};
  const { standing } = tierNow(account, scheme, now);
  const figures = { spent: netOf(outcome) - outcome.paidByPoints, earned: outcome.pointsEarned };
  const moment = { purchaseId: quoted, at: now, now };
  const judged = tierAfterPurchase(standing, scheme, figures, moment);
  return { tier: tierAfter(judged.standing, scheme, now), ...(games.length > 0 && { games }) };
};

type Figures = Pick<Quote, 'outcome' | 'most' | 'atNone' | 'asAsked' | 'atMost'>;

const exceeds = (
  asked: number,
  points: Points,
  rule: ProgrammeRule,
  most: MostRedeemable,
): boolean => asked > points.activeTotal || shareDown(asked, rule.pointValue, 100) > most.value;

const quoteByRule = (
  asked: number,
  basket: Basket,
  points: Points,
  rule: ProgrammeRule,
): Figures => {
  const { total } = basket;
  const most = mostRedeemable(total, points, rule);
  const redemption = exceeds(asked, points, rule, most) ? most : redeem(asked, total, points, rule);
  const scenario = (at: Redemption): Scenario => ({
    pointsRedeemed: at.points,
    paidByPoints: at.value,
    toPay: total - at.value,
    pointsEarned: earnedOn(eligibleFor(total, at, rule), rule),
  });
  return {
    outcome: priceReceipt(basket, redemption, rule),
    most,
    atNone: scenario(noRedemption),
    asAsked: scenario(redemption),
    atMost: scenario(most),
  };
};

const quoteOnOffer = (
  { now: at, redeemPoints }: QuoteOrder,
  basket: Basket,
  account: Account,
  points: Points,
  rule: ProgrammeRule,
  offer: Offer,
): Figures => {
  const asked = { at, redeemPoints, tooManyPoints: 'limit' } as const;
  const { standing } = tierNow(account, offer.scheme, at);
  const buyer = buyerOf(account, points, standing);
  const { outcome, priced } = priceOnOffer(basket, asked, buyer, rule, offer);
  const { most, atNone, asAsked, atMost } = priced;
  return { outcome, most, atNone, asAsked, atMost };
};
