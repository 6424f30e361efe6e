/** How series of gift cards look outside. */
import { type Static, Type } from '@sinclair/typebox';
import {
  type GiftCardSeries,
  GiftCardSeriesOpened,
  GiftCardTerms,
  type OpenedGiftCardSeries,
} from '../../domain/giftCard/series.js';
import { Money } from '../../domain/amount.js';
import { rejected } from '../../domain/rejected.js';

const closed = { additionalProperties: false } as const;
const {
  seriesId,
  number: _number,
  name,
  merchantId,
  currency,
} = GiftCardSeriesOpened.schema.properties;

export const GiftCardSeriesShown = Type.Object(
  {
    seriesId,
    name,
    merchantId,
    currency,
    status: Type.Union([Type.Literal('open'), Type.Literal('blocked'), Type.Literal('closed')]),
    issued: Type.Integer({ description: 'Cards that can be sold, or were' }),
    terms: GiftCardTerms,
  },
  { ...closed, title: 'GiftCardSeries' },
);

export const shownSeries = ({
  opened,
  status,
  issued,
}: GiftCardSeries): Static<typeof GiftCardSeriesShown> => ({
  seriesId: opened.seriesId,
  name: opened.name,
  merchantId: opened.merchantId,
  currency: opened.currency,
  status,
  issued,
  terms: opened.terms,
});

const { least, most, validDays, merchants, cardsMost } = GiftCardTerms.properties;
const Amount = Type.Unsafe<number>({
  ...Money,
  minimum: 1,
  description: 'Of every card, minor units. Instead of it `least` and `most`: a till chooses',
});
/** As many cards as anybody prints. */
const cardsMostDefault = 1_000_000;

export const OpenGiftCardsBody = Type.Object(
  {
    seriesId,
    name,
    merchantId,
    currency: Type.Optional(currency),
    amount: Type.Optional(Amount),
    least: Type.Optional(least),
    most: Type.Optional(most),
    validDays: Type.Optional(validDays),
    merchants: Type.Optional(merchants),
    cardsMost: Type.Optional(cardsMost),
  },
  { ...closed, title: 'OpenGiftCardSeriesBody' },
);

/** `currency` is the programme's where the body names none. @throws Rejected gift-card-terms-wrong where an amount and bounds are named. */
export const openInput = (
  body: Static<typeof OpenGiftCardsBody>,
  programmeCurrency: string,
): Omit<OpenedGiftCardSeries, 'number'> => {
  const { amount } = body;
  if (amount !== undefined && (body.least ?? body.most) !== undefined) {
    throw rejected('gift-card-terms-wrong', {
      term: 'amount',
      must: 'stand without least and most',
    });
  }
  return {
    seriesId: body.seriesId,
    name: body.name,
    merchantId: body.merchantId,
    currency: body.currency ?? programmeCurrency,
    terms: {
      least: amount ?? body.least ?? 0,
      most: amount ?? body.most ?? 0,
      validDays: body.validDays ?? null,
      merchants: body.merchants ?? null,
      cardsMost: body.cardsMost ?? cardsMostDefault,
    },
  };
};

export const seriesExamples = [
  {
    summary: 'The till chooses the amount: 5.00 to 500.00',
    value: {
      seriesId: 'books',
      name: 'Books: any amount',
      merchantId: 1,
      least: 500,
      most: 50_000,
      validDays: 1_095,
    },
  },
  {
    summary: 'Cards for 25.00, taken by two merchants',
    value: {
      seriesId: 'twentyfive',
      name: 'Gift card 25',
      merchantId: 1,
      amount: 2_500,
      merchants: [1, 2],
    },
  },
];
