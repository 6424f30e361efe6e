/**
 * Who is in which segment, in memory, so that a price asks no database: one number per customer, which names the set of segments
 * that they are in. Sets are shared (there are few different ones), so the answer is an array that is there already.
 *
 * A part of the directory: fed from the log with the rest. It is also what changes of members are decided on, at the revision of
 * the segment's own stream.
 */
import { type EventOf, unreachable } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { TenantId, UserId } from '../domain/ids.js';
import { namesOf, type SegmentDefinition, type SegmentId } from '../domain/segment/definition.js';
import { type SegmentEvent, segmentEvents } from '../domain/segment/segment.js';
import { parseStreamName } from '../domain/stream.js';
import type { DirectoryPart } from './directoryPart.js';
import { createUserTable, type UserTable } from './userTable.js';

export interface SegmentRecord {
  readonly segmentId: SegmentId;
  readonly name: string;
  readonly definition: SegmentDefinition;
  readonly version: number;
  readonly status: 'defined' | 'retired';
  readonly members: number;
  /** As of when the last refresh that changed anything looked at the accounts, ms. */
  readonly refreshedAt: number | null;
  /** Of the last event of its stream that arrived here. */
  readonly revision: number;
}

export interface Segments extends DirectoryPart {
  /** The names that campaigns know the customer by: segments, and cells and groups of analyses. The same array until it changes. */
  of(tenant: TenantId, userId: UserId): readonly string[];
  /** The member's cell, null where the segment has none; undefined for who is not in it. */
  cellOf(tenant: TenantId, segmentId: SegmentId, userId: UserId): string | null | undefined;
  get(tenant: TenantId, segmentId: SegmentId): SegmentRecord | undefined;
  list(tenant: TenantId): Iterable<SegmentRecord>;
  /** Of all tenants, and what they take up. */
  counts(): { readonly memberships: number; readonly bytes: number };
}

/** A cell of a segment, or the whole of one without cells. */
interface Label {
  readonly segmentId: SegmentId;
  readonly cell: string | null;
}

/** A set of labels that some customers have in common. */
interface LabelSet {
  /** Rising. */
  readonly labels: readonly number[];
  /** Made when it is asked for, and again after a segment has changed. */
  names: readonly string[] | null;
}

interface Shelf {
  readonly segments: Map<SegmentId, SegmentRecord>;
  readonly users: UserTable;
  readonly labels: Label[];
  readonly labelNumbers: Map<string, number>;
  /** The first is the empty one. */
  readonly sets: LabelSet[];
  readonly setNumbers: Map<string, number>;
}

const nothing: readonly string[] = [];

const newShelf = (): Shelf => ({
  segments: new Map(),
  users: createUserTable(),
  labels: [],
  labelNumbers: new Map(),
  sets: [{ labels: [], names: nothing }],
  setNumbers: new Map([['', 0]]),
});

const eventTypes: ReadonlySet<string> = new Set(segmentEvents.map(({ type }) => type));

export const createSegments = (): Segments => {
  const shelves = new Map<TenantId, Shelf>();
  const shelfOf = (tenant: TenantId): Shelf => {
    let shelf = shelves.get(tenant);
    if (!shelf) shelves.set(tenant, (shelf = newShelf()));
    return shelf;
  };
  const setOf = (tenant: TenantId, userId: UserId): [Shelf, LabelSet] | undefined => {
    const shelf = shelves.get(tenant);
    const set = shelf?.sets[shelf.users.get(userId)];
    return shelf && set && [shelf, set];
  };

  return {
    eventTypes,
    apply: (fact) => file(shelfOf(fact.metadata.tenant), fact),
    of: (tenant, userId) => {
      const found = setOf(tenant, userId);
      return found ? (found[1].names ?? nameSet(...found)) : nothing;
    },
    cellOf: (tenant, segmentId, userId) => {
      const found = setOf(tenant, userId);
      if (!found) return undefined;
      const [shelf, { labels }] = found;
      for (const number of labels) {
        const label = shelf.labels[number];
        if (label?.segmentId === segmentId) return label.cell;
      }
      return undefined;
    },
    get: (tenant, segmentId) => shelves.get(tenant)?.segments.get(segmentId),
    list: (tenant) => shelves.get(tenant)?.segments.values() ?? [],
    counts: () => {
      let memberships = 0;
      let bytes = 0;
      for (const { segments, users } of shelves.values()) {
        for (const { members } of segments.values()) memberships += members;
        bytes += users.bytes();
      }
      return { memberships, bytes };
    },
  };
};

const nameSet = (shelf: Shelf, set: LabelSet): readonly string[] => {
  set.names = set.labels.flatMap((number) => {
    const { segmentId, cell } = shelf.labels[number] as Label;
    const record = shelf.segments.get(segmentId);
    return record?.status === 'defined' ? namesOf(segmentId, record.definition, cell) : nothing;
  });
  return set.names;
};

const labelOf = (shelf: Shelf, segmentId: SegmentId, cell: string | null): number => {
  const key = `${segmentId} ${cell ?? ''}`;
  let number = shelf.labelNumbers.get(key);
  if (number === undefined) {
    number = shelf.labels.push({ segmentId, cell }) - 1;
    shelf.labelNumbers.set(key, number);
  }
  return number;
};

const setNumberOf = (shelf: Shelf, labels: readonly number[]): number => {
  const key = labels.join();
  let number = shelf.setNumbers.get(key);
  if (number === undefined) {
    number = shelf.sets.push({ labels, names: null }) - 1;
    shelf.setNumbers.set(key, number);
  }
  return number;
};

/** Puts the customer under this label of the segment and no other; null: out of the segment. */
const relabel = (shelf: Shelf, segmentId: SegmentId, userId: UserId, to: number | null): void => {
  const now = shelf.sets[shelf.users.get(userId)]?.labels ?? [];
  const labels = now.filter((number) => shelf.labels[number]?.segmentId !== segmentId);
  if (to !== null) labels.push(to);
  shelf.users.set(
    userId,
    setNumberOf(
      shelf,
      labels.sort((a, b) => a - b),
    ),
  );
};

/** Puts one fact where it belongs. */
const file = (shelf: Shelf, fact: Fact): void => {
  const event = { type: fact.type, data: fact.data } as SegmentEvent;
  const segmentId = (parseStreamName(fact.stream)?.id ?? '') as SegmentId;
  const { revision } = fact;
  const amend = (changes: Partial<SegmentRecord>): void => {
    const record = shelf.segments.get(segmentId);
    if (record) shelf.segments.set(segmentId, { ...record, ...changes, revision });
  };
  const forgetNames = (): void => {
    for (const set of shelf.sets) if (set.labels.length > 0) set.names = null;
  };
  switch (event.type) {
    case 'SegmentDefined':
      shelf.segments.set(segmentId, { ...begun(event.data), revision });
      return;
    case 'SegmentRedefined':
      amend(event.data);
      return forgetNames();
    case 'SegmentMembersAdded':
    case 'SegmentMembersMoved': {
      const { userIds, cells, members } = event.data;
      userIds.forEach((userId, index) =>
        relabel(shelf, segmentId, userId, labelOf(shelf, segmentId, cells?.[index] ?? null)),
      );
      return amend({ members });
    }
    case 'SegmentMembersRemoved':
      for (const userId of event.data.userIds) relabel(shelf, segmentId, userId, null);
      return amend({ members: event.data.members });
    case 'SegmentRefreshed':
      return amend({ refreshedAt: event.data.asOf });
    case 'SegmentRetired':
      amend({ status: 'retired', members: 0 });
      return forgetNames();
    default:
      return unreachable(event);
  }
};

const begun = (
  data: EventOf<(typeof segmentEvents)[0]>['data'],
): Omit<SegmentRecord, 'revision'> => ({
  ...data,
  version: 1,
  status: 'defined',
  members: 0,
  refreshedAt: null,
});
