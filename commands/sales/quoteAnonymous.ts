/**
 * What a receipt of nobody we know would come to with what is on offer to everybody. Records nothing, keeps nothing.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Currency } from '../../domain/amount.js';
import { moneyText } from '../../domain/amountText.js';
import { priceAnonymous } from '../../domain/sales/decide.js';
import { offerFor } from '../account/offered.js';
import { offered, withWords } from '../account/purchaseAnswer.js';
import { BasketInput, offerInput, tillInput } from '../account/receiptInput.js';
import { assertCurrency } from '../account/shop.js';
import type { CommandContext } from '../command.js';
import { cardsQuoted } from '../giftCard/answer.js';
import { giftCardInput, giftCardsShown } from '../giftCard/shown.js';
import type { Handler } from '../handle.js';
import { presentPointOfSale, presentTenant } from '../registry/present.js';
import { assertValid } from '../validation.js';

export const QuoteAnonymousInput = Type.Object(
  {
    ...tillInput,
    lines: BasketInput,
    currency: Type.Optional(Currency),
    ...offerInput,
    ...giftCardInput,
  },
  { additionalProperties: false, title: 'QuoteAnonymous' },
);
export type QuoteAnonymousInput = Static<typeof QuoteAnonymousInput>;

/** @throws InvalidInput, Rejected: see domain/account/basket.ts and registry/present.ts */
export const createQuoteAnonymous =
  ({ directory, state: stateOf }: Pick<Handler, 'directory' | 'state'>) =>
  async (input: QuoteAnonymousInput, context: CommandContext) => {
    const { tenant, now } = context;
    assertValid(QuoteAnonymousInput, input);
    const { currency } = presentTenant(directory, tenant);
    presentPointOfSale(directory, tenant, input.merchantId, input.pointOfSaleId);
    assertCurrency(input.currency, currency);
    const question = { ...input, userId: null, purchaseId: null, tenant, at: now };
    const from = { directory, stateOf };
    const found = await offerFor(question, null, from);
    const outcome = priceAnonymous({ lines: input.lines, currency }, now, found?.offer ?? null);
    const { lines, total, campaigns } = outcome;
    const toPay = campaigns?.net ?? total;
    const texts = { cashier: `To pay: ${moneyText(toPay, currency)}.`, slip: [] };
    const cards = input.giftCards
      ? await giftCardsShown(input, { currency, at: now }, context, from)
      : null;
    const answer = {
      currency,
      total,
      ...offered(total, campaigns),
      toPay,
      lines,
      texts: withWords(texts, campaigns?.texts),
    };
    return cards ? { ...answer, ...cardsQuoted(cards, answer, toPay) } : answer;
  };
