/** /admin/v1/gift-card-liability and gift-card-use: what gift cards may still cost, by series, and what they paid, by day and merchant. */
import { Type } from '@sinclair/typebox';
import type pg from 'pg';
import { Currency } from '../../domain/amount.js';
import { GiftCardSeriesId } from '../../domain/giftCard/ids.js';
import { MerchantId } from '../../domain/ids.js';
import {
  cardDays,
  liabilityOfCards,
  type SeriesLiability,
} from '../../projections/giftCards/queries.js';
import type { Waiting } from '../../projections/waiting.js';
import { readersOnly } from '../auth/access.js';
import { pageShown } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { forMerchant, type Operation, operatorOf } from './operatorCommand.js';
import { pageOf } from './paging.js';
import { pageAsked, readModelQuery, upTo } from './readModelPages.js';

export interface GiftCardFigures {
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const tags = ['Gift cards'] as const;
const Minor = Type.Integer({ description: 'Minor units' });
const Count = Type.Integer({ minimum: 0 });
const Day = Type.String({ format: 'date', examples: ['2026-03-01'] });

interface Asked {
  readonly merchantId?: MerchantId;
  readonly limit?: number;
  readonly after?: string;
}

/** An operator of one merchant asks for this one. */
const boundsOf = (request: Pick<Operation, 'caller'>, { merchantId, ...page }: Asked) => {
  const caller = operatorOf(request);
  if (merchantId !== undefined) forMerchant(request, merchantId);
  return {
    tenant: caller.tenant,
    merchantId: merchantId ?? caller.merchantId,
    ...pageAsked(page),
  };
};

export const giftCardFigureRoutes = ({ pool, waiting }: GiftCardFigures): Route[] => {
  return [
    route({
      method: 'GET',
      path: '/admin/v1/gift-card-liability',
      summary: 'Shows what is still on gift cards, by series and so by issuer and currency.',
      description:
        '`outstanding` can still be spent, `blocked` is the part of it on cards that were stopped; `overdue` is on cards whose time is over and will be taken off them.',
      tags,
      access: readersOnly,
      query: { merchantId: Type.Optional(MerchantId), ...readModelQuery },
      response: pageOf(
        Type.Object(
          {
            seriesId: GiftCardSeriesId,
            name: Type.String(),
            issuerId: MerchantId,
            currency: Currency,
            issued: Count,
            cardsSold: Count,
            sold: Minor,
            outstanding: Minor,
            blocked: Minor,
            overdue: Minor,
          },
          { title: 'GiftCardLiability' },
        ),
      ),
      handle: async (request) => {
        await upTo(waiting, 'giftcards', request.query);
        const question = { ...boundsOf(request, request.query), asOf: request.now };
        const shown = (row: SeriesLiability) => ({
          ...row,
          seriesId: row.seriesId as GiftCardSeriesId,
          issuerId: row.issuerId as MerchantId,
        });
        return { body: await pageShown(liabilityOfCards(pool, question), shown) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/gift-card-use',
      summary:
        'Shows what gift cards were sold for and what they paid, by series, day and merchant.',
      description:
        'The issuer owes a merchant who took its cards `charged - refunded`. Days are the own ones of the merchant. With `merchantId` what this one issued or took.',
      tags,
      access: readersOnly,
      query: {
        seriesId: Type.Optional(GiftCardSeriesId),
        merchantId: Type.Optional(MerchantId),
        from: Type.Optional(Day),
        to: Type.Optional(Day),
        ...readModelQuery,
      },
      response: pageOf(
        Type.Object(
          {
            day: Day,
            seriesId: Type.String(),
            issuerId: Type.Integer(),
            merchantId: Type.Integer(),
            cardsSold: Count,
            sold: Minor,
            charges: Count,
            charged: Minor,
            refunds: Count,
            refunded: Minor,
            expired: Minor,
          },
          { title: 'GiftCardUse' },
        ),
      ),
      handle: async (request) => {
        const { seriesId = null, from = null, to = null } = request.query;
        await upTo(waiting, 'giftcards', request.query);
        const question = { ...boundsOf(request, request.query), seriesId, from, to };
        return { body: await pageShown(cardDays(pool, question), (row) => row) };
      },
    }),
  ];
};
