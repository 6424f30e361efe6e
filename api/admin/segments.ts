/** /admin/v1/segments: what segments there are, defining them, trying a definition. Members are in segmentMembers.ts. */
import { type Static, Type } from '@sinclair/typebox';
import { defineSegment } from '../../commands/segment/defineSegment.js';
import { assertDefinition, definitionShown } from '../../commands/segment/definition.js';
import { redefineSegment } from '../../commands/segment/redefineSegment.js';
import { retireSegment } from '../../commands/segment/retireSegment.js';
import type { SegmentRecord } from '../../commands/segments.js';
import { rejected } from '../../domain/rejected.js';
import { accountConditionKinds } from '../../domain/segment/conditions.js';
import { type SegmentDefinition, SegmentId, SegmentName } from '../../domain/segment/definition.js';
import { previewOf } from '../../projections/segments/evaluate.js';
import { editorsOnly, operatorsOnly, readersOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { type Route, route } from '../route.js';
import { instantOrNull, InstantOrNull } from '../wire.js';
import { contextOf, created, done, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';
import { definitionExamples, previewExamples, redefinitionExample } from './segmentExamples.js';
import { type SegmentMemberRoutes, segmentMemberRoutes } from './segmentMembers.js';
import { type SegmentRefreshes, segmentRefreshRoutes } from './segmentRefreshes.js';

export interface SegmentRoutes extends SegmentMemberRoutes {
  readonly segmentRefreshes: SegmentRefreshes;
}

const Count = Type.Integer({ minimum: 0 });
const closed = { additionalProperties: false } as const;
const tags = ['Segments'] as const;
const params = { segmentId: SegmentId };

const SegmentShown = Type.Object(
  {
    segmentId: SegmentId,
    name: Type.String(),
    definition: Type.Object({}, { description: 'As it was written down' }),
    version: Type.Integer({ minimum: 1 }),
    status: Type.Union([Type.Literal('defined'), Type.Literal('retired')]),
    members: Count,
    refreshedAt: InstantOrNull,
  },
  { title: 'Segment' },
);

const shown = (record: SegmentRecord): Static<typeof SegmentShown> => {
  const { segmentId, name, definition, version, status, members, refreshedAt } = record;
  return {
    segmentId,
    name,
    definition,
    version,
    status,
    members,
    refreshedAt: instantOrNull(refreshedAt),
  };
};

const Defined = Type.Object({ segmentId: SegmentId, version: Type.Integer({ minimum: 1 }) });
const previewMs = 25_000;

export const segmentRoutes = (options: SegmentRoutes): Route[] => [
  ...definitionRoutes(options),
  ...previewRoutes(options),
  ...segmentMemberRoutes(options),
  ...segmentRefreshRoutes(options.segmentRefreshes),
];

const definitionRoutes = ({ handler }: SegmentRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/segments',
    summary: 'Lists the segments of the programme with their sizes.',
    tags,
    access: readersOnly,
    query: pageQuery,
    response: pageOf(SegmentShown),
    handle: (request) => {
      const records = handler.directory.segments.list(wholeTenant(request).tenant);
      return { body: page(records, ({ segmentId }) => segmentId, request.query, shown) };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/v1/segments/{segmentId}',
    summary: 'Shows a segment.',
    tags,
    access: readersOnly,
    params,
    response: SegmentShown,
    problems: ['segment-not-found'],
    handle: (request) => {
      const { tenant } = wholeTenant(request);
      const { segmentId } = request.params;
      const record = handler.directory.segments.get(tenant, segmentId);
      if (!record) throw rejected('segment-not-found', { segmentId });
      return { body: shown(record) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/segments',
    summary: 'Defines a segment: a list, conditions on accounts, or an RFM analysis.',
    description:
      'It is empty until somebody is put on the list, or until its first refresh. Conditions are put together with `and`, `or`, `not`.',
    tags,
    access: editorsOnly,
    body: Type.Object(
      { segmentId: SegmentId, name: SegmentName, definition: definitionShown },
      { ...closed, title: 'SegmentToDefine' },
    ),
    checkedBy: 'command',
    idempotencyKey: 'optional',
    command: defineSegment.name,
    response: Defined,
    status: 201,
    problems: ['already-registered', 'segment-retired'],
    examples: { body: definitionExamples },
    handle: async (request) => {
      wholeTenant(request);
      const input = request.body as unknown as Static<typeof defineSegment.input>;
      return created(await handler.handle(defineSegment, input, contextOf(request)));
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/segments/{segmentId}',
    summary: 'Redefines a segment as a new version; its members stay until the next refresh.',
    tags,
    access: editorsOnly,
    params,
    body: Type.Object(
      { name: SegmentName, definition: definitionShown },
      { ...closed, title: 'SegmentToRedefine' },
    ),
    checkedBy: 'command',
    idempotencyKey: 'optional',
    command: redefineSegment.name,
    response: Defined,
    problems: ['segment-not-found', 'segment-retired', 'segment-kind'],
    examples: { body: [redefinitionExample] },
    handle: async (request) => {
      wholeTenant(request);
      const input = { ...request.body, ...request.params } as unknown as Static<
        typeof redefineSegment.input
      >;
      return done(await handler.handle(redefineSegment, input, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/segments/{segmentId}/retirement',
    summary: 'Retires a segment: nobody belongs to it any more.',
    tags,
    access: editorsOnly,
    params,
    command: retireSegment,
    response: Type.Object({ segmentId: SegmentId }),
    problems: ['segment-not-found'],
  }),
];

const previewRoutes = ({ pool }: SegmentRoutes): Route[] => [
  route({
    method: 'POST',
    path: '/admin/v1/segment-previews',
    summary: 'Says how large a segment would be, without defining it.',
    tags,
    access: operatorsOnly('owner', 'manager', 'analyst'),
    body: Type.Object({ definition: definitionShown }, { ...closed, title: 'SegmentToPreview' }),
    checkedBy: 'command',
    response: Type.Object(
      {
        members: Count,
        accounts: Type.Integer({ minimum: 0, description: 'Open ones, of which they are a part' }),
        cells: Type.Array(Type.Object({ cell: Type.String(), members: Count })),
        groups: Type.Array(Type.Object({ group: Type.String(), members: Count })),
      },
      { title: 'SegmentPreview' },
    ),
    examples: { body: previewExamples },
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { definition, ...rest } = request.body as { readonly definition: SegmentDefinition };
      const [strange] = Object.keys(rest);
      if (strange !== undefined) throw faulty('body', `/${strange}`, 'is not a known field');
      assertDefinition(definition);
      if (definition.kind === 'static') {
        throw faulty('body', '/definition/kind', 'must be dynamic or analytic: a list is known');
      }
      const asked = { tenant, definition, asOf: request.now, withinMs: previewMs };
      return { body: await previewOf(pool, asked) };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/v1/segment-conditions',
    summary: 'Lists the conditions that dynamic segments are made of, with their arguments.',
    tags,
    access: readersOnly,
    response: Type.Object({
      items: Type.Array(
        Type.Object({
          kind: Type.String(),
          summary: Type.String(),
          schema: Type.Object({}, { description: 'JSON Schema of the condition' }),
          needsOneOf: Type.Array(Type.String()),
        }),
      ),
    }),
    handle: () => ({
      body: {
        items: accountConditionKinds.map(({ kind, summary, schema, needsOneOf }) => ({
          kind,
          summary,
          schema,
          needsOneOf: [...needsOneOf],
        })),
      },
    }),
  }),
];
