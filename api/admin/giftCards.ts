/**
 * /admin/v1/gift-cards: one gift card, whoever has it: what is on it, what became of it, and stopping it. Cards are named by series and
 * place, as they are printed on the card; a number is only taken in a body, and never told.
 */
import { Type } from '@sinclair/typebox';
import { blockGiftCard, unblockGiftCard } from '../../commands/giftCard/cardStatus.js';
import { giftCardNumber } from '../../commands/giftCard/shown.js';
import { Currency, Money } from '../../domain/amount.js';
import type { GiftCardCharge } from '../../domain/giftCard/events.js';
import {
  availableOn,
  giftCard,
  giftCardFault,
  giftCardStream,
} from '../../domain/giftCard/giftCard.js';
import {
  GiftCardId,
  GiftCardSeriesId,
  placeOfCard,
  seriesOfCard,
} from '../../domain/giftCard/ids.js';
import type { GiftCardSeries } from '../../domain/giftCard/series.js';
import { MerchantId, type TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { History } from '../audit/history.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { InstantOrNull, instantOrNull, orNull } from '../wire.js';
import { entriesOf, newestEntries } from './entryHistory.js';
import { type GiftCardFigures, giftCardFigureRoutes } from './giftCardFigures.js';
import { giftCardSeriesRoutes } from './giftCardSeries.js';
import { forMerchant, operatorOf, type Registry } from './operatorCommand.js';
import { stepRoute } from './stepRoute.js';

export interface GiftCardRoutes extends Registry, GiftCardFigures {
  readonly history: Pick<History, 'stream'>;
}

const tags = ['Gift cards'] as const;
const ofCard = { card: GiftCardId } as const;
const readers = operatorsOnly('owner', 'manager', 'analyst', 'auditor', 'cashier');

const CardShown = Type.Object(
  {
    card: GiftCardId,
    seriesId: GiftCardSeriesId,
    issuer: MerchantId,
    currency: Currency,
    state: Type.Union(
      ['not-sold', 'usable', 'blocked', 'expired'].map((state) => Type.Literal(state)),
    ),
    sold: orNull(Type.Unsafe<number>({ ...Money, description: 'For how much' })),
    balance: Type.Unsafe<number>({ ...Money, description: 'On it, minor units' }),
    available: Type.Unsafe<number>({ ...Money, description: 'Of that, not held for a receipt' }),
    expiresAt: InstantOrNull,
    history: entriesOf({
      amount: orNull(Money),
      merchantId: orNull(Type.Integer()),
      cause: orNull(Type.String()),
    }),
  },
  { title: 'GiftCard' },
);

const states = {
  'gift-card-not-sold': 'not-sold',
  'gift-card-blocked': 'blocked',
  'gift-card-expired': 'expired',
} as const;

export const giftCardRoutes = (options: GiftCardRoutes): Route[] => {
  const { handler, history } = options;

  /** A card that was issued. @throws Rejected gift-card-not-found */
  const known = (tenant: TenantId, card: GiftCardId): GiftCardSeries => {
    const series = handler.directory.giftCards.series(tenant, seriesOfCard(card));
    if (!series || placeOfCard(card) >= series.issued) {
      throw rejected('gift-card-not-found', { card });
    }
    return series;
  };

  const shown = async (tenant: TenantId, card: GiftCardId, now: number) => {
    const { opened } = known(tenant, card);
    const stream = giftCardStream(tenant, card);
    const state = await handler.state(stream, giftCard, 0);
    const fault = giftCardFault(state, now);
    return {
      card,
      seriesId: opened.seriesId,
      issuer: opened.merchantId,
      currency: opened.currency,
      state: state.blocked ? 'blocked' : fault ? states[fault] : 'usable',
      sold: state.sold?.amount ?? null,
      balance: state.balance,
      available: availableOn(state, null),
      expiresAt: instantOrNull(state.expiresAt),
      history: await newestEntries(history, stream, toldByCards),
    };
  };

  const statusRoute = (path: string, summary: string, command: typeof blockGiftCard): Route =>
    stepRoute(handler, {
      path: `/admin/v1/gift-cards/{card}/${path}`,
      summary,
      tags,
      access: editorsOnly,
      params: ofCard,
      command,
      response: Type.Object({ card: GiftCardId, blocked: Type.Boolean() }),
      problems: ['gift-card-not-found', 'foreign-merchant'],
      allow: (request) => {
        const { opened } = known(operatorOf(request).tenant, request.params.card);
        return forMerchant(request, opened.merchantId);
      },
    });

  return [
    ...giftCardSeriesRoutes(options),
    ...giftCardFigureRoutes(options),
    route({
      method: 'GET',
      path: '/admin/v1/gift-cards/{card}',
      summary: 'Shows what is on a gift card and what became of it.',
      tags,
      access: readers,
      params: ofCard,
      response: CardShown,
      problems: ['gift-card-not-found'],
      handle: async (request) => ({
        body: await shown(operatorOf(request).tenant, request.params.card, request.now),
      }),
    }),
    route({
      method: 'POST',
      path: '/admin/v1/gift-cards/identification',
      summary: 'Finds the card of a number that a customer reads out.',
      description: 'Nothing is changed. A POST because a number is as good as money.',
      tags,
      access: readers,
      body: Type.Object(
        { number: giftCardNumber },
        { additionalProperties: false, title: 'IdentifyGiftCard' },
      ),
      response: CardShown,
      problems: ['gift-card-not-found'],
      examples: {
        body: [{ summary: 'However it is typed', value: { number: '0018-H30D-SRPC-0PJG' } }],
      },
      handle: async (request) => {
        const { tenant } = operatorOf(request);
        const found = await handler.directory.giftCards.find(tenant, request.body.number);
        if (!found) throw rejected('gift-card-not-found');
        return { body: await shown(tenant, found.card, request.now) };
      },
    }),
    statusRoute(
      'blocking',
      'Stops a gift card: it pays nothing until it is unblocked.',
      blockGiftCard,
    ),
    statusRoute('unblocking', 'Lets a gift card that was stopped pay again.', unblockGiftCard),
  ];
};

const toldByCards = (data: unknown) => {
  const { amount, merchantId, cause } = data as Partial<GiftCardCharge> & { cause?: string };
  return { amount: amount ?? null, merchantId: merchantId ?? null, cause: cause ?? null };
};
