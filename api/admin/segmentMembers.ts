/** Who is in a segment: pages of members, sizes over time, changes of lists one request or one file at a time, segments of a customer. */
import { Type } from '@sinclair/typebox';
import type pg from 'pg';
import { UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { SegmentId } from '../../domain/segment/definition.js';
import { Cell, changesMax } from '../../domain/segment/segment.js';
import { groupsOf } from '../../projections/segments/evaluate.js';
import { cellsOf, membershipsOf, membersOf, sizesOf } from '../../projections/segments/queries.js';
import type { Waiting } from '../../projections/waiting.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { minPosition, pageShown } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import type { Upload } from '../upload.js';
import { Instant, instantOf } from '../wire.js';
import { contextOf, type Registry, wholeTenant } from './operatorCommand.js';
import { pageOf } from './paging.js';
import { changeList } from './segmentList.js';
import { importList } from './segmentImport.js';
import { pageAsked, readModelQuery, upTo } from './readModelPages.js';

export interface SegmentMemberRoutes extends Registry {
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const Count = Type.Integer({ minimum: 0 });
const tags = ['Segments'] as const;
const params = { segmentId: SegmentId };
const exampleUsers = ['8018000010000000000000013', '8018000010000000000000020'];

const Reject = Type.Object({
  line: Type.Integer({ description: 'From 1; in a request the place of the id' }),
  userId: Type.String(),
  reason: Type.Union(
    (['invalid-user-id', 'account-not-found', 'broken-line'] as const).map((reason) =>
      Type.Literal(reason),
    ),
  ),
});

const ListChanged = {
  added: Count,
  removed: Count,
  already: Type.Integer({ minimum: 0, description: 'Nothing was left to do for them' }),
  rejected: Type.Array(Reject, { maxItems: 1_000 }),
  members: Type.Integer({ minimum: 0, description: 'Size of the segment now' }),
};

export const segmentMemberRoutes = (options: SegmentMemberRoutes): Route[] => [
  ...readingRoutes(options),
  ...changingRoutes(options),
];

const readingRoutes = ({ handler, pool, waiting }: SegmentMemberRoutes): Route[] => {
  const { segments } = handler.directory;
  return [
    route({
      method: 'GET',
      path: '/admin/v1/segments/{segmentId}/members',
      summary: 'Lists the members of a segment by their number.',
      tags,
      access: readersOnly,
      params,
      query: {
        ...readModelQuery,
        cell: Type.Optional({ ...Cell, description: 'Only this cell: `5_5_5`' }),
      },
      response: pageOf(
        Type.Object({
          userId: UserId,
          cell: Type.Union([Type.String(), Type.Null()]),
          since: Instant,
        }),
      ),
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { segmentId } = request.params;
        await upTo(waiting, 'segments', request.query);
        const { cell } = request.query;
        const asked = { tenant, segmentId, cell, ...pageAsked(request.query) };
        const found = membersOf(pool, asked);
        return {
          body: await pageShown(found, (row) => ({ ...row, since: instantOf(row.since) })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/segments/{segmentId}/sizes',
      summary: 'Shows the size of a segment over time, the latest day first.',
      description:
        'Only days on which something changed; between two of them the size is that of the earlier. Days are UTC’s.',
      tags,
      access: readersOnly,
      params,
      query: readModelQuery,
      response: pageOf(
        Type.Object({
          day: Type.String({ format: 'date' }),
          members: Count,
          added: Count,
          moved: Count,
          removed: Count,
        }),
      ),
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { segmentId } = request.params;
        await upTo(waiting, 'segments', request.query);
        const found = sizesOf(pool, { tenant, segmentId, ...pageAsked(request.query) });
        return { body: await pageShown(found, (row) => row) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/segments/{segmentId}/cells',
      summary: 'Shows how many members are in each cell and group of an analysis.',
      tags,
      access: readersOnly,
      params,
      query: minPosition,
      response: Type.Object({
        cells: Type.Array(Type.Object({ cell: Type.String(), members: Count })),
        groups: Type.Array(Type.Object({ group: Type.String(), members: Count })),
      }),
      problems: ['segment-not-found'],
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { segmentId } = request.params;
        const record = segments.get(tenant, segmentId);
        if (!record) throw rejected('segment-not-found', { segmentId });
        await upTo(waiting, 'segments', request.query);
        const cells = await cellsOf(pool, { tenant, segmentId });
        return { body: { cells, groups: groupsOf(record.definition, cells) } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/customers/{userId}/segments',
      summary: 'Names the segments, cells and groups that a customer is in, as campaigns see them.',
      tags,
      access: readersOnly,
      params: { userId: UserId },
      response: Type.Object({ items: Type.Array(Type.String()) }),
      handle: (request) => {
        const { tenant } = wholeTenant(request);
        return { body: { items: [...segments.of(tenant, request.params.userId)] } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/customers/{userId}/memberships',
      summary: 'Lists the segments of a customer, each with the cell and since when.',
      tags,
      access: readersOnly,
      params: { userId: UserId },
      query: readModelQuery,
      response: pageOf(
        Type.Object({
          segmentId: SegmentId,
          cell: Type.Union([Type.String(), Type.Null()]),
          since: Instant,
        }),
      ),
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { userId } = request.params;
        await upTo(waiting, 'segments', request.query);
        const found = membershipsOf(pool, { tenant, userId, ...pageAsked(request.query) });
        const shown = await pageShown(found, (row) => ({
          ...row,
          segmentId: row.segmentId as SegmentId,
          since: instantOf(row.since),
        }));
        return { body: shown };
      },
    }),
  ];
};

const changingRoutes = ({ handler, pool }: SegmentMemberRoutes): Route[] => [
  route({
    method: 'POST',
    path: '/admin/v1/segments/{segmentId}/members',
    summary: 'Puts customers on a list and takes others off it.',
    description: 'Who has no open account is named in `rejected` and does not hold up the others.',
    tags,
    access: editorsOnly,
    params,
    body: Type.Object(
      {
        add: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: changesMax })),
        remove: Type.Optional(Type.Array(UserId, { maxItems: changesMax })),
      },
      { additionalProperties: false, title: 'SegmentMembers' },
    ),
    idempotencyKey: 'optional',
    command: 'ChangeMembers',
    response: Type.Object(ListChanged, { title: 'ListChanged' }),
    problems: ['segment-not-found', 'segment-retired', 'segment-computed', 'segments-full'],
    examples: { body: [{ summary: 'Two come', value: { add: exampleUsers } }] },
    handle: async (request) => {
      wholeTenant(request);
      const { add = [], remove = [] } = request.body;
      const entries = add.map((userId, index) => ({ userId, line: index + 1 }));
      const { segmentId } = request.params;
      const list = { handler, pool, segmentId, context: contextOf(request) };
      const { position, ...body } = await changeList(list, entries, remove);
      return { body: { ...body, rejected: [...body.rejected] }, position };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/segments/{segmentId}/imports',
    summary: 'Puts all customers of a file on a list.',
    description: [
      'CSV (`text/csv`: the number in the first column, a header may be there) or NDJSON (`application/x-ndjson`: a string or an',
      'object with `userId` a line), at most 16 MB. Read as it arrives. Sending it twice changes nothing twice. The first 1,000 lines',
      'that were left out are named, `rejectedLines` counts all.',
    ].join(' '),
    tags,
    access: editorsOnly,
    params,
    upload: {
      contentTypes: ['text/csv', 'application/x-ndjson'],
      bytesMax: 16_000_000,
      lineMax: 1_000,
    },
    body: Type.String({ description: 'The file' }),
    checkedBy: 'command',
    command: 'ChangeMembers',
    response: Type.Object(
      { lines: Count, rejectedLines: Count, ...ListChanged },
      { title: 'ListImported' },
    ),
    problems: ['segment-not-found', 'segment-retired', 'segment-computed', 'segments-full'],
    handle: async (request) => {
      wholeTenant(request);
      const { segmentId } = request.params;
      const list = { handler, pool, segmentId, context: contextOf(request) };
      const { position, ...body } = await importList(list, request.body as unknown as Upload);
      return { body, position };
    },
  }),
];
