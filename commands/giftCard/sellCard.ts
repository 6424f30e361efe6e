/**
 * Sells a gift card at a till: from then on it pays. The till took the money for it; it is no purchase and earns nothing. And takes
 * such a sale back, while the card has paid nothing.
 */
import { Type } from '@sinclair/typebox';
import { Money } from '../../domain/amount.js';
import type { SoldGiftCard } from '../../domain/giftCard/events.js';
import {
  cancelSale,
  giftCard,
  giftCardStream,
  sellGiftCard as decide,
} from '../../domain/giftCard/giftCard.js';
import { GiftCardId, seriesOfCard } from '../../domain/giftCard/ids.js';
import type { GiftCardSeries } from '../../domain/giftCard/series.js';
import { rejected } from '../../domain/rejected.js';
import { tillInput } from '../account/receiptInput.js';
import { defineCommand } from '../command.js';
import { presentPointOfSale } from '../registry/present.js';

const dayMs = 86_400_000;

/** `card` is that of a number that was found (commands/giftCards.ts). */
export const sellGiftCard = defineCommand({
  name: 'SellGiftCard',
  summary: 'Sells a gift card: from now on it pays.',
  input: Type.Object(
    { card: GiftCardId, ...tillInput, amount: Type.Optional(Money) },
    { additionalProperties: false, title: 'SellGiftCard' },
  ),
  aggregate: giftCard,
  stream: (input, context) => giftCardStream(context.tenant, input.card),
  lookUp: ({ card, merchantId, pointOfSaleId }, { tenant }, { directory }): GiftCardSeries => {
    presentPointOfSale(directory, tenant, merchantId, pointOfSaleId);
    const seriesId = seriesOfCard(card);
    const series = directory.giftCards.series(tenant, seriesId);
    if (!series) throw rejected('series-not-found', { seriesId });
    return series;
  },
  decide: ({ amount: wanted, ...sale }, state, { opened, status }, { now }) => {
    const { seriesId, merchantId, currency, terms } = opened;
    const { least, most, validDays } = terms;
    if (merchantId !== sale.merchantId) throw rejected('foreign-merchant', { merchantId });
    // Without an amount it is the only one that there is.
    const amount = wanted ?? (least === most ? least : 0);
    if (amount < least || amount > most) {
      throw rejected('gift-card-amount-wrong', { asked: wanted ?? null, least, most });
    }
    const expiresAt = validDays === null ? null : now + validDays * dayMs;
    const sold: SoldGiftCard = { ...sale, amount, currency, expiresAt };
    if (state.sold) return decide(sold, state);
    if (status === 'blocked') throw rejected('gift-card-series-blocked', { seriesId });
    if (status === 'closed') throw rejected('series-closed', { seriesId });
    return decide(sold, state);
  },
  answer: ({ events: [event], state, input: { card } }) => {
    const sold = event?.type === 'GiftCardActivated' ? event.data : state.sold;
    if (!sold) throw new Error('a card was sold without its event');
    const { amount, currency, expiresAt } = sold;
    return { card, seriesId: seriesOfCard(card), amount, currency, expiresAt };
  },
});

export const cancelGiftCardSale = defineCommand({
  name: 'CancelGiftCardSale',
  summary: 'Takes the sale of a gift card back that has paid nothing: it can be sold anew.',
  input: Type.Object(
    { card: GiftCardId, ...tillInput, reason: Type.String({ minLength: 1, maxLength: 500 }) },
    { additionalProperties: false, title: 'CancelGiftCardSale' },
  ),
  aggregate: giftCard,
  stream: (input, context) => giftCardStream(context.tenant, input.card),
  lookUp: ({ card, merchantId, pointOfSaleId }, { tenant }, { directory }) => {
    presentPointOfSale(directory, tenant, merchantId, pointOfSaleId);
    const issuer = directory.giftCards.series(tenant, seriesOfCard(card))?.opened.merchantId;
    if (issuer !== merchantId) throw rejected('foreign-merchant', { merchantId: issuer ?? null });
  },
  decide: (input, state) => cancelSale(input, state),
  answer: ({ events: [event], state, input: { card } }) => {
    const told = event?.type === 'GiftCardSaleCancelled' ? event.data : state.cancelled;
    if (!told) throw new Error('a sale was cancelled without its event');
    return { card, refund: told.amount };
  },
});
