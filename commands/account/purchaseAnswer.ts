/**
 * What tills are answered, made from recorded events alone: a command that is sent again gets the very same answer.
 */
import type { ConfirmedPurchase } from '../../domain/account/confirm.js';
import type { Reason } from '../../domain/account/events.js';
import { explain, type ReasonCode } from '../../domain/account/explain.js';
import type { Quote } from '../../domain/account/quote.js';
import type { CancelledPurchase, ReturnedPurchase } from '../../domain/account/return.js';
import { purchaseTexts, quoteTexts, returnTexts } from '../../domain/account/texts.js';
import type { UserId } from '../../domain/ids.js';

/** The recorded reasons with their sentences. */
export const explained = (why: readonly Reason[], currency: string) => {
  const said: (Reason & { readonly text: string })[] = [];
  for (const reason of why) {
    const { code, figures } = reason;
    said.push({ code, figures, text: explain(reason, currency) });
  }
  return said;
};

export const answerQuote = (userId: UserId, quoteId: string, quote: Quote) => {
  const { currency, outcome, most, atNone, asAsked, atMost, balance, why } = quote;
  return {
    quoteId,
    userId,
    currency,
    total: outcome.total,
    lines: outcome.lines,
    most,
    atNone,
    asAsked,
    atMost,
    balance,
    texts: quoteTexts(quote),
    why: explained(why, currency),
  };
};
export type QuoteAnswer = ReturnType<typeof answerQuote>;

export const answerPurchase = (userId: UserId, purchase: ConfirmedPurchase) => {
  const { currency, total, paidByPoints } = purchase;
  return {
    purchaseId: purchase.purchaseId,
    userId,
    currency,
    total,
    paidByPoints,
    toPay: total - paidByPoints,
    pointsRedeemed: purchase.pointsRedeemed,
    pointsEarned: purchase.pointsEarned,
    deficitRepaid: purchase.deficitRepaid,
    lines: purchase.lines,
    balance: purchase.balance,
    offline: purchase.offline,
    ruleVersion: purchase.ruleVersion,
    texts: purchaseTexts(purchase),
    why: explained(purchase.why, currency),
  };
};
export type PurchaseAnswer = ReturnType<typeof answerPurchase>;

export const answerReturn = (userId: UserId, returned: ReturnedPurchase) => ({
  purchaseId: returned.purchaseId,
  returnId: returned.returnId,
  userId,
  lines: returned.lines,
  complete: returned.complete,
  ...reversed(returned),
});
export type ReturnAnswer = ReturnType<typeof answerReturn>;

export const answerCancellation = (userId: UserId, cancelled: CancelledPurchase) => ({
  purchaseId: cancelled.purchaseId,
  userId,
  reason: cancelled.reason,
  ...reversed(cancelled),
});
export type CancellationAnswer = ReturnType<typeof answerCancellation>;

type Undone = Pick<
  ReturnedPurchase,
  'currency' | 'amount' | 'refund' | 'paidByPoints' | 'why' | 'balance'
>;

/** Points in hundredths: given back to their lots, taken back, owed now, left to the customer. */
const reversed = (undone: Undone) => {
  const { currency, amount, refund, paidByPoints, why, balance } = undone;
  return {
    currency,
    amount,
    refund,
    paidByPoints,
    pointsRestored: pointsOf(why, 'points-restored'),
    pointsTakenBack: pointsOf(why, 'points-taken-back'),
    pointsOwed: pointsOf(why, 'deficit-made'),
    pointsForgiven: pointsOf(why, 'points-forgiven'),
    balance,
    texts: returnTexts(undone),
    why: explained(why, currency),
  };
};

const pointsOf = (why: readonly Reason[], code: ReasonCode): number =>
  Number(why.find((reason) => reason.code === code)?.figures['points'] ?? 0);
