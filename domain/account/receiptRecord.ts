/**
 * What is recorded of a receipt and of its parts: lines as they were decided, the reasons, and what was taken back of campaigns. The
 * purchases of customers and the anonymous ones of tills share it; it is part of the storage format of both.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Currency, Money, Points, Quantity } from '../amount.js';
import { GiftCardOutcome, GiftCardPart, giftCardsMost } from '../giftCard/payment.js';
import { MerchantId, PointOfSaleId, ProductId, PurchaseId, TillId } from '../ids.js';
import { CampaignId, Discount } from '../pricing/discount.js';
import { Applied, CouponOutcome, PointsShare, Refusal, UnitShare } from '../pricing/priced.js';

const closed = { additionalProperties: false } as const;
const campaignsMax = 1_000;

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
  /** Every gift card that was shown, in the order in which they pay. */
  giftCards: Type.Optional(Type.Array(GiftCardOutcome, { minItems: 1, maxItems: giftCardsMost })),
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
  /** Of the refund, what goes back onto the gift cards that paid. */
  giftCards: Type.Optional(Type.Array(GiftCardPart, { minItems: 1, maxItems: giftCardsMost })),
  /** On which the purchase had been counted. */
  day: receiptProperties.day,
} as const;

/** Of a return before the programme has tiers: what one that it gets later must not count, of the day (UTC, since the epoch). */
export const figuresBack = Type.Optional(
  Type.Object({ day: Type.Integer(), spent: Money, earned: Points }, closed),
);

/** What a part of a line takes back. */
export const reversedPartProperties = {
  net: Type.Optional(Money),
  discounts: Type.Optional(Type.Array(Discount, { maxItems: 200 })),
  points: Type.Optional(Type.Array(PointsShare, { maxItems: 200 })),
} as const;
