/** What may happen to a segment. See segment.ts for the invariant. */
import type { UserId } from '../ids.js';
import { rejected } from '../rejected.js';
import type { SegmentDefinition, SegmentId } from './definition.js';
import type { DefinedSegment, Segment, SegmentEvent } from './segment.js';

/** @throws Rejected segment-not-found, segment-retired */
export const present = (state: Segment): DefinedSegment => {
  if (state.status === 'unknown') throw rejected('segment-not-found');
  if (state.status === 'retired') throw rejected('segment-retired');
  return state;
};

const isSame = (
  state: DefinedSegment,
  { name, definition }: { readonly name: string; readonly definition: SegmentDefinition },
): boolean =>
  state.name === name && JSON.stringify(state.definition) === JSON.stringify(definition);

/** @throws Rejected already-registered, segment-retired */
export const defineSegment = (
  command: {
    readonly segmentId: SegmentId;
    readonly name: string;
    readonly definition: SegmentDefinition;
  },
  state: Segment,
): SegmentEvent[] => {
  if (state.status === 'unknown') return [{ type: 'SegmentDefined', data: command }];
  if (isSame(present(state), command)) return []; // already carried out
  throw rejected('already-registered', { segmentId: command.segmentId });
};

/** @throws Rejected segment-not-found, segment-retired, segment-kind */
export const redefineSegment = (
  { name, definition }: { readonly name: string; readonly definition: SegmentDefinition },
  state: Segment,
): SegmentEvent[] => {
  const known = present(state);
  if (isSame(known, { name, definition })) return []; // already carried out
  const { kind } = known.definition;
  if (definition.kind !== kind) throw rejected('segment-kind', { kind });
  const version = known.version + 1;
  return [{ type: 'SegmentRedefined', data: { version, name, definition } }];
};

export interface Addition {
  readonly userId: UserId;
  /** Of an analysis. */
  readonly cell?: string;
}

export interface MemberChanges {
  readonly add: readonly Addition[];
  readonly remove: readonly UserId[];
  /** Of the definition that the changes follow from; null: by hand, which only a list allows. */
  readonly version: number | null;
}

/** What is known of the members at the state's own revision: their cell, null without one, undefined for who is no member. */
export type CellOf = (userId: UserId) => string | null | undefined;

/** Leaves out what is so already. @throws Rejected segment-not-found, segment-retired, segment-computed, segment-changed */
export const changeMembers = (
  { add, remove, version }: MemberChanges,
  state: Segment,
  cellOf: CellOf,
): SegmentEvent[] => {
  const known = present(state);
  const { kind } = known.definition;
  if (version === null && kind !== 'static') throw rejected('segment-computed', { kind });
  if (version !== null && version !== known.version) {
    throw rejected('segment-changed', { version: known.version });
  }
  const wanted = new Map(add.map(({ userId, cell }) => [userId, cell ?? null]));
  const added: UserId[] = [];
  const moved: UserId[] = [];
  for (const [userId, cell] of wanted) {
    const now = cellOf(userId);
    if (now === undefined) added.push(userId);
    else if (now !== cell) moved.push(userId);
  }
  const removed = [...new Set(remove)].filter(
    (userId) => !wanted.has(userId) && cellOf(userId) !== undefined,
  );

  const cellsOf = (userIds: readonly UserId[]) => userIds.map((userId) => wanted.get(userId) ?? '');
  const events: SegmentEvent[] = [];
  let { members } = known;
  if (removed.length > 0) {
    members -= removed.length;
    events.push({ type: 'SegmentMembersRemoved', data: { userIds: removed, members } });
  }
  if (added.length > 0) {
    members += added.length;
    const cells = kind === 'analytic' ? { cells: cellsOf(added) } : {};
    events.push({ type: 'SegmentMembersAdded', data: { userIds: added, ...cells, members } });
  }
  if (moved.length > 0) {
    const data = { userIds: moved, cells: cellsOf(moved), members };
    events.push({ type: 'SegmentMembersMoved', data });
  }
  return events;
};

/** Nothing where the refresh before found the same. @throws Rejected segment-not-found, segment-retired, segment-changed */
export const recordRefresh = (
  { version, asOf }: { readonly version: number; readonly asOf: number },
  state: Segment,
): SegmentEvent[] => {
  const known = present(state);
  if (version !== known.version) throw rejected('segment-changed', { version: known.version });
  const { members, sinceRefresh } = known;
  const { added, moved, removed } = sinceRefresh;
  if (known.refreshedVersion === version && added + moved + removed === 0) return [];
  return [{ type: 'SegmentRefreshed', data: { version, asOf, members, ...sinceRefresh } }];
};

/** @throws Rejected segment-not-found */
export const retireSegment = (
  { reason }: { readonly reason: string },
  state: Segment,
): SegmentEvent[] => {
  if (state.status === 'unknown') throw rejected('segment-not-found');
  if (state.status === 'retired') return []; // already carried out
  return [{ type: 'SegmentRetired', data: { reason } }];
};
