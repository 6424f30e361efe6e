/**
 * What gift cards pay of a receipt, and what goes back onto them when goods come back.
 *
 * Cards pay after everything else: of what discounts and points have left. They are money, so they change neither prices nor points.
 * A return gives back pro rata: of its refund the same share as cards had of all that was paid, rounded down over all returns so far,
 * so that the parts add up to what was taken and no part is above its refund. Among several cards the one used last is filled first:
 * the earlier ones were emptied and may have been thrown away.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Money, shareDown } from '../amount.js';
import { MerchantId } from '../ids.js';
import { Rejected, type RejectionCode } from '../rejected.js';
import { GiftCardId } from './ids.js';

const closed = { additionalProperties: false } as const;
/** On one receipt. */
export const giftCardsMost = 10;

/** A card that a till showed with a receipt. */
export const GiftCardOutcome = Type.Object(
  {
    /** Null where the number is none of ours. */
    card: Type.Union([GiftCardId, Type.Null()]),
    /** The merchant who sold it and owes what it pays. */
    issuer: Type.Union([MerchantId, Type.Null()]),
    /** What the till wanted of it; null: as much as there is. */
    asked: Type.Union([Money, Type.Null()]),
    amount: Money,
    /** On the card afterwards, as far as it was known. */
    left: Money,
    /** Why it paid less than asked. */
    refusal: Type.Union([Type.String({ pattern: '^[a-z][a-z-]{2,60}$' }), Type.Null()]),
  },
  { ...closed, title: 'GiftCardPayment' },
);
export type GiftCardOutcome = Static<typeof GiftCardOutcome>;

export const GiftCardPart = Type.Object(
  { card: GiftCardId, amount: Money },
  { ...closed, title: 'GiftCardPart' },
);
export type GiftCardPart = Static<typeof GiftCardPart>;

/** A card as it was looked up for a receipt. */
export interface ShownGiftCard {
  readonly card: GiftCardId | null;
  readonly issuer: MerchantId | null;
  readonly asked: number | null;
  /** For this receipt, minor units. */
  readonly available: number;
  readonly refusal: RejectionCode | null;
}

/** What each card pays of `toPay`, in the order in which they were shown. */
export const payWithCards = (
  shown: readonly ShownGiftCard[],
  toPay: number,
): readonly GiftCardOutcome[] => {
  let left = toPay;
  return shown.map(({ card, issuer, asked, available, refusal }) => {
    const holds = refusal === null ? available : 0;
    const amount = Math.min(asked ?? left, holds, left);
    left -= amount;
    const short = asked !== null && amount < asked;
    const why = short
      ? asked > holds
        ? 'gift-card-too-little'
        : 'gift-cards-exceed-payment'
      : null;
    return { card, issuer, asked, amount, left: available - amount, refusal: refusal ?? why };
  });
};

/**
 * The same for a receipt that is to be recorded. A till that is connected is told what is wrong; one that was not has let the customer
 * go, so its receipt is recorded with the difference.
 * @throws Rejected with the first card's refusal
 */
export const takeFromCards = (
  shown: readonly ShownGiftCard[],
  toPay: number,
  offline: boolean,
): GiftCardOutcome[] => {
  const outcomes = payWithCards(shown, toPay);
  const place = offline ? -1 : outcomes.findIndex(({ refusal }) => refusal !== null);
  const wrong = outcomes[place];
  if (wrong) {
    const { card, asked, refusal } = wrong;
    const available = shown[place]?.available ?? 0;
    throw new Rejected(refusal as RejectionCode, { place, card, asked, available });
  }
  return [...outcomes];
};

export const paidByCards = (outcomes: readonly { readonly amount: number }[] = []): number => {
  let sum = 0;
  for (const { amount } of outcomes) sum += amount;
  return sum;
};

/** Whether a receipt that is sent again shows the same cards. */
export const sameCards = (
  recorded: readonly GiftCardOutcome[] = [],
  shown: readonly ShownGiftCard[] = [],
): boolean =>
  recorded.length === shown.length &&
  recorded.every(({ card, asked }, i) => card === shown[i]?.card && asked === shown[i]?.asked);

interface Paid {
  readonly giftCards?: readonly GiftCardOutcome[];
  readonly total: number;
  readonly net?: number;
  readonly paidByPoints?: number;
}

/**
 * What goes back onto the cards of a receipt for a refund of `refund` after earlier ones of `refundedBefore` in all: both what money
 * had paid, minor units. In the order in which the cards paid.
 */
export const backToCards = (
  { giftCards = [], total, net = total, paidByPoints = 0 }: Paid,
  refundedBefore: number,
  refund: number,
): GiftCardPart[] => {
  const taken = paidByCards(giftCards);
  const money = net - paidByPoints;
  if (taken === 0) return [];
  let skipped = shareDown(taken, refundedBefore, money);
  let back = shareDown(taken, refundedBefore + refund, money) - skipped;
  const parts: GiftCardPart[] = [];
  for (const { card, amount } of [...giftCards].reverse()) {
    const passed = Math.min(amount, skipped);
    skipped -= passed;
    const share = Math.min(amount - passed, back);
    back -= share;
    if (card !== null && share > 0) parts.push({ card, amount: share });
  }
  return parts.reverse();
};
