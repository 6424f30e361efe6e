/**
 * /pos/v1/gift-cards/: selling gift cards and asking what is on one. Numbers are as good as money, so they are sent in bodies: paths are
 * written down by proxies. Paying with cards is part of a receipt (purchases.ts).
 */
import { Type } from '@sinclair/typebox';
import { giftCardNumber } from '../../commands/giftCard/shown.js';
import { cancelGiftCardSale, sellGiftCard } from '../../commands/giftCard/sellCard.js';
import type { FoundGiftCard } from '../../commands/giftCards.js';
import { Currency, Money } from '../../domain/amount.js';
import {
  availableOn,
  giftCard,
  giftCardFault,
  giftCardStream,
} from '../../domain/giftCard/giftCard.js';
import { GiftCardId, GiftCardSeriesId } from '../../domain/giftCard/ids.js';
import type { TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { actingTill, tillsOnly } from '../auth/access.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import { InstantOrNull, instantOrNull } from '../wire.js';
import type { PosServices } from './services.js';

const tags = ['Gift cards'] as const;
const closed = { additionalProperties: false } as const;
const numberExample = '0018-H30D-SRPC-0PJG';

const shownCard = {
  card: GiftCardId,
  seriesId: GiftCardSeriesId,
  currency: Currency,
  expiresAt: InstantOrNull,
} as const;

const Balance = Type.Object(
  {
    ...shownCard,
    name: Type.String({ description: 'Of the series' }),
    status: Type.Union(
      ['usable', 'not-sold', 'blocked', 'expired'].map((status) => Type.Literal(status)),
      { description: 'Only a usable one pays; not-sold: it waits for its sale' },
    ),
    available: Type.Unsafe<number>({ ...Money, description: 'What it can pay now, minor units' }),
    reserved: Type.Unsafe<number>({
      ...Money,
      description: 'Held for receipts that are being recorded at this moment',
    }),
  },
  { ...closed, title: 'GiftCardBalance' },
);

/** Of a receipt that a connected till sends with cards. */
export const refusedByGiftCards = [
  'gift-card-not-found',
  'gift-card-not-sold',
  'gift-card-blocked',
  'gift-card-series-blocked',
  'gift-card-expired',
  'gift-card-other-currency',
  'gift-card-other-merchants',
  'gift-card-repeated',
  'gift-card-too-little',
  'gift-cards-exceed-payment',
] as const;

const statuses = {
  'gift-card-not-sold': 'not-sold',
  'gift-card-blocked': 'blocked',
  'gift-card-expired': 'expired',
} as const;

export const giftCardRoutes = ({ handler }: PosServices): readonly Route[] => {
  const known = async (tenant: TenantId, number: string): Promise<FoundGiftCard> => {
    const found = await handler.directory.giftCards.find(tenant, number);
    // What was typed is not told again: it may be a number that is off by one letter.
    if (!found) throw rejected('gift-card-not-found');
    return found;
  };

  return [
    route({
      method: 'POST',
      path: '/pos/v1/gift-cards/sales',
      summary: 'Sells a gift card: from now on it pays',
      description:
        'By a till of the merchant who issued the series, for money that the till has taken. It is no purchase and earns no points: those come when the card pays. The same sale sent again does nothing.',
      tags,
      access: tillsOnly,
      body: Type.Object(
        { number: giftCardNumber, amount: Type.Optional(sellGiftCard.input.properties.amount) },
        { ...closed, title: 'SellGiftCardBody' },
      ),
      idempotencyKey: 'optional',
      command: sellGiftCard.name,
      status: 201,
      response: Recorded('SoldGiftCard', { ...shownCard, amount: Money }),
      problems: [
        'gift-card-not-found',
        'gift-card-sold',
        'gift-card-blocked',
        'gift-card-series-blocked',
        'gift-card-amount-wrong',
        'series-closed',
        'foreign-merchant',
      ],
      examples: {
        body: [
          {
            summary: 'A card for 25.00 of a series that leaves the amount open',
            value: { number: numberExample, amount: 2_500 },
          },
          { summary: 'A card of a fixed amount', value: { number: numberExample } },
        ],
      },
      handle: async (request) => {
        const { caller, body } = request;
        const { merchantId, pointOfSaleId, tillId } = actingTill(caller);
        const { card } = await known(caller.tenant, body.number);
        const { amount } = body;
        const input = {
          card,
          merchantId,
          pointOfSaleId,
          tillId,
          ...(amount === undefined ? {} : { amount }),
        };
        // Without a key: a card whose sale was cancelled is sold again, and that is no repeat.
        const sold = await handler.handle(sellGiftCard, input, contextOf(request, undefined));
        const expiresAt = instantOrNull(sold.answer.expiresAt);
        return recorded({ ...sold, answer: { ...sold.answer, expiresAt } });
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/gift-cards/sales/cancellation',
      summary: 'Takes the sale of a gift card back that has paid nothing',
      description:
        'By a till of the merchant who sold it; `refund` is what the till gives back. The card can be sold anew. The same cancellation sent again does nothing.',
      tags,
      access: tillsOnly,
      body: Type.Object(
        { number: giftCardNumber, reason: cancelGiftCardSale.input.properties.reason },
        { ...closed, title: 'CancelGiftCardSaleBody' },
      ),
      idempotencyKey: 'optional',
      command: cancelGiftCardSale.name,
      response: Recorded('CancelledGiftCardSale', { card: GiftCardId, refund: Money }),
      problems: [
        'gift-card-not-found',
        'gift-card-not-sold',
        'gift-card-used',
        'gift-card-blocked',
        'foreign-merchant',
      ],
      examples: {
        body: [
          {
            summary: 'A slip of the cashier',
            value: { number: numberExample, reason: 'wrong amount' },
          },
        ],
      },
      handle: async (request) => {
        const { caller, body } = request;
        const { merchantId, pointOfSaleId, tillId } = actingTill(caller);
        const { card } = await known(caller.tenant, body.number);
        const input = { card, merchantId, pointOfSaleId, tillId, reason: body.reason };
        const context = contextOf(request, undefined);
        return recorded(await handler.handle(cancelGiftCardSale, input, context));
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/gift-cards/balance',
      summary: 'Says what is on a gift card',
      description:
        'From the card itself, up to the last receipt. A POST because the number is as good as money and paths are written down.',
      tags,
      access: tillsOnly,
      body: Type.Object({ number: giftCardNumber }, { ...closed, title: 'GiftCardNumber' }),
      response: Balance,
      problems: ['gift-card-not-found'],
      examples: {
        body: [{ summary: 'However it is typed', value: { number: numberExample } }],
      },
      handle: async ({ caller, body, now }) => {
        const { card, series } = await known(caller.tenant, body.number);
        const state = await handler.state(giftCardStream(caller.tenant, card), giftCard, 0);
        const { seriesId, name, currency } = series.opened;
        const fault = giftCardFault(state, now);
        const isBlocked = series.status === 'blocked';
        const status = fault ? statuses[fault] : isBlocked ? 'blocked' : 'usable';
        const free = availableOn(state, null);
        return {
          body: {
            card,
            seriesId,
            name,
            currency,
            status,
            expiresAt: instantOrNull(state.expiresAt),
            available: status === 'usable' ? free : 0,
            reserved: state.balance - free,
          },
        };
      },
    }),
  ];
};
