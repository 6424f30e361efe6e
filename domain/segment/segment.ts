/**
 * A segment: a named set of customers that campaigns can be for. Invariant: a segment keeps its id and kind for life, and
 * `members` of every change is its size after that change.
 *
 * The members themselves are not in this state, since there may be millions: who is one already comes with the command, from a
 * read model that is exactly at this state's revision. So the same change, sent twice or by two workers, changes nothing twice.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { type TenantId, UserId } from '../ids.js';
import { streamName } from '../stream.js';
import { SegmentDefinition, SegmentId, SegmentName } from './definition.js';

export const segmentStream = (tenant: TenantId, id: SegmentId) => streamName('segment', tenant, id);

export const changesMax = 1_000;

const Version = Type.Integer({ minimum: 1 });
const Count = Type.Integer({ minimum: 0 });
const UserIds = Type.Array(UserId, { minItems: 1, maxItems: changesMax });
/** Of an analysis: the cell of each customer, as many as there are customers. */
export const Cell = Type.String({ pattern: '^[0-9a-z]+(_[0-9a-z]+){0,9}$', examples: ['5_4_5'] });
const Cells = Type.Array(Cell, { minItems: 1, maxItems: changesMax });

// These names are the storage format: proof-read, version with care.
export const SegmentDefined = event('SegmentDefined', {
  segmentId: SegmentId,
  name: SegmentName,
  definition: SegmentDefinition,
});
/** From here on refreshes go by the new definition; the members stay until the next one. */
export const SegmentRedefined = event('SegmentRedefined', {
  version: Version,
  name: SegmentName,
  definition: SegmentDefinition,
});
export const SegmentMembersAdded = event('SegmentMembersAdded', {
  userIds: UserIds,
  cells: Type.Optional(Cells),
  members: Count,
});
/** Members who go from one cell of an analysis to another. */
export const SegmentMembersMoved = event('SegmentMembersMoved', {
  userIds: UserIds,
  cells: Cells,
  members: Count,
});
export const SegmentMembersRemoved = event('SegmentMembersRemoved', {
  userIds: UserIds,
  members: Count,
});
/** All accounts were looked at as of a moment (ms); the figures are those of all changes since the refresh before. */
export const SegmentRefreshed = event('SegmentRefreshed', {
  version: Version,
  asOf: Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' }),
  members: Count,
  added: Count,
  moved: Count,
  removed: Count,
});
/** Nobody belongs to it any more, and its id is not used again. */
export const SegmentRetired = event('SegmentRetired', { reason: Type.String({ maxLength: 500 }) });

export const segmentEvents = [
  SegmentDefined,
  SegmentRedefined,
  SegmentMembersAdded,
  SegmentMembersMoved,
  SegmentMembersRemoved,
  SegmentRefreshed,
  SegmentRetired,
] as const;
export type SegmentEvent = EventOf<(typeof segmentEvents)[number]>;

interface Changes {
  readonly added: number;
  readonly moved: number;
  readonly removed: number;
}

export interface DefinedSegment {
  readonly status: 'defined' | 'retired';
  readonly name: string;
  readonly definition: SegmentDefinition;
  readonly version: number;
  readonly members: number;
  /** Of its last event: where the read model of its members has to be. */
  readonly revision: number;
  /** The version that the last refresh went by, null before the first. */
  readonly refreshedVersion: number | null;
  readonly sinceRefresh: Changes;
}
export type Segment = { readonly status: 'unknown' } | DefinedSegment;

const noChanges: Changes = { added: 0, moved: 0, removed: 0 };

const evolve = (state: DefinedSegment, event: SegmentEvent): DefinedSegment => {
  const counted = (name: keyof Changes, count: number) => ({
    ...state.sinceRefresh,
    [name]: state.sinceRefresh[name] + count,
  });
  switch (event.type) {
    case 'SegmentDefined':
    case 'SegmentRedefined':
      return { ...state, ...event.data };
    case 'SegmentMembersAdded': {
      const { members, userIds } = event.data;
      return { ...state, members, sinceRefresh: counted('added', userIds.length) };
    }
    case 'SegmentMembersMoved':
      return { ...state, sinceRefresh: counted('moved', event.data.userIds.length) };
    case 'SegmentMembersRemoved': {
      const { members, userIds } = event.data;
      return { ...state, members, sinceRefresh: counted('removed', userIds.length) };
    }
    case 'SegmentRefreshed':
      return { ...state, refreshedVersion: event.data.version, sinceRefresh: noChanges };
    case 'SegmentRetired':
      return { ...state, status: 'retired', members: 0 };
    default:
      return unreachable(event);
  }
};

const begun: DefinedSegment = {
  status: 'defined',
  name: '',
  definition: { kind: 'static' },
  version: 1,
  members: 0,
  revision: -1,
  refreshedVersion: null,
  sinceRefresh: noChanges,
};

export const segment: Aggregate<Segment, SegmentEvent> = {
  category: 'segment',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => ({
    ...evolve(state.status === 'unknown' ? begun : state, event),
    revision: event.revision,
  }),
  snapshot: {
    every: 500,
    schemaVersion: 1,
    take: (state) => state,
    restore: (json) => json as Segment,
  },
};
