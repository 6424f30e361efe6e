/**
 * What the cashier reads on the display and the customer on the slip. Short, English, made from recorded figures alone, so that
 * a receipt that is sent again prints the same words.
 */
import { moneyText, pointsText } from '../amountText.js';
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
  const toPay = moneyText(net - paidByPoints, currency);
  const whole = moneyText(net, currency);
  return {
    cashier:
      paidByPoints > 0 ? `To pay: ${toPay} of ${whole}; points pay the rest.` : `To pay: ${toPay}.`,
    slip: [
      ...paidLine(paidByPoints, pointsRedeemed, currency),
      `Earned: ${pointsText(pointsEarned)} points`,
      ...balanceLines(balance),
    ],
  };
};

type GivenBack = Pick<ReturnedPurchase, 'currency' | 'refund' | 'paidByPoints' | 'balance'>;

/** Of a return or a cancellation. */
export const returnTexts = ({ currency, refund, paidByPoints, balance }: GivenBack): Texts => {
  const inPoints =
    paidByPoints > 0 ? ` ${moneyText(paidByPoints, currency)} had been paid by points.` : '';
  return {
    cashier: `To refund: ${moneyText(refund, currency)}.${inPoints}`,
    slip: [`Refunded: ${moneyText(refund, currency)}`, ...balanceLines(balance)],
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
