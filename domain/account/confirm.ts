/**
 * Confirming a purchase: one decision about everything the receipt does to the account, recorded with its reasons.
 *
 * A receipt that is already there decides nothing if it is the same receipt, and is refused if it is another one under the same
 * id: a till that retries can neither earn nor spend twice.
 */
import { shownCode } from '../coupon/codes.js';
import type { CampaignId } from '../pricing/discount.js';
import type { CouponOutcome } from '../pricing/priced.js';
import type { PointsTerms } from '../pricing/campaign.js';
import type { CardNumber, LotId, MerchantId, PointOfSaleId, PurchaseId, TillId } from '../ids.js';
import type { VersionedRule } from '../programme/rule.js';
import { decidedAt, isSameTime, type ReceiptTime } from '../receiptTime.js';
import { rejected } from '../rejected.js';
import { amountMax, type Basket, type BasketLine, countBasket } from './basket.js';
import type { ConfirmedPurchase, RecordedPurchase } from './confirmed.js';
import type { AccountEvent, Reason } from './events.js';
import { because } from './explain.js';
import { campaignReasons, campaignsOf, couponEvents } from './effects.js';
import {
  couponRewards,
  play,
  type PointsReward,
  pointsRewards,
  tierAfterPurchase,
  tierNow,
} from './gameEffects.js';
import { pointsIn, takeFrom } from './lots.js';
import { type Buyer, dayOn, hasPrices, type Offer, priceOnOffer, shownCodes } from './offer.js';
import type { Points } from './points.js';
import { netOf, type Outcome, priceReceipt } from './pricing.js';
import type { Earned } from './reversal.js';
import { redeem } from './redemption.js';
import { settle } from './settle.js';
import type { Account } from './state.js';

export interface PurchaseOrder extends ReceiptTime {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly tillId: TillId;
  readonly cardNumber?: CardNumber;
  readonly lines: readonly BasketLine[];
  /** Hundredths that the customer wants to pay with. */
  readonly redeemPoints: number;
  readonly quoteId?: string;
  /** Called with the outcome before anything is decided; throws where the customer agreed to another one. */
  readonly checkQuote?: (outcome: Outcome) => void;
  /** What the till printed while it was offline: points earned in hundredths, total and discount in minor units. */
  readonly slip?: {
    readonly pointsEarned?: number;
    readonly total?: number;
    readonly discount?: number;
  };
}

export type { ConfirmedPurchase, RecordedPurchase } from './confirmed.js';

const dayMs = 86_400_000;

/**
 * `recorded` is the purchase of this id where the account has one, null where it has none; `offer` null where nothing is on offer.
 * @throws Rejected account-not-found, account-closed, purchase-exists, card-not-found, card-blocked, time-in-future,
 * offline-cannot-spend, not-enough-points, redemption-over-limit, and what basket.ts refuses.
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
  assertMayBuy(order, account);
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
  record(order, outcome, account, points, rule, offer, at, events);
  if (offer && tier) {
    const spent = netOf(outcome) - outcome.paidByPoints;
    const figures = { spent, earned: outcome.pointsEarned };
    const moment = { purchaseId: order.purchaseId, at, now: order.now };
    events.push(...tierAfterPurchase(tier.standing, offer.scheme, figures, moment));
  }
  return events;
};

/** `points` are those after everything due. */
export const buyerOf = (
  { coupons, uses, counts, progress }: Account,
  points: Points,
  standing = progress.tier,
): Buyer => ({
  activePoints: points.activeTotal,
  tier: standing.level,
  purchases: counts.purchases,
  coupons,
  uses,
});

/** @throws Rejected account-closed, card-not-found, card-blocked, offline-cannot-spend */
export const assertMayBuy = (
  order: Pick<PurchaseOrder, 'cardNumber' | 'offline' | 'redeemPoints'>,
  account: Account,
): void => {
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
};

/** Appends what the receipt does to `events`. `points` are those after everything due. */
const record = (
  order: PurchaseOrder,
  outcome: Outcome,
  account: Account,
  points: Points,
  { version, rule }: VersionedRule,
  offer: Offer | null,
  at: number,
  events: AccountEvent[],
): void => {
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
  const why = whyOf(order, outcome, version, rule, { at, lots, repaid, deficit });
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
  if (quoteId !== undefined) data.quoteId = quoteId;
  if (outcome.campaigns) Object.assign(data, campaignsOf(outcome.campaigns));
  if (offer && played && played.events.length > 0) data.day = dayOn(offer, at);
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
};

/** A purchase makes one lot, named after it, and one for each campaign whose points have terms of their own. */
export const lotOf = (purchaseId: PurchaseId, campaignId?: CampaignId): LotId =>
  (campaignId === undefined ? purchaseId : `${purchaseId}.${campaignId}`) as string as LotId;

const noRewards: readonly PointsReward[] = [];

/** The programme's first; a deficit is repaid by the first that come. */
const newLots = (
  { purchaseId, merchantId }: PurchaseOrder,
  { pointsEarned, campaigns }: Outcome,
  rewards: readonly PointsReward[],
  rule: VersionedRule['rule'],
  at: number,
  deficit: number,
): Earned[] => {
  if (pointsEarned === 0 && rewards.length === 0) return [];
  let owed = deficit;
  const lot = (points: number, terms?: PointsTerms, campaignId?: CampaignId): Earned => {
    const repaid = Math.min(owed, points);
    owed -= repaid;
    const activatesAt = at + (terms?.activationDelayDays ?? rule.activationDelayDays) * dayMs;
    const lifetime = terms?.lifetimeDays === undefined ? rule.lifetimeDays : terms.lifetimeDays;
    const earned: Earned = {
      purchaseId,
      lotId: lotOf(purchaseId, campaignId),
      merchantId,
      points,
      repaid,
      earnedAt: at,
      activatesAt,
      expiresAt: lifetime === null ? null : activatesAt + lifetime * dayMs,
      clawback: rule.clawback,
    };
    if (campaignId !== undefined) earned.campaignId = campaignId;
    return earned;
  };
  if (!campaigns && rewards.length === 0) return [lot(pointsEarned)];
  const apart = campaigns?.points.filter(({ terms }) => terms !== undefined) ?? [];
  const together = pointsEarned - pointsIn(apart);
  const lots = together > 0 ? [lot(together)] : [];
  for (const { points, terms, campaignId } of apart) {
    if (campaignId !== null) lots.push(lot(points, terms, campaignId));
  }
  for (const { lotId, due, points, lifetimeDays } of rewards) {
    const terms = lifetimeDays === undefined ? {} : { lifetimeDays };
    lots.push({ ...lot(points, terms), lotId, game: due.game });
  }
  return lots;
};

interface Terms {
  readonly at: number;
  readonly lots: readonly Earned[];
  readonly repaid: number;
  readonly deficit: number;
}

const whyOf = (
  order: PurchaseOrder,
  outcome: Outcome,
  version: number,
  rule: VersionedRule['rule'],
  terms: Terms,
): Reason[] => {
  const { redeemPoints: asked, offline, now, slip } = order;
  const { pointsRedeemed, pointsEarned, paidByPoints: value, eligible, total } = outcome;
  const { at, lots, repaid, deficit } = terms;
  const why = [because('rule-applied', { version, ...rule.earn })];
  if (offline) why.push(because('decided-late', { at, receivedAt: now }));
  if (pointsRedeemed > 0) {
    why.push(because('points-redeemed', { asked, points: pointsRedeemed, value }));
    if (!rule.earnOnRedeemed) why.push(because('paid-by-points-earns-nothing', { value }));
  } else if (asked > 0) {
    why.push(because('too-few-to-redeem', { asked, step: 1 }));
  }
  if (outcome.campaigns) why.push(...campaignReasons(outcome.campaigns));
  for (const { campaignId, game, points, activatesAt, expiresAt } of lots) {
    if (game !== undefined) {
      why.push(because('game-points', { game, points, activatesAt, expiresAt }));
    } else if (campaignId === undefined) {
      why.push(because('points-earned', { eligible, points, activatesAt, expiresAt }));
    } else {
      why.push(because('lot-of-campaign', { campaignId, points, activatesAt, expiresAt }));
    }
    if (expiresAt !== null && expiresAt <= now) {
      why.push(because('earned-points-outlived', { expiresAt }));
    } else if (expiresAt !== null) {
      why.push(because('points-expire', { expiresAt }));
    }
  }
  if (pointsEarned === 0) why.push(because('nothing-earned', { eligible }));
  if (repaid > 0) why.push(because('deficit-repaid', { points: repaid, left: deficit }));
  if (slip?.pointsEarned !== undefined && slip.pointsEarned !== pointsEarned) {
    const figures = { slip: slip.pointsEarned, decided: pointsEarned };
    why.push(because('slip-points-differ', figures));
  }
  if (slip?.total !== undefined && slip.total !== total) {
    why.push(because('slip-total-differs', { slip: slip.total, decided: total }));
  }
  const discount = outcome.campaigns?.discount ?? 0;
  if (slip?.discount !== undefined && slip.discount !== discount) {
    why.push(because('slip-discount-differs', { slip: slip.discount, decided: discount }));
  }
  return why;
};

/** @throws Rejected purchase-exists unless the order is the recorded purchase, sent again. */
const assertSame = (
  order: PurchaseOrder,
  basket: Basket,
  offer: Offer | null,
  recorded: RecordedPurchase | null,
): void => {
  if (recorded === null) throw new Error('the recorded purchase has to be looked up');
  const { data } = recorded;
  const same =
    data.merchantId === order.merchantId &&
    data.pointOfSaleId === order.pointOfSaleId &&
    data.tillId === order.tillId &&
    sameLines(data.lines, basket.lines) &&
    // A till that lost the answer may queue the receipt and send it again as an offline one, which cannot ask for points.
    (order.offline || askedOf(data) === order.redeemPoints) &&
    (order.offline || sameCoupons(data.coupons, offer ? shownCodes(offer) : [])) &&
    (!data.offline || isSameTime(order, recorded.occurredAt));
  if (!same) throw rejected('purchase-exists', { purchaseId: order.purchaseId });
};

type Line = Basket['lines'][number];

export const sameLines = (recorded: readonly Line[], sent: readonly Line[]): boolean =>
  recorded.length === sent.length &&
  recorded.every((line, index) => {
    const other = sent[index];
    return (
      line.position === other?.position &&
      line.productId === other.productId &&
      line.quantity === other.quantity &&
      line.price === other.price &&
      line.amount === other.amount
    );
  });

export const sameCoupons = (
  recorded: readonly Pick<CouponOutcome, 'code'>[] = [],
  shown: readonly string[] = [],
): boolean => {
  const codes = new Set(shown.map(shownCode));
  return recorded.length === codes.size && recorded.every(({ code }) => codes.has(code));
};

/** What the till had asked to redeem, in hundredths. */
const askedOf = ({ why }: ConfirmedPurchase): number => {
  const reason = why.find(({ figures }) => 'asked' in figures);
  return Number(reason?.figures['asked'] ?? 0);
};
