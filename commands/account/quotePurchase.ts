/**
 * What a receipt would come to: a question to the account's current state. Records nothing, keeps nothing.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import type { QuoteOrder } from '../../domain/account/quote.js';
import type { Offer } from '../../domain/account/offer.js';
import { quotePurchase as quote } from '../../domain/account/quote.js';
import type { Account } from '../../domain/account/state.js';
import { Currency, Points } from '../../domain/amount.js';
import { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import type { VersionedRule } from '../../domain/programme/rule.js';
import type { CommandContext } from '../command.js';
import { type CardsQuoted, cardsQuoted } from '../giftCard/answer.js';
import { giftCardInput, giftCardsShown } from '../giftCard/shown.js';
import type { Handler } from '../handle.js';
import { assertValid } from '../validation.js';
import { offerFor } from './offered.js';
import { answerQuote, type QuoteAnswer } from './purchaseAnswer.js';
import { quoteIdOf } from './quoteId.js';
import { BasketInput, offerInput, tillInput } from './receiptInput.js';
import { ruleOfReceipt } from './shop.js';

export const QuotePurchaseInput = Type.Object(
  {
    userId: UserId,
    ...tillInput,
    cardNumber: Type.Optional(CardNumber),
    memberId: Type.Optional(MemberId),
    lines: BasketInput,
    redeemPoints: Type.Optional(Points),
    currency: Type.Optional(Currency),
    ...offerInput,
    ...giftCardInput,
  },
  { additionalProperties: false, title: 'QuotePurchase' },
);
export type QuotePurchaseInput = Static<typeof QuotePurchaseInput>;

/** The quote with its id. */
export const quoteOn = (
  userId: UserId,
  order: QuoteOrder,
  state: Account,
  rule: VersionedRule,
  offer: Offer | null,
): QuoteAnswer => {
  // A quote draws nothing.
  const quoted = quote(order, state, rule, offer && withoutDraws(offer));
  return answerQuote(userId, quoteIdOf(userId, quoted.currency, quoted.outcome), quoted);
};

const withoutDraws = ({ draws: _draws, ...offer }: Offer): Offer => offer;

/** @throws InvalidInput, Rejected: see domain/account/quote.ts and shop.ts */
export const createQuotePurchase =
  (handler: Handler) =>
  async (
    input: QuotePurchaseInput,
    context: CommandContext,
  ): Promise<QuoteAnswer & Partial<CardsQuoted>> => {
    assertValid(QuotePurchaseInput, input);
    const { userId, lines, redeemPoints = 0, cardNumber, memberId } = input;
    const { now } = context;
    const time = { offline: false, occurredAt: null, now };
    const rule = ruleOfReceipt(handler.directory, input, time, context);
    const state = await handler.state(accountStream(context.tenant, userId), account);
    const { tenant } = context;
    const question = { purchaseId: null, tenant, at: now, ...input };
    const from = { directory: handler.directory, stateOf: handler.state };
    const offered = await offerFor(question, state, from);
    const card = cardNumber === undefined ? {} : { cardNumber };
    const member = memberId === undefined ? {} : { memberId };
    const order = { ...card, ...member, lines, redeemPoints, now };
    const answer = quoteOn(userId, order, state, rule, offered?.offer ?? null);
    if (!input.giftCards) return answer;
    const { currency } = rule.rule;
    const cards = await giftCardsShown(input, { currency, at: now }, context, from);
    return { ...answer, ...cardsQuoted(cards, answer, answer.asAsked.toPay) };
  };
