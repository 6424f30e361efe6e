/**
 * What tills are answered about gift cards: only where some took part, so other answers stay as they are. `toPay` and `refund` are what
 * changes hands at the till: what cards pay, and what goes back onto them, is taken off.
 */
import { giftCardLines, type Texts } from '../../domain/account/texts.js';
import { moneyText } from '../../domain/amountText.js';
import {
  type GiftCardOutcome,
  type GiftCardPart,
  paidByCards,
  payWithCards,
  type ShownGiftCard,
} from '../../domain/giftCard/payment.js';

export interface CardsQuoted {
  readonly giftCards: GiftCardOutcome[];
  readonly paidByGiftCards: number;
  /** In money, after the cards, at the asked redemption. */
  readonly toPay: number;
  readonly texts: Texts;
}

/** What the cards could pay of `toPay`, minor units, and the words for it behind those of the quote. */
export const cardsQuoted = (
  cards: readonly ShownGiftCard[],
  { currency, texts }: { readonly currency: string; readonly texts: Texts },
  toPay: number,
): CardsQuoted => {
  const giftCards = [...payWithCards(cards, toPay)];
  const paidByGiftCards = paidByCards(giftCards);
  const left = toPay - paidByGiftCards;
  const words = `Gift cards pay ${moneyText(paidByGiftCards, currency)}; left to pay: ${moneyText(left, currency)}.`;
  const slip = [...texts.slip, ...giftCardLines(giftCards, currency)];
  return {
    giftCards,
    paidByGiftCards,
    toPay: left,
    texts: { cashier: `${texts.cashier} ${words}`, slip },
  };
};

export const withCards = <Answer extends { readonly toPay: number }>(
  answer: Answer,
  recorded: readonly GiftCardOutcome[],
) => {
  const paidByGiftCards = paidByCards(recorded);
  const toPay = answer.toPay - paidByGiftCards;
  return { ...answer, toPay, giftCards: [...recorded], paidByGiftCards };
};

export const withCardsBack = <Answer extends { readonly refund: number }>(
  answer: Answer,
  recorded: readonly GiftCardPart[],
) => {
  const refundedToGiftCards = paidByCards(recorded);
  const refund = answer.refund - refundedToGiftCards;
  return { ...answer, refund, giftCards: [...recorded], refundedToGiftCards };
};
