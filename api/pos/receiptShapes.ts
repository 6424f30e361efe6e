/**
 * What the answers about receipts are made of, a customer's and anonymous ones alike. The answers themselves: purchaseShapes.ts,
 * anonymousShapes.ts, purchaseReadingShapes.ts.
 */
import { type Static, Type } from '@sinclair/typebox';
import { ReversedCampaign, PricedLine as RecordedLine } from '../../domain/account/events.js';
import { GameChange, TierAfter } from '../../domain/account/standing.js';
import { Money, Points } from '../../domain/amount.js';
import { MemberId, MerchantId, PointOfSaleId, ProductId, TillId } from '../../domain/ids.js';
import { Applied, CouponOutcome, Refusal, UnitShare } from '../../domain/pricing/priced.js';
import { GiftCardOutcome, GiftCardPart } from '../../domain/giftCard/payment.js';
import { outside, WireQuantity } from '../wire.js';

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

export const line = {
  position: Type.Integer({ minimum: 1 }),
  productId: ProductId,
  quantity: WireQuantity,
  amount: Money,
} as const;
export const parts = { paidByPoints: Money, pointsRedeemed: Points, pointsEarned: Points } as const;

const { net, discounts, points } = RecordedLine.properties;
const units = Type.Optional(Type.Array(Type.Unsafe<UnitShare>(outside(UnitShare))));
/** Only on lines that a campaign touched. */
const ofCampaigns = { net, discounts, points, units } as const;

export const PricedLine = Type.Object(
  { ...line, price: Money, ...parts, ...ofCampaigns },
  { title: 'PricedLine' },
);
/** What campaigns and coupons did to a receipt. */
export const offered = {
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
export const byGiftCards = {
  giftCards: Type.Optional(
    Type.Array(GiftCardOutcome, { description: 'What each pays, or why it does not' }),
  ),
  paidByGiftCards: Type.Optional(Money),
} as const;

export const BalanceAfter = Type.Object(
  { active: Points, pending: Points, deficit: Points },
  { title: 'BalanceAfter' },
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
export const standing = {
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

export const buyer = {
  memberId: Type.Optional(
    Type.Unsafe<MemberId>({ ...MemberId, description: 'Of a household: who bought' }),
  ),
} as const;

export const reversed = {
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

export const shop = {
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
} as const;
