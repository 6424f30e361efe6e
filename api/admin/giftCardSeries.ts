/** /admin/v1/gift-card-series: what gift cards there are, and their numbers as a file. */
import { Type } from '@sinclair/typebox';
import { issueGiftCards, openGiftCardSeries } from '../../commands/giftCard/openSeries.js';
import {
  blockGiftCardSeries,
  closeGiftCardSeries,
  unblockGiftCardSeries,
} from '../../commands/giftCard/seriesStatus.js';
import { presentTenant } from '../../commands/registry/present.js';
import { GiftCardSeriesId } from '../../domain/giftCard/ids.js';
import type { GiftCardSeries } from '../../domain/giftCard/series.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { codesFile, codesFileQuery } from './codesFile.js';
import {
  GiftCardSeriesShown,
  openInput,
  OpenGiftCardsBody,
  seriesExamples,
  shownSeries,
} from './giftCardShapes.js';
import {
  contextOf,
  created,
  forMerchant,
  type Operation,
  operatorOf,
  type Registry,
  wholeTenant,
} from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

const tags = ['Gift cards'] as const;
const ofSeries = { seriesId: GiftCardSeriesId } as const;

export const giftCardSeriesRoutes = ({ handler }: Registry): Route[] => {
  const known = (
    { caller }: Pick<Operation, 'caller'>,
    seriesId: GiftCardSeriesId,
  ): GiftCardSeries => {
    const series = handler.directory.giftCards.series(caller.tenant, seriesId);
    if (!series) throw rejected('series-not-found', { seriesId });
    return series;
  };
  /** A manager of the merchant who issued the cards, or of the whole programme. */
  const edited = (request: Operation, seriesId: GiftCardSeriesId): GiftCardSeries => {
    const series = known(request, seriesId);
    forMerchant(request, series.opened.merchantId);
    return series;
  };

  const statusRoute = (path: string, summary: string, command: typeof blockGiftCardSeries): Route =>
    stepRoute(handler, {
      path: `/admin/v1/gift-card-series/{seriesId}/${path}`,
      summary,
      tags,
      access: editorsOnly,
      params: ofSeries,
      command,
      response: Type.Object({ seriesId: GiftCardSeriesId, status: Type.String() }),
      problems: ['series-not-found', 'series-closed', 'foreign-merchant'],
      allow: (request) => edited(request, request.params.seriesId),
    });

  return [
    route({
      method: 'GET',
      path: '/admin/v1/gift-card-series',
      summary: 'Lists the series of gift cards.',
      tags,
      access: readersOnly,
      query: pageQuery,
      response: pageOf(GiftCardSeriesShown),
      handle: (request) => {
        const { tenant } = operatorOf(request);
        const all = handler.directory.giftCards.all(tenant);
        const idOf = ({ opened }: GiftCardSeries) => opened.seriesId;
        return { body: page(all, idOf, request.query, shownSeries) };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/gift-card-series',
      summary: 'Opens a series of gift cards; its terms never change.',
      description:
        'The merchant named sells the cards and owes what is on them; `merchants` says who takes them, all of the programme by default. `amount` for one amount, or `least` and `most` for what a till chooses between.',
      tags,
      access: editorsOnly,
      body: OpenGiftCardsBody,
      idempotencyKey: 'optional',
      command: openGiftCardSeries.name,
      response: GiftCardSeriesShown,
      status: 201,
      problems: [
        'already-registered',
        'gift-card-terms-wrong',
        'too-many-series',
        'merchant-not-found',
      ],
      examples: { body: seriesExamples },
      handle: async (request) => {
        // Whoever takes the cards is owed for them, so it is the programme's affair.
        const { tenant } = wholeTenant(request);
        const { currency } = presentTenant(handler.directory, tenant);
        const input = openInput(request.body, currency);
        const opened = await handler.handle(openGiftCardSeries, input, contextOf(request));
        return created({ ...opened, answer: shownSeries(known(request, input.seriesId)) });
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/gift-card-series/{seriesId}',
      summary: 'Shows one series of gift cards.',
      tags,
      access: readersOnly,
      params: ofSeries,
      response: GiftCardSeriesShown,
      problems: ['series-not-found'],
      handle: (request) => ({ body: shownSeries(known(request, request.params.seriesId)) }),
    }),
    statusRoute(
      'blocking',
      'Takes no card of a series until it is unblocked.',
      blockGiftCardSeries,
    ),
    statusRoute('unblocking', 'Takes the cards of a blocked series again.', unblockGiftCardSeries),
    statusRoute(
      'closing',
      'Sells no more cards of a series; those that were sold stay good.',
      closeGiftCardSeries,
    ),
    route({
      method: 'POST',
      path: '/admin/v1/gift-card-series/{seriesId}/cards',
      summary: 'Issues the next cards of a series.',
      description: 'From now on they can be sold; numbers.csv hands their numbers out.',
      tags,
      access: editorsOnly,
      params: ofSeries,
      body: Type.Pick(issueGiftCards.input, ['count'], {
        additionalProperties: false,
        title: 'IssueGiftCardsBody',
      }),
      idempotencyKey: 'required',
      command: issueGiftCards.name,
      response: Type.Object({
        seriesId: GiftCardSeriesId,
        first: Type.Integer(),
        count: Type.Integer(),
        issued: Type.Integer({ description: 'All cards so far' }),
      }),
      status: 201,
      problems: ['series-not-found', 'series-closed', 'too-many-codes', 'foreign-merchant'],
      examples: { body: [{ summary: 'A thousand more', value: { count: 1_000 } }] },
      handle: async (request) => {
        edited(request, request.params.seriesId);
        const input = { ...request.params, ...request.body };
        return created(await handler.handle(issueGiftCards, input, contextOf(request)));
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/gift-card-series/{seriesId}/numbers.csv',
      summary: 'Hands out the numbers of cards as CSV: card and number.',
      description:
        'A number is the card: whoever has it can spend it once it is sold. Keep the file accordingly. It is made while it is sent.',
      tags,
      access: editorsOnly,
      params: ofSeries,
      query: codesFileQuery('Its place'),
      response: Type.String(),
      contentType: 'text/csv',
      problems: ['series-not-found', 'too-many-codes', 'foreign-merchant'],
      handle: async (request) => {
        const { caller, params, query } = request;
        const series = edited(request, params.seriesId);
        const { seriesId } = params;
        const { from = 0 } = query;
        const left = Math.max(0, series.issued - from);
        const count = query.count ?? left;
        if (count > left) throw rejected('too-many-codes', { seriesId, asked: count, left });
        const numbers = await handler.directory.giftCards.numbersOf(caller.tenant, series);
        const naming = { header: 'card,number', prefix: `${seriesId}:` };
        return codesFile(`${seriesId}-${from}-${from + count}`, numbers, from, count, naming);
      },
    }),
  ];
};
