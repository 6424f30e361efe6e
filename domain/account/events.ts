/**
 * What can happen to one customer's loyalty account. The account is the consistency boundary: a confirmed purchase is one append
 * of everything it did, so that points cannot be spent twice by construction.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Currency, Money, Points, Quantity, SignedPoints } from '../amount.js';
import { event, type EventOf } from '../event.js';
import {
  CardNumber,
  LotId,
  MerchantId,
  PointOfSaleId,
  ProductId,
  PurchaseId,
  ReturnId,
  TillId,
  UserId,
} from '../ids.js';
import { grantEvents } from '../coupon/grants.js';
import { GameName } from '../game/definition.js';
import { gameProgressEvents } from '../game/events.js';
import { CampaignId, Discount } from '../pricing/discount.js';
import { Applied, CouponOutcome, PointsShare, Refusal, UnitShare } from '../pricing/priced.js';
import { ClawbackPolicy } from '../programme/rule.js';
import { tierEvents } from '../tier/events.js';

const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
const InstantOrNull = Type.Union([Instant, Type.Null()]);
const Text = Type.String({ maxLength: 500 });
const closed = { additionalProperties: false } as const;
const campaignsMax = 1_000;

/** Points taken from or given back to one lot. */
export const LotShare = Type.Object({ lotId: LotId, points: Points }, closed);
export type LotShare = Static<typeof LotShare>;

/**
 * A share with the terms of its lot: a lot that was spent to the last point is forgotten by the account, and comes back whole
 * from here when the purchase is returned. The issuer is null where the lot was made by hand.
 */
export const LotPart = Type.Object(
  {
    lotId: LotId,
    points: Points,
    merchantId: Type.Union([MerchantId, Type.Null()]),
    earnedAt: Instant,
    expiresAt: InstantOrNull,
  },
  closed,
);
export type LotPart = Static<typeof LotPart>;

/** One line of a receipt as it was decided: what it cost and its exact part of everything the receipt did. */
export const PricedLine = Type.Object(
  {
    position: Type.Integer({ minimum: 1, maximum: 10_000 }),
    productId: ProductId,
    quantity: Quantity,
    /** Per whole unit. */
    price: Money,
    /** Of the line, before points. */
    amount: Money,
    /** The part of `amount` that points paid, and the points that paid it. */
    paidByPoints: Money,
    pointsRedeemed: Points,
    pointsEarned: Points,
    /** `amount` after discounts, which money and points pay. */
    net: Type.Optional(Money),
    discounts: Type.Optional(Type.Array(Discount, { maxItems: 200 })),
    /** The earned points by source; all are the programme's where it is left out. */
    points: Type.Optional(Type.Array(PointsShare, { maxItems: 200 })),
    /** Where units of the line fared differently: the first are returned last. */
    units: Type.Optional(Type.Array(UnitShare, { minItems: 1, maxItems: 10_000 })),
  },
  closed,
);
export type PricedLine = Static<typeof PricedLine>;

/** One step of the recorded "why": a stable code, and the figures that fill its sentence (see explain.ts). */
export const Reason = Type.Object(
  {
    code: Type.String({ pattern: '^[a-z][a-z-]{2,60}$' }),
    figures: Type.Record(
      Type.String(),
      Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]),
    ),
  },
  closed,
);
export type Reason = Static<typeof Reason>;

/** Where a receipt was made out, and what it came to. Shared by a customer's purchases and anonymous ones. */
export const receiptProperties = {
  purchaseId: PurchaseId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
  currency: Currency,
  lines: Type.Array(PricedLine, { minItems: 1, maxItems: 2_000 }),
  /** Before anything was taken off. */
  total: Money,
  /** From here to `day` only where campaigns or coupons took part. What was taken off together, and what is left. */
  discount: Type.Optional(Money),
  net: Type.Optional(Money),
  applied: Type.Optional(Type.Array(Applied, { maxItems: campaignsMax })),
  /** Campaigns that had a chance, with the reason why they did not apply. */
  refused: Type.Optional(Type.Array(Refusal, { maxItems: campaignsMax })),
  /** Every coupon that was shown. */
  coupons: Type.Optional(Type.Array(CouponOutcome, { maxItems: 50 })),
  /** In the shop's time zone: the day that limits and budgets count the receipt on. */
  day: Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' })),
  /** The till was not connected: decided as of its time, sent later. */
  offline: Type.Boolean(),
} as const;

/** What a return or a cancellation takes back of one campaign; `uses` is 1 where nothing is left of what it gave. */
export const ReversedCampaign = Type.Object(
  {
    campaignId: CampaignId,
    version: Type.Integer({ minimum: 1 }),
    discount: Money,
    points: Points,
    uses: Type.Integer({ minimum: 0, maximum: 1 }),
  },
  closed,
);
export type ReversedCampaign = Static<typeof ReversedCampaign>;

/** What undoing a receipt says of its campaigns. Shared by a customer's purchases and anonymous ones. */
export const reversedProperties = {
  /** Of the amount, what had been taken off: it is not refunded. */
  discount: Type.Optional(Money),
  reversed: Type.Optional(Type.Array(ReversedCampaign, { maxItems: campaignsMax })),
  /** On which the purchase had been counted. */
  day: receiptProperties.day,
} as const;

/** What a part of a line takes back. */
export const reversedPartProperties = {
  net: Type.Optional(Money),
  discounts: Type.Optional(Type.Array(Discount, { maxItems: 200 })),
  points: Type.Optional(Type.Array(PointsShare, { maxItems: 200 })),
} as const;

export const CustomerEnrolled = event('CustomerEnrolled', {
  userId: UserId,
  /** AES-256-GCM under the customer's own key, base64url; unreadable for ever once the key is destroyed. */
  person: Type.String({ maxLength: 8_000 }),
  /** HMAC-SHA256 under the tenant's index key, hex: equality without the value. */
  phoneHash: Type.Union([Type.String(), Type.Null()]),
  emailHash: Type.Union([Type.String(), Type.Null()]),
  merchantId: Type.Union([MerchantId, Type.Null()]),
});

export const CardIssued = event('CardIssued', { cardNumber: CardNumber });
export const CardBlocked = event('CardBlocked', { cardNumber: CardNumber, reason: Text });
/** `cardNumber` stops working, `replacement` works from now on. */
export const CardReplaced = event('CardReplaced', {
  cardNumber: CardNumber,
  replacement: CardNumber,
  reason: Text,
});

export const PurchaseConfirmed = event('PurchaseConfirmed', {
  ...receiptProperties,
  cardNumber: Type.Optional(CardNumber),
  ruleVersion: Type.Integer({ minimum: 1 }),
  quoteId: Type.Optional(Type.String({ maxLength: 80 })),
  paidByPoints: Money,
  pointsRedeemed: Points,
  pointsEarned: Points,
  /** Of the earned points, what went to repay a deficit instead of into a lot. */
  deficitRepaid: Points,
  why: Type.Array(Reason, { maxItems: 500 }),
  /** After everything this receipt did. */
  balance: Type.Object({ active: Points, pending: Points, deficit: Points }, closed),
});

export const PointsRedeemed = event('PointsRedeemed', {
  purchaseId: PurchaseId,
  merchantId: MerchantId,
  points: Points,
  value: Money,
  lots: Type.Array(LotPart, { maxItems: 10_000 }),
});

/** A new lot. `repaid` of `points` went to an open deficit; the lot holds the rest (which may be nothing). */
export const PointsEarned = event('PointsEarned', {
  purchaseId: PurchaseId,
  lotId: LotId,
  /** Whose points have terms of their own and so a lot of their own; the other campaigns' are in the programme's lot. */
  campaignId: Type.Optional(CampaignId),
  /** Whose reward they are. */
  game: Type.Optional(GameName),
  merchantId: MerchantId,
  points: Points,
  repaid: Points,
  earnedAt: Instant,
  activatesAt: Instant,
  expiresAt: InstantOrNull,
  /** What a return will take back: the policy of the rule the points were earned under, not of a later one. */
  clawback: ClawbackPolicy,
});

export const PurchaseReturned = event('PurchaseReturned', {
  purchaseId: PurchaseId,
  returnId: ReturnId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
  currency: Currency,
  lines: Type.Array(
    Type.Object(
      {
        position: Type.Integer({ minimum: 1 }),
        productId: ProductId,
        quantity: Quantity,
        amount: Money,
        paidByPoints: Money,
        pointsRedeemed: Points,
        pointsEarned: Points,
        ...reversedPartProperties,
      },
      closed,
    ),
    { minItems: 1, maxItems: 2_000 },
  ),
  ...reversedProperties,
  /** Of the goods given back, before discounts; `refund` of it in money, `paidByPoints` of it as points. */
  amount: Money,
  refund: Money,
  paidByPoints: Money,
  /** Nothing of the purchase is left after this return. */
  complete: Type.Boolean(),
  why: Type.Array(Reason, { maxItems: 50 }),
  balance: Type.Object({ active: Points, pending: Points, deficit: Points }, closed),
});

/** Like a return of all that is left, but the receipt itself is void. */
export const PurchaseCancelled = event('PurchaseCancelled', {
  purchaseId: PurchaseId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
  currency: Currency,
  reason: Text,
  ...reversedProperties,
  amount: Money,
  refund: Money,
  paidByPoints: Money,
  why: Type.Array(Reason, { maxItems: 50 }),
  balance: Type.Object({ active: Points, pending: Points, deficit: Points }, closed),
});

/**
 * Redeemed points given back to their own lots: `points` = the sum of `lots` + `repaid`, which went to an open deficit first.
 * `cause` is the return's id, or the purchase's where it was cancelled.
 */
export const PointsRestored = event('PointsRestored', {
  purchaseId: PurchaseId,
  cause: Type.String({ maxLength: 80 }),
  points: Points,
  repaid: Points,
  lots: Type.Array(LotPart, { maxItems: 10_000 }),
});

/** Earned points taken back: `points` = the sum of `lots` + `deficit` + `forgiven`. */
export const PointsClawedBack = event('PointsClawedBack', {
  purchaseId: PurchaseId,
  cause: Type.String({ maxLength: 80 }),
  policy: ClawbackPolicy,
  points: Points,
  lots: Type.Array(LotShare, { maxItems: 10_000 }),
  deficit: Points,
  /** What the policy lets the customer keep. */
  forgiven: Points,
});

export const PointsActivated = event('PointsActivated', {
  lots: Type.Array(LotShare, { minItems: 1, maxItems: 10_000 }),
  points: Points,
  asOf: Instant,
});

export const PointsExpired = event('PointsExpired', {
  lots: Type.Array(LotShare, { minItems: 1, maxItems: 10_000 }),
  points: Points,
  asOf: Instant,
});

/** By hand. More than zero makes a lot that is active at once; less consumes lots in the usual order. */
export const PointsAdjusted = event('PointsAdjusted', {
  adjustmentId: Type.String({ maxLength: 64 }),
  points: SignedPoints,
  reason: Text,
  lot: Type.Union([
    Type.Object(
      {
        lotId: LotId,
        points: Points,
        repaid: Points,
        activatesAt: Instant,
        expiresAt: InstantOrNull,
      },
      closed,
    ),
    Type.Null(),
  ]),
  lots: Type.Array(LotShare, { maxItems: 10_000 }),
});

export const AccountClosed = event('AccountClosed', { reason: Text, forfeited: Points });
/** The person's key was destroyed: what was encrypted under it is gone, the chain of facts stays. */
export const PersonErased = event('PersonErased', { reason: Text });

export const accountEvents = [
  CustomerEnrolled,
  CardIssued,
  CardBlocked,
  CardReplaced,
  PurchaseConfirmed,
  PointsRedeemed,
  PointsEarned,
  PurchaseReturned,
  PurchaseCancelled,
  PointsRestored,
  PointsClawedBack,
  PointsActivated,
  PointsExpired,
  PointsAdjusted,
  AccountClosed,
  PersonErased,
  ...grantEvents,
  ...gameProgressEvents,
  ...tierEvents,
] as const;
export type AccountEvent = EventOf<(typeof accountEvents)[number]>;
