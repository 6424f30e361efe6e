/** /admin/v1/coupons: one code of a series, whoever has it: what it is, what became of it, and stopping it. */
import { Type } from '@sinclair/typebox';
import { blockCode } from '../../commands/coupon/blockCode.js';
import type { FoundCode } from '../../commands/coupons.js';
import { printed } from '../../domain/coupon/codes.js';
import { coupon, couponStream } from '../../domain/coupon/coupon.js';
import { SeriesId } from '../../domain/coupon/ids.js';
import type { TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { History } from '../audit/history.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { orNull } from '../wire.js';
import { contextOf, done, operatorOf, wholeTenant } from './operatorCommand.js';
import { couponSeriesRoutes } from './couponSeries.js';
import { entriesOf, newestEntries } from './entryHistory.js';
import { Reason } from './revocation.js';
import { type SegmentGrantRoutes, segmentGrantRoutes } from './segmentGrants.js';

export interface CouponRoutes extends SegmentGrantRoutes {
  readonly history: Pick<History, 'stream'>;
}

const tags = ['Coupons'] as const;
const code = Type.String({ minLength: 1, maxLength: 60, description: 'However it is typed' });

const CodeShown = Type.Object(
  {
    code: Type.String({ description: 'As it is printed' }),
    seriesId: SeriesId,
    number: orNull(Type.Integer({ description: 'Its place in the series; null for a word' })),
    state: Type.Union(
      ['unused', 'reserved', 'spent', 'blocked', 'in-use'].map((state) => Type.Literal(state)),
      { description: '`in-use` is a code of many uses that some receipts used' },
    ),
    uses: Type.Integer({ description: 'That hold, reserved and spent together' }),
    history: entriesOf({}),
  },
  { title: 'CouponCode' },
);

export const couponRoutes = (options: CouponRoutes): Route[] => {
  const { handler, history } = options;

  const known = async (tenant: TenantId, typed: string): Promise<FoundCode> => {
    const found = await handler.directory.coupons.find(tenant, typed);
    if (!found) throw rejected('coupon-not-found', { code: typed });
    return found;
  };

  return [
    ...couponSeriesRoutes(options),
    ...segmentGrantRoutes(options),
    route({
      method: 'GET',
      path: '/admin/v1/coupons/{code}',
      summary: 'Shows what a code is and what became of it.',
      tags,
      access: operatorsOnly('owner', 'manager', 'analyst', 'auditor', 'cashier'),
      params: { code },
      response: CodeShown,
      problems: ['coupon-not-found'],
      handle: async (request) => {
        const { tenant } = operatorOf(request);
        const found = await known(tenant, request.params.code);
        const stream = couponStream(tenant, found.code);
        const { blocked, uses } = await handler.state(stream, coupon);
        const single = found.series.kind === 'singleUse';
        const [use = 'unused'] = uses.values();
        const state = blocked ? 'blocked' : single || use === 'unused' ? use : 'in-use';
        const body = {
          code: found.place === null ? (found.series.word ?? found.code) : printed(found.code),
          seriesId: found.series.seriesId,
          number: found.place,
          state,
          uses: uses.size,
          history: await newestEntries(history, stream, () => ({})),
        };
        return { body };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/coupons/{code}/blocking',
      summary: 'Stops one code of a series of single use, for good.',
      tags,
      access: editorsOnly,
      params: { code },
      body: Reason,
      idempotencyKey: 'optional',
      command: blockCode.name,
      response: Type.Object({ code: Type.String(), seriesId: SeriesId, blocked: Type.Boolean() }),
      problems: ['coupon-not-found', 'series-kind-wrong'],
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { series, code: own } = await known(tenant, request.params.code);
        const { seriesId, kind } = series;
        if (kind !== 'singleUse') throw rejected('series-kind-wrong', { seriesId, kind });
        const input = { code: own, seriesId, reason: request.body.reason };
        const handled = await handler.handle(blockCode, input, contextOf(request));
        return done({ ...handled, answer: { ...handled.answer, code: printed(own) } });
      },
    }),
  ];
};
