/**
 * Puts customers into a segment, takes them out, moves them between cells: by hand on a list, by a refresh elsewhere.
 *
 * Who is a member already is asked of the directory, which must have come exactly as far as the segment's own stream: then nothing
 * is recorded twice, whoever sends it and how many at once.
 */
import { Type } from '@sinclair/typebox';
import { type TenantId, UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { changeMembers as decide, type CellOf } from '../../domain/segment/decide.js';
import { SegmentId } from '../../domain/segment/definition.js';
import {
  Cell,
  changesMax,
  segment,
  type SegmentEvent,
  segmentStream,
} from '../../domain/segment/segment.js';
import { defineCommand } from '../command.js';
import type { Segments } from '../segments.js';

/** Of all segments of all programmes: each process holds them in memory, some 20 to 60 bytes each. */
export const membershipsMax = 5_000_000;
const patienceMs = 2_000;
const lookEveryMs = 5;

const Addition = Type.Object(
  { userId: UserId, cell: Type.Optional(Cell) },
  { additionalProperties: false },
);

export const changeMembers = defineCommand({
  name: 'ChangeMembers',
  summary: 'Changes who is in a segment.',
  input: Type.Object(
    {
      segmentId: SegmentId,
      add: Type.Array(Addition, { maxItems: changesMax }),
      remove: Type.Array(UserId, { maxItems: changesMax }),
      /** Of the definition that it follows from; null: by hand. */
      version: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
    },
    { additionalProperties: false, title: 'ChangeMembers' },
  ),
  aggregate: segment,
  stream: (input, context) => segmentStream(context.tenant, input.segmentId),
  lookUp: async (input, { tenant }, { directory, state }): Promise<CellOf> => {
    const { segments } = directory;
    if (state.status === 'unknown') return () => undefined;
    await reach(segments, tenant, input.segmentId, state.revision);
    if (segments.counts().memberships + input.add.length > membershipsMax) {
      throw rejected('segments-full', { membershipsMax });
    }
    return (userId) => segments.cellOf(tenant, input.segmentId, userId);
  },
  decide: (input, state, cellOf) => decide(input, state, cellOf),
  answer: ({ events, input, state }) => ({
    segmentId: input.segmentId,
    added: usersOf(events, 'SegmentMembersAdded'),
    moved: usersOf(events, 'SegmentMembersMoved'),
    removed: usersOf(events, 'SegmentMembersRemoved'),
    members: state.status === 'unknown' ? 0 : state.members,
  }),
});

/** Another process may have written a moment ago. @throws Rejected segment-changed, whereupon the stream is read again */
const reach = async (
  segments: Segments,
  tenant: TenantId,
  segmentId: SegmentId,
  revision: number,
): Promise<void> => {
  const until = performance.now() + patienceMs;
  for (;;) {
    const seen = segments.get(tenant, segmentId)?.revision ?? -1;
    if (seen === revision) return;
    if (seen > revision || performance.now() > until) throw rejected('segment-changed');
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
};

const usersOf = (
  events: readonly SegmentEvent[],
  type: 'SegmentMembersAdded' | 'SegmentMembersMoved' | 'SegmentMembersRemoved',
): UserId[] => events.flatMap((event) => (event.type === type ? event.data.userIds : []));
