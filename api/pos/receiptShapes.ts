/**
 * Receipts as they look outside: what the answers about purchases are made of.
 */
import { type Static, Type } from '@sinclair/typebox';
import {
  LotPart,
  reversedPartProperties,
  ReversedCampaign,
  PricedLine as RecordedLine,
} from '../../domain/account/events.js';
import { GameChange, TierAfter } from '../../domain/account/standing.js';
import { Currency, Money, Points } from '../../domain/amount.js';
import {
  CardNumber,
  MemberId,
  MerchantId,
  PointOfSaleId,
  ProductId,
  PurchaseId,
  ReturnId,
  TillId,
  UserId,
} from '../../domain/ids.js';
import { Applied, CouponOutcome, Refusal, UnitShare } from '../../domain/pricing/priced.js';
import { GiftCardOutcome, GiftCardPart } from '../../domain/giftCard/payment.js';
import { Instant, orNull, outside, WireQuantity } from '../wire.js';

export const Why = Type.Array(
  Type.Object(
    {
      code: Type.String({ description: 'Stable' }),
      figures: Type.Record(
        Type.String(),
        Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]),
      ),
      text: Type.String({ description: 'The same as a sentence' }),
    },
    { title: 'Reason' },
  ),
  { description: 'Why it came out as it did, in order' },
);

export const Texts = Type.Object(
  {
    cashier: Type.String({ description: 'One line for the display' }),
    slip: Type.Array(Type.String(), { description: 'Lines to print' }),
  },
  { title: 'Texts' },
);

const line = {
  position: Type.Integer({ minimum: 1 }),
  productId: ProductId,
  quantity: WireQuantity,
  amount: Money,
} as const;
const parts = { paidByPoints: Money, pointsRedeemed: Points, pointsEarned: Points } as const;

const { net, discounts, points } = RecordedLine.properties;
const units = Type.Optional(Type.Array(Type.Unsafe<UnitShare>(outside(UnitShare))));
/** Only on lines that a campaign touched. */
const ofCampaigns = { net, discounts, points, units } as const;

export const PricedLine = Type.Object(
  { ...line, price: Money, ...parts, ...ofCampaigns },
  { title: 'PricedLine' },
);
export const LinePart = Type.Object(
  { ...line, ...parts, ...reversedPartProperties },
  { title: 'ReturnedLine' },
);
export const AnonymousPart = Type.Object(
  { ...line, net, discounts },
  { title: 'AnonymousReturnedLine' },
);

/** What campaigns and coupons did to a receipt. */
const offered = {
  discount: Type.Unsafe<number>({ ...Money, description: 'Taken off by campaigns, minor units' }),
  net: Type.Unsafe<number>({ ...Money, description: 'What money and points have to pay' }),
  applied: Type.Array(Type.Unsafe<Applied>(outside(Applied)), {
    description: 'Campaigns that gave something, and what',
  }),
  refused: Type.Array(Refusal, {
    description: 'Campaigns that had a chance and did not apply, with the reason',
  }),
  coupons: Type.Array(CouponOutcome, {
    description: 'Each coupon that was shown: the campaigns that spend it, or why none does',
  }),
} as const;

/** Only where gift cards were shown. */
const byGiftCards = {
  giftCards: Type.Optional(
    Type.Array(GiftCardOutcome, { description: 'What each pays, or why it does not' }),
  ),
  paidByGiftCards: Type.Optional(Money),
} as const;

export const BalanceAfter = Type.Object(
  { active: Points, pending: Points, deficit: Points },
  { title: 'BalanceAfter' },
);

export const Scenario = Type.Object(
  { pointsRedeemed: Points, paidByPoints: Money, toPay: Money, pointsEarned: Points },
  { title: 'Scenario' },
);

const { level, basis, figure, next } = TierAfter.properties;
export const TierShown = Type.Object(
  {
    level,
    basis,
    figure,
    next: Type.Optional(
      Type.Object(
        {
          ...next.properties,
          missing: Type.Integer({ minimum: 0, description: 'From the figure to the next level' }),
        },
        { description: 'The level above; none above the highest' },
      ),
    ),
  },
  { title: 'Tier' },
);

/** Left out where the programme has no tiers, and where the receipt moves no game. */
const standing = {
  tier: Type.Optional(
    Type.Unsafe<Static<typeof TierShown>>({
      ...TierShown,
      description: 'After this receipt, with what is missing for the next level',
    }),
  ),
  games: Type.Optional(
    Type.Array(GameChange, {
      description: 'What the receipt did in each game: what is collected, completed and won',
    }),
  ),
} as const;

export const Quote = Type.Object(
  {
    quoteId: Type.String({
      description: 'Name it when confirming: then no other outcome is accepted',
    }),
    userId: UserId,
    currency: Currency,
    total: Money,
    ...offered,
    lines: Type.Array(PricedLine),
    ...byGiftCards,
    toPay: Type.Optional(
      Type.Unsafe<number>({
        ...Money,
        description: 'Only with gift cards: in money after them, at the asked redemption',
      }),
    ),
    most: Type.Object(
      {
        points: Points,
        value: Money,
        lots: Type.Optional(Type.Array(LotPart)),
        limitedBy: Type.Union([Type.Literal('balance'), Type.Literal('rule')]),
      },
      { description: 'The most that points may pay' },
    ),
    atNone: Scenario,
    asAsked: Scenario,
    atMost: Scenario,
    balance: BalanceAfter,
    ...standing,
    texts: Texts,
    why: Why,
  },
  { title: 'Quote' },
);

const buyer = {
  memberId: Type.Optional(
    Type.Unsafe<MemberId>({ ...MemberId, description: 'Of a household: who bought' }),
  ),
} as const;

/** Of the answer to a confirmation. */
export const confirmed = {
  purchaseId: PurchaseId,
  userId: UserId,
  currency: Currency,
  total: Money,
  ...offered,
  paidByPoints: Money,
  ...byGiftCards,
  toPay: Money,
  pointsRedeemed: Points,
  pointsEarned: Points,
  deficitRepaid: Points,
  lines: Type.Array(PricedLine),
  balance: BalanceAfter,
  ...standing,
  offline: Type.Boolean(),
  ...buyer,
  ruleVersion: Type.Integer({ minimum: 1 }),
  texts: Texts,
  why: Why,
} as const;

const reversed = {
  discount: Type.Unsafe<number>({
    ...Money,
    description: 'Of the amount, what had been taken off: it is not refunded',
  }),
  campaigns: Type.Array(ReversedCampaign, { description: 'What is taken back of each campaign' }),
  giftCards: Type.Optional(
    Type.Array(GiftCardPart, { description: 'What goes back onto the cards that paid' }),
  ),
  refundedToGiftCards: Type.Optional(
    Type.Unsafe<number>({ ...Money, description: 'Together; `refund` is without it' }),
  ),
} as const;

const undone = {
  currency: Currency,
  amount: Money,
  ...reversed,
  refund: Money,
  paidByPoints: Money,
  pointsRestored: Points,
  pointsTakenBack: Points,
  pointsOwed: Points,
  pointsForgiven: Points,
  balance: BalanceAfter,
  ...standing,
  texts: Texts,
  why: Why,
} as const;

export const returned = {
  purchaseId: PurchaseId,
  returnId: ReturnId,
  userId: UserId,
  lines: Type.Array(LinePart),
  complete: Type.Boolean({ description: 'Nothing of the purchase is left' }),
  ...undone,
} as const;

export const cancelled = {
  purchaseId: PurchaseId,
  userId: UserId,
  reason: Type.String(),
  ...undone,
} as const;

export const AnonymousQuote = Type.Object(
  {
    currency: Currency,
    total: Money,
    ...offered,
    ...byGiftCards,
    toPay: Money,
    lines: Type.Array(PricedLine),
    texts: Texts,
  },
  { title: 'AnonymousQuote' },
);

export const anonymousConfirmed = {
  purchaseId: PurchaseId,
  currency: Currency,
  total: Money,
  ...offered,
  ...byGiftCards,
  toPay: Money,
  lines: Type.Array(PricedLine),
  offline: Type.Boolean(),
  texts: Texts,
  why: Type.Optional(Why),
} as const;

const shop = { merchantId: MerchantId, pointOfSaleId: PointOfSaleId, tillId: TillId } as const;
const anonymousUndone = {
  purchaseId: PurchaseId,
  ...shop,
  currency: Currency,
  amount: Money,
  ...reversed,
  refund: Money,
  texts: Texts,
} as const;
export const anonymousReturned = {
  ...anonymousUndone,
  returnId: ReturnId,
  lines: Type.Array(AnonymousPart),
  complete: Type.Boolean(),
} as const;
export const anonymousCancelled = { ...anonymousUndone, reason: Type.String() } as const;

const withGiftCards = Type.Unsafe<number>({
  ...Money,
  description: 'What money had paid, with what went back onto gift cards: `why` tells them apart',
});

/** As the read model has it. */
const summary = {
  purchaseId: PurchaseId,
  userId: orNull(UserId),
  cardNumber: orNull(CardNumber),
  ...buyer,
  ...shop,
  currency: Currency,
  total: Money,
  discount: offered.discount,
  net: offered.net,
  paidByPoints: Money,
  pointsRedeemed: Points,
  pointsEarned: Points,
  deficitRepaid: Points,
  status: Type.String({ description: 'confirmed, partlyReturned, returned or cancelled' }),
  returnedAmount: Money,
  refunded: withGiftCards,
  lineCount: Type.Integer(),
  offline: Type.Boolean(),
  occurredAt: Instant,
  position: Type.String(),
} as const;
export const PurchaseSummary = Type.Object(summary, { title: 'PurchaseSummary' });

export const PurchaseDetail = Type.Object(
  {
    ...summary,
    ruleVersion: orNull(Type.Integer()),
    why: Why,
    lines: Type.Array(
      Type.Object(
        {
          ...line,
          price: Money,
          net: offered.net,
          ...parts,
          returnedQuantity: Type.Number({ minimum: 0 }),
          returnedAmount: Money,
        },
        { title: 'PurchaseLine' },
      ),
    ),
    returns: Type.Array(
      Type.Object(
        {
          returnId: orNull(Type.String()),
          kind: Type.String({ description: 'return or cancellation' }),
          tillId: TillId,
          amount: Money,
          discount: reversed.discount,
          refund: withGiftCards,
          paidByPoints: Money,
          complete: Type.Boolean(),
          reason: orNull(Type.String()),
          why: Why,
          occurredAt: Instant,
        },
        { title: 'PurchaseReturn' },
      ),
    ),
  },
  { title: 'Purchase' },
);
