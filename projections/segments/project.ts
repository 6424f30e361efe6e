/**
 * From facts of segments to their rows. Pure. A customer who comes and goes within a batch leaves the last word only, since the rows
 * of a batch are written without an order among them.
 */
import type { Fact, Position } from '../../domain/fact.js';
import { type SegmentEvent, segmentEvents } from '../../domain/segment/segment.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';

export const eventTypes = segmentEvents.map(({ type }) => type);

export interface NewSegment {
  readonly tenant: string;
  readonly segmentId: string;
  readonly name: string;
  readonly definition: { readonly kind: string };
  readonly definedAt: number;
  readonly position: Position;
}

/** What became of a segment in the batch; null: nothing new. */
export interface SegmentChange {
  readonly tenant: string;
  readonly segmentId: string;
  name: string | null;
  definition: object | null;
  version: number | null;
  members: number | null;
  refreshedAt: number | null;
  retiredAt: number | null;
  retiredBecause: string | null;
  position: Position;
}

export interface Member {
  readonly tenant: string;
  readonly segmentId: string;
  readonly userId: string;
  readonly cell: string | null;
  /** Null: moved from another cell, a member since before the batch. */
  readonly since: number | null;
  readonly present: boolean;
  readonly position: Position;
}

export interface Size {
  readonly tenant: string;
  readonly segmentId: string;
  /** Start of the day in UTC, ms. */
  readonly day: number;
  members: number;
  added: number;
  moved: number;
  removed: number;
}

export interface SegmentChanges {
  readonly defined: NewSegment[];
  readonly changed: Map<string, SegmentChange>;
  readonly members: Map<string, Member>;
  readonly sizes: Map<string, Size>;
}

export const projectSegments = (facts: readonly Fact[]): SegmentChanges => {
  const changes: SegmentChanges = {
    defined: [],
    changed: new Map(),
    members: new Map(),
    sizes: new Map(),
  };
  for (const fact of facts) apply(changes, typed<SegmentEvent>(fact));
  return changes;
};

const apply = (changes: SegmentChanges, fact: FactOf<SegmentEvent>): void => {
  const { position } = fact;
  const at = occurredAtOf(fact);
  const change = changeOf(changes, fact);
  change.position = position;
  switch (fact.type) {
    case 'SegmentDefined': {
      const { name, definition } = fact.data;
      const { tenant, segmentId } = change;
      changes.defined.push({ tenant, segmentId, name, definition, definedAt: at, position });
      return;
    }
    case 'SegmentRedefined':
      Object.assign(change, fact.data);
      return;
    case 'SegmentMembersAdded':
    case 'SegmentMembersMoved': {
      const { userIds, cells, members } = fact.data;
      change.members = members;
      const isNew = fact.type === 'SegmentMembersAdded';
      sizeOf(changes, fact, at, members)[isNew ? 'added' : 'moved'] += userIds.length;
      userIds.forEach((userId, index) =>
        putMember(changes, fact, {
          userId,
          cell: cells?.[index] ?? null,
          present: true,
          since: isNew ? at : null,
        }),
      );
      return;
    }
    case 'SegmentMembersRemoved': {
      const { userIds, members } = fact.data;
      change.members = members;
      sizeOf(changes, fact, at, members).removed += userIds.length;
      for (const userId of userIds) {
        putMember(changes, fact, { userId, cell: null, present: false, since: null });
      }
      return;
    }
    case 'SegmentRefreshed':
      change.refreshedAt = fact.data.asOf;
      return;
    case 'SegmentRetired':
      Object.assign(change, { members: 0, retiredAt: at, retiredBecause: fact.data.reason });
      sizeOf(changes, fact, at, 0);
      return;
  }
};

const changeOf = ({ changed }: SegmentChanges, fact: FactOf<SegmentEvent>): SegmentChange => {
  const known = changed.get(fact.stream);
  if (known) return known;
  const change: SegmentChange = {
    tenant: fact.metadata.tenant,
    segmentId: ownerOf(fact),
    name: null,
    definition: null,
    version: null,
    members: null,
    refreshedAt: null,
    retiredAt: null,
    retiredBecause: null,
    position: fact.position,
  };
  changed.set(fact.stream, change);
  return change;
};

const putMember = (
  { members }: SegmentChanges,
  fact: FactOf<SegmentEvent>,
  member: Pick<Member, 'userId' | 'cell' | 'since' | 'present'>,
): void => {
  const key = `${fact.stream}/${member.userId}`;
  // Who joined in this batch and then moved joined when they joined.
  const since = member.since ?? (member.present ? (members.get(key)?.since ?? null) : null);
  members.set(key, {
    ...member,
    since,
    tenant: fact.metadata.tenant,
    segmentId: ownerOf(fact),
    position: fact.position,
  });
};

const dayMs = 86_400_000;

const sizeOf = (
  { sizes }: SegmentChanges,
  fact: FactOf<SegmentEvent>,
  at: number,
  members: number,
): Size => {
  const day = Math.floor(at / dayMs) * dayMs;
  const key = `${fact.stream}/${day}`;
  let size = sizes.get(key);
  if (!size) {
    const { tenant } = fact.metadata;
    size = { tenant, segmentId: ownerOf(fact), day, members, added: 0, moved: 0, removed: 0 };
    sizes.set(key, size);
  }
  size.members = members;
  return size;
};
