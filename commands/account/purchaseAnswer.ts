/**
 * What tills are answered, made from recorded events alone: a command that is sent again gets the very same answer.
 */
import type { ConfirmedPurchase } from '../../domain/account/confirmed.js';
import type { Reason } from '../../domain/account/events.js';
import { explain, type ReasonCode } from '../../domain/account/explain.js';
import type { Quote } from '../../domain/account/quote.js';
import type { CancelledPurchase, ReturnedPurchase } from '../../domain/account/return.js';
import type { GameChange, TierAfter } from '../../domain/account/standing.js';
import { purchaseTexts, quoteTexts, returnTexts, type Texts } from '../../domain/account/texts.js';
import type { MemberId, UserId } from '../../domain/ids.js';
import type { Applied, CouponOutcome, Refusal } from '../../domain/pricing/priced.js';
import type { CampaignTexts } from '../../domain/pricing/texts.js';
import { withCards, withCardsBack } from '../giftCard/answer.js';
import type { TextsOf } from './campaignWords.js';

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
    ...offered(outcome.total, outcome.campaigns),
    lines: outcome.lines,
    most,
    atNone,
    asAsked,
    atMost,
    balance,
    ...standingShown(quote),
    texts: withWords(quoteTexts(quote), outcome.campaigns?.texts),
    why: explained(why, currency),
  };
};
export type QuoteAnswer = ReturnType<typeof answerQuote>;

/** What campaigns and coupons did; empty where nothing was on offer. */
interface FromCampaigns {
  readonly discount?: number;
  readonly net?: number;
  readonly applied?: readonly Applied[];
  readonly refused?: readonly Refusal[];
  readonly coupons?: readonly CouponOutcome[];
}

/** Nothing where the programme has no tiers and no game was moved: the answer does not grow. */
const standingShown = ({
  tier,
  games,
}: {
  readonly tier?: TierAfter;
  readonly games?: readonly GameChange[];
}) => ({
  ...(tier && { tier: tierShown(tier) }),
  ...(games && { games: listOf(games) }),
});

/** With what is missing for the next level, as the scheme counts. */
export const tierShown = ({ next, ...tier }: TierAfter) => ({
  ...tier,
  ...(next && { next: { ...next, missing: Math.max(0, next.from - tier.figure) } }),
});

/** Answers are only read, so what was recorded is not copied for them. */
const listOf = <Item>(items: readonly Item[] | undefined): Item[] => (items ?? []) as Item[];

export const offered = (total: number, given: FromCampaigns = {}) => ({
  discount: given.discount ?? 0,
  net: given.net ?? total,
  applied: listOf(given.applied),
  refused: listOf(given.refused),
  coupons: listOf(given.coupons),
});

/** The words of campaigns stand behind the programme's. */
export const withWords = (texts: Texts, words: CampaignTexts | undefined): Texts =>
  words && words.cashier.length + words.slip.length > 0
    ? { cashier: [texts.cashier, ...words.cashier].join(' '), slip: [...texts.slip, ...words.slip] }
    : texts;

/** Nothing of it where it was not one of a household, the programme has no tiers and no game was moved. */
interface Besides {
  memberId?: MemberId;
  tier?: ReturnType<typeof tierShown>;
  games?: GameChange[];
}

/** Written out, and what may be missing put in at the end: parts that are spread into it go through the slow path of V8. */
export const answerPurchase = (userId: UserId, purchase: ConfirmedPurchase, textsOf: TextsOf) => {
  const { currency, total, net = total, paidByPoints, memberId, tier, games } = purchase;
  const shown = {
    purchaseId: purchase.purchaseId,
    userId,
    currency,
    total,
    discount: purchase.discount ?? 0,
    net,
    applied: listOf(purchase.applied),
    refused: listOf(purchase.refused),
    coupons: listOf(purchase.coupons),
    paidByPoints,
    toPay: net - paidByPoints,
    pointsRedeemed: purchase.pointsRedeemed,
    pointsEarned: purchase.pointsEarned,
    deficitRepaid: purchase.deficitRepaid,
    lines: purchase.lines,
    balance: purchase.balance,
    offline: purchase.offline,
    ruleVersion: purchase.ruleVersion,
    texts: withWords(purchaseTexts(purchase), textsOf(purchase)),
    why: explained(purchase.why, currency),
  };
  const answer: typeof shown & Besides = shown;
  if (memberId) answer.memberId = memberId;
  if (tier) answer.tier = tierShown(tier);
  if (games) answer.games = listOf(games);
  return purchase.giftCards ? withCards(answer, purchase.giftCards) : answer;
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
  | 'currency'
  | 'amount'
  | 'discount'
  | 'reversed'
  | 'giftCards'
  | 'refund'
  | 'paidByPoints'
  | 'why'
  | 'balance'
  | 'tier'
  | 'games'
>;

/** Points in hundredths: given back to their lots, taken back, owed now, left to the customer. */
const reversed = (undone: Undone) => {
  const { currency, amount, discount = 0, refund, paidByPoints, why, balance } = undone;
  const answer = {
    currency,
    amount,
    discount,
    campaigns: listOf(undone.reversed),
    refund,
    paidByPoints,
    pointsRestored: pointsOf(why, 'points-restored'),
    pointsTakenBack: pointsOf(why, 'points-taken-back'),
    pointsOwed: pointsOf(why, 'deficit-made'),
    pointsForgiven: pointsOf(why, 'points-forgiven'),
    balance,
    ...standingShown(undone),
    texts: returnTexts(undone),
    why: explained(why, currency),
  };
  return undone.giftCards ? withCardsBack(answer, undone.giftCards) : answer;
};

const pointsOf = (why: readonly Reason[], code: ReasonCode): number =>
  Number(why.find((reason) => reason.code === code)?.figures['points'] ?? 0);
