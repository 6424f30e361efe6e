/**
 * Optimistic concurrency, decided without I/O: whether an append may be written, must be refused, or may be the
 * repetition of one that was.
 *
 * A repetition is an append whose ids are already stored where it would have put them: at the revisions after the
 * expected one, or, with no exact expectation, anywhere in the stream.
 */
import type { ExpectedRevision } from './append.js';

/** The state of a stream that decides: `revision` is that of the last event, -1 without one. */
export interface StreamState {
  readonly revision: number;
  /** Deleted and not written to since: it may be begun anew. */
  readonly isDeleted: boolean;
  /** Metadata alone make a stream exist. */
  readonly hasMetadata: boolean;
}

export type Verdict =
  | 'write'
  | 'refuse'
  /** Refused because the stream must exist and is deleted. */
  | 'deleted'
  /** Refused unless it is a repetition. */
  | 'repeatedOrRefuse'
  /** Written unless it is a repetition. */
  | 'repeatedOrWrite';

export const judge = (expected: ExpectedRevision, state: StreamState): Verdict => {
  if (expected === 'stream_exists') {
    if (state.isDeleted) return 'deleted';
    if (state.revision >= 0) return 'repeatedOrWrite';
    return state.hasMetadata ? 'write' : 'refuse';
  }
  if (expected === 'any') return state.revision < 0 ? 'write' : 'repeatedOrWrite';
  const revision = expected === 'no_stream' ? -1 : expected;
  if (revision === state.revision) return 'write';
  if (revision > state.revision) return 'refuse';
  return revision === -1 && state.isDeleted ? 'repeatedOrWrite' : 'repeatedOrRefuse';
};

/** An event of the stream that has the id of one proposed. */
export interface StoredId {
  readonly revision: number;
  readonly position: number;
}

export type Repetition =
  { kind: 'repeated'; last: StoredId } | { kind: 'new' } | { kind: 'partial' };

/**
 * Compares proposed ids with stored ones. `storedAt(i)` gives every place in the stream where the id of proposed
 * event i stands. `partial` means that it began like a repetition and did not go on like one.
 */
export const findRepetition = (
  expected: ExpectedRevision,
  count: number,
  storedAt: (index: number) => readonly StoredId[],
): Repetition => {
  if (expected === 'any' || expected === 'stream_exists') return findAnywhere(count, storedAt);
  const start = expected === 'no_stream' ? 0 : expected + 1;
  let last: StoredId | undefined;
  for (let i = 0; i < count; i++) {
    const found = storedAt(i).find(({ revision }) => revision === start + i);
    if (!found) return { kind: i === 0 ? 'new' : 'partial' };
    last = found;
  }
  return last ? { kind: 'repeated', last } : { kind: 'new' };
};

/** An id that stands in several places counts as where it was stored last. */
const findAnywhere = (
  count: number,
  storedAt: (index: number) => readonly StoredId[],
): Repetition => {
  let last: StoredId | undefined;
  for (let i = 0; i < count; i++) {
    const places = storedAt(i);
    if (places.length === 0) return { kind: i === 0 ? 'new' : 'partial' };
    last = places.reduce((latest, place) => (place.revision > latest.revision ? place : latest));
  }
  return last ? { kind: 'repeated', last } : { kind: 'new' };
};
