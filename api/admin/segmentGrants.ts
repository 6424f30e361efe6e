/** /admin/v1/coupon-grants: coupons given to a whole segment, with their progress. */
import { type Static, Type } from '@sinclair/typebox';
import { type Members, grantToMembers } from '../../commands/coupon/grantToMembers.js';
import { derivedId } from '../../commands/credentials.js';
import { SeriesId } from '../../domain/coupon/ids.js';
import type { TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { SegmentId } from '../../domain/segment/definition.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf, InstantOrNull, instantOrNull } from '../wire.js';
import type { GrantRun, GrantRuns } from './grantRuns.js';
import { contextOf, operatorOf, type Registry, wholeTenant } from './operatorCommand.js';

export interface SegmentGrantRoutes extends Registry {
  readonly grantRuns: GrantRuns;
  readonly segmentMembers: (tenant: TenantId, segmentId: SegmentId) => Members;
}

const RunShown = Type.Object(
  {
    runId: Type.String(),
    series: SeriesId,
    segmentId: Type.String(),
    state: Type.Union(
      ['running', 'done', 'failed', 'cancelled'].map((state) => Type.Literal(state)),
    ),
    members: Type.Integer({ description: 'Of the segment when it began' }),
    granted: Type.Integer(),
    repeated: Type.Integer({ description: 'Had it from the same order before' }),
    gone: Type.Integer({ description: 'Closed their account meanwhile' }),
    startedBy: Type.String(),
    startedAt: Instant,
    finishedAt: InstantOrNull,
    error: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'CouponGrantRun' },
);

const shown = ({
  tenant: _,
  startedAt,
  finishedAt,
  ...run
}: GrantRun): Static<typeof RunShown> => ({
  ...run,
  startedAt: instantOf(startedAt),
  finishedAt: instantOrNull(finishedAt),
});

const tags = ['Coupons'] as const;
const ofRun = { runId: Type.String({ maxLength: 40 }) } as const;

export const segmentGrantRoutes = (options: SegmentGrantRoutes): Route[] => {
  const { handler, grantRuns, segmentMembers } = options;
  const known = (tenant: TenantId, runId: string): GrantRun => {
    const run = grantRuns.list(tenant).find((one) => one.runId === runId);
    if (run) return run;
    throw refused('not-found', 'The server was started anew, or the grant is long over.');
  };
  return [
    route({
      method: 'POST',
      path: '/admin/v1/coupon-series/{seriesId}/grants',
      summary: 'Gives every member of a segment a coupon of a personal series.',
      description:
        'Answers at once; ask for the progress. The same request under the same key goes on where it broke off and gives nobody a second coupon.',
      tags,
      access: editorsOnly,
      params: { seriesId: SeriesId },
      body: Type.Object(
        { segmentId: SegmentId, cause: Type.Optional(Type.String({ maxLength: 200 })) },
        { additionalProperties: false, title: 'GrantToSegment' },
      ),
      idempotencyKey: 'required',
      command: 'GrantCoupon',
      response: RunShown,
      status: 201,
      problems: ['series-not-found', 'series-kind-wrong', 'segment-not-found', 'job-running'],
      examples: { body: [{ summary: 'The best customers', value: { segmentId: 'champions' } }] },
      handle: (request) => {
        const { tenant, actor } = wholeTenant(request);
        const { seriesId } = request.params;
        const { segmentId, cause = `segment ${segmentId}` } = request.body;
        const series = handler.directory.coupons.series(tenant, seriesId);
        if (!series) throw rejected('series-not-found', { seriesId });
        const { kind } = series;
        if (kind !== 'personal') throw rejected('series-kind-wrong', { seriesId, kind });
        const segment = handler.directory.segments.get(tenant, segmentId);
        if (!segment) throw rejected('segment-not-found', { segmentId });
        const context = contextOf(request);
        const runId = derivedId('grant', tenant, `${seriesId}/${context.idempotencyKey}`);
        const order = { series: seriesId, cause };
        const members = segmentMembers(tenant, segmentId);
        const begun = { runId, tenant, series: seriesId, segmentId, members: segment.members };
        const run = grantRuns.start(
          { ...begun, startedBy: actor.id, startedAt: request.now },
          (signal, tell) => grantToMembers(handler, order, members, context, signal, tell),
        );
        return { body: shown(run) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/coupon-grants',
      summary: 'Lists the grants to segments that this server knows, the newest first.',
      tags,
      access: readersOnly,
      response: Type.Object({ items: Type.Array(RunShown) }),
      handle: (request) => ({
        body: { items: grantRuns.list(operatorOf(request).tenant).map(shown) },
      }),
    }),
    route({
      method: 'GET',
      path: '/admin/v1/coupon-grants/{runId}',
      summary: 'Shows how far a grant to a segment is.',
      tags,
      access: readersOnly,
      params: ofRun,
      response: RunShown,
      handle: (request) => ({
        body: shown(known(operatorOf(request).tenant, request.params.runId)),
      }),
    }),
    route({
      method: 'POST',
      path: '/admin/v1/coupon-grants/{runId}/cancellation',
      summary: 'Stops a grant to a segment; who has the coupon keeps it.',
      tags,
      access: editorsOnly,
      params: ofRun,
      response: RunShown,
      handle: (request) => {
        const { tenant } = wholeTenant(request);
        const { runId } = known(tenant, request.params.runId);
        grantRuns.cancel(runId);
        return { body: shown(known(tenant, runId)) };
      },
    }),
  ];
};
