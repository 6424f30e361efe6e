/**
 * What the cashier reads on the display and the customer on the slip. Short, English, made from recorded figures alone, so that
 * a receipt that is sent again prints the same words.
 */
import { moneyText, pointsText } from '../amountText.js';
import { type GiftCardOutcome, type GiftCardPart, paidByCards } from '../giftCard/payment.js';
import type { ConfirmedPurchase } from './confirmed.js';
import type { Balance } from './points.js';
import type { Quote } from './quote.js';
import type { ReturnedPurchase } from './return.js';

export interface Texts {
  /** One line. */
  readonly cashier: string;
  readonly slip: string[];
}

export const quoteTexts = ({ currency, outcome, most, asAsked, balance }: Quote): Texts => {
  const { paidByPoints, pointsRedeemed } = outcome;
  const offer =
    most.value > 0
      ? `Points may pay up to ${moneyText(most.value, currency)} (${pointsText(most.points)} points).`
      : 'No points can be used on this receipt.';
  const cashier = `To pay: ${moneyText(asAsked.toPay, currency)}. ${offer}`;
  const paid = paidLine(paidByPoints, pointsRedeemed, currency);
  return {
    cashier,
    slip: [
      ...paid,
      `To earn: ${pointsText(asAsked.pointsEarned)} points`,
      ...balanceLines(balance),
    ],
  };
};

export const purchaseTexts = (purchase: ConfirmedPurchase): Texts => {
  const { currency, total, net = total, paidByPoints, pointsRedeemed } = purchase;
  const { pointsEarned, balance } = purchase;
  const byCards = paidByCards(purchase.giftCards);
  const toPay = moneyText(net - paidByPoints - byCards, currency);
  const whole = moneyText(net, currency);
  return {
    cashier:
      paidByPoints + byCards > 0
        ? `To pay: ${toPay} of ${whole}; ${payers(paidByPoints, byCards)} pay the rest.`
        : `To pay: ${toPay}.`,
    slip: [
      ...paidLine(paidByPoints, pointsRedeemed, currency),
      ...(byCards > 0 ? giftCardLines(purchase.giftCards, currency) : nothing),
      `Earned: ${pointsText(pointsEarned)} points`,
      ...balanceLines(balance),
    ],
  };
};

type GivenBack = Pick<
  ReturnedPurchase,
  'currency' | 'refund' | 'paidByPoints' | 'giftCards' | 'balance'
>;

/** Of a return or a cancellation. */
export const returnTexts = (undone: GivenBack): Texts => {
  const { currency, refund, paidByPoints, giftCards, balance } = undone;
  const { money, words, slip } = backTexts(refund, giftCards, currency);
  const inPoints =
    paidByPoints > 0 ? ` ${moneyText(paidByPoints, currency)} had been paid by points.` : '';
  return {
    cashier: `To refund: ${money}.${inPoints}${words}`,
    slip: [`Refunded: ${money}`, ...slip, ...balanceLines(balance)],
  };
};

const nothing: readonly string[] = [];

const payers = (byPoints: number, byCards: number): string => {
  if (byCards === 0) return 'points';
  return byPoints > 0 ? 'points and gift cards' : 'gift cards';
};

/** Only of cards that paid. */
export const giftCardLines = (
  giftCards: readonly GiftCardOutcome[] = [],
  currency: string,
): string[] =>
  giftCards.flatMap(({ card, amount, left }) =>
    amount > 0
      ? [
          `Gift card ${card}: ${moneyText(amount, currency)}, ${moneyText(left, currency)} left on it`,
        ]
      : [],
  );

/** What of a refund changes hands, and what goes back onto cards. */
export const backTexts = (
  refund: number,
  giftCards: readonly GiftCardPart[] = [],
  currency: string,
): { readonly money: string; readonly words: string; readonly slip: string[] } => {
  const back = paidByCards(giftCards);
  return {
    money: moneyText(refund - back, currency),
    words: back > 0 ? ` ${moneyText(back, currency)} goes back onto gift cards.` : '',
    slip: giftCards.map(
      ({ card, amount }) => `Back onto gift card ${card}: ${moneyText(amount, currency)}`,
    ),
  };
};

const paidLine = (value: number, points: number, currency: string): string[] =>
  value > 0 ? [`Paid with ${pointsText(points)} points: ${moneyText(value, currency)}`] : [];

const balanceLines = ({ active, pending, deficit }: Balance): string[] => {
  const lines = [`Balance: ${pointsText(active)} points`];
  if (pending > 0) lines.push(`Not yet active: ${pointsText(pending)} points`);
  if (deficit > 0) lines.push(`Owed: ${pointsText(deficit)} points`);
  return lines;
};
