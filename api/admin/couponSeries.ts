/** /admin/v1/coupon-series: what coupons there are, their codes, and codes as a file. */
import { Type } from '@sinclair/typebox';
import { issueCodes } from '../../commands/coupon/issueCodes.js';
import { openSeries } from '../../commands/coupon/openSeries.js';
import { blockSeries, closeSeries, unblockSeries } from '../../commands/coupon/seriesStatus.js';
import type { SeriesRecord } from '../../commands/coupons.js';
import { SeriesId } from '../../domain/coupon/ids.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { codesFile, codesFileQuery } from './codesFile.js';
import {
  OpenSeriesBody,
  openInput,
  seriesExamples,
  SeriesShown,
  shownSeries,
} from './couponShapes.js';
import {
  contextOf,
  created,
  type Operation,
  operatorOf,
  type Registry,
  wholeTenant,
} from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

const tags = ['Coupons'] as const;
const ofSeries = { seriesId: SeriesId } as const;

export const couponSeriesRoutes = ({ handler }: Registry): Route[] => {
  const known = ({ caller }: Pick<Operation, 'caller'>, seriesId: SeriesId): SeriesRecord => {
    const series = handler.directory.coupons.series(caller.tenant, seriesId);
    if (!series) throw rejected('series-not-found', { seriesId });
    return series;
  };

  const statusRoute = (
    path: string,
    summary: string,
    command: typeof blockSeries | typeof unblockSeries | typeof closeSeries,
  ): Route =>
    stepRoute(handler, {
      path: `/admin/v1/coupon-series/{seriesId}/${path}`,
      summary,
      tags,
      access: editorsOnly,
      params: ofSeries,
      command,
      response: Type.Object({ seriesId: SeriesId, status: Type.String() }),
      problems: ['series-not-found', 'series-closed'],
    });

  return [
    route({
      method: 'GET',
      path: '/admin/v1/coupon-series',
      summary: 'Lists the series of coupons.',
      tags,
      access: readersOnly,
      query: pageQuery,
      response: pageOf(SeriesShown),
      handle: (request) => {
        const { tenant } = operatorOf(request);
        const records = handler.directory.coupons.all(tenant);
        return { body: page(records, ({ seriesId }) => seriesId, request.query, shownSeries) };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/coupon-series',
      summary: 'Opens a series of coupons; its terms never change.',
      description:
        'What a coupon gives is said by the campaigns that name its series in their condition `coupon`.',
      tags,
      access: editorsOnly,
      body: OpenSeriesBody,
      idempotencyKey: 'optional',
      command: 'OpenCouponSeries',
      response: SeriesShown,
      status: 201,
      problems: [
        'already-registered',
        'coupon-terms-wrong',
        'coupon-word-taken',
        'too-many-series',
        'merchant-not-found',
      ],
      examples: { body: seriesExamples },
      handle: async (request) => {
        wholeTenant(request);
        const opened = await openSeries(handler, openInput(request.body), contextOf(request));
        return created({ ...opened, answer: shownSeries(known(request, opened.answer.seriesId)) });
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/coupon-series/{seriesId}',
      summary: 'Shows one series of coupons.',
      tags,
      access: readersOnly,
      params: ofSeries,
      response: SeriesShown,
      problems: ['series-not-found'],
      handle: (request) => ({ body: shownSeries(known(request, request.params.seriesId)) }),
    }),
    statusRoute('blocking', 'Refuses the coupons of a series until it is unblocked.', blockSeries),
    statusRoute('unblocking', 'Takes the coupons of a blocked series again.', unblockSeries),
    statusRoute('closing', 'Ends a series for good.', closeSeries),
    route({
      method: 'POST',
      path: '/admin/v1/coupon-series/{seriesId}/codes',
      summary: 'Issues the next codes of a series of single use.',
      description: 'They hold from now on; codes.csv hands them out.',
      tags,
      access: editorsOnly,
      params: ofSeries,
      body: Type.Pick(issueCodes.input, ['count'], {
        additionalProperties: false,
        title: 'IssueCodes',
      }),
      idempotencyKey: 'required',
      command: issueCodes.name,
      response: Type.Object({
        seriesId: SeriesId,
        first: Type.Integer(),
        count: Type.Integer(),
        issued: Type.Integer({ description: 'All codes that hold now' }),
      }),
      status: 201,
      problems: ['series-not-found', 'series-closed', 'series-kind-wrong', 'too-many-codes'],
      examples: { body: [{ summary: 'A thousand more', value: { count: 1_000 } }] },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...request.body };
        return created(await handler.handle(issueCodes, input, contextOf(request)));
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/coupon-series/{seriesId}/codes.csv',
      summary: 'Hands out codes as CSV: number and code.',
      description:
        'Codes are worth money: keep the file accordingly. It is made while it is sent, however many codes there are.',
      tags,
      access: editorsOnly,
      params: ofSeries,
      query: codesFileQuery('Its number'),
      response: Type.String(),
      contentType: 'text/csv',
      problems: ['series-not-found', 'too-many-codes'],
      handle: async (request) => {
        wholeTenant(request);
        const { caller, params, query } = request;
        const series = known(request, params.seriesId);
        const { seriesId, issued } = series;
        const { from = 0 } = query;
        const left = Math.max(0, issued - from);
        const count = query.count ?? left;
        if (from + count > issued) {
          throw rejected('too-many-codes', { seriesId, asked: count, left });
        }
        const codes = await handler.directory.coupons.codesOf(caller.tenant, series);
        return codesFile(`${seriesId}-${from}-${from + count}`, codes, from, count);
      },
    }),
  ];
};
