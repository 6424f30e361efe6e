/**
 * Optimistic concurrency, decided without I/O: whether an append may be written, must be refused, or may be the
 * repetition of one that was.
 *
 * A repetition is an append whose ids are already stored where it would have put them: at the revisions after the
 * expected one, or, with no exact expectation, one after the other from wherever the first of them stands.
 */
import type { ExpectedRevision } from './append.js';

/** The state of a stream that decides: `revision` is that of the last event, -1 without one. */
export interface StreamState {
  readonly revision: number;
  /** Deleted and not written to since: it may be begun anew. */
  readonly isDeleted: boolean;
}

export type Verdict =
  | 'write'
  | 'refuse'
  /** Refused unless it is a repetition. */
  | 'repeatedOrRefuse'
  /** Written unless it is a repetition. */
  | 'repeatedOrWrite';

export const judge = (expected: ExpectedRevision, state: StreamState): Verdict => {
  if (expected === 'stream_exists')
    return state.revision < 0 || state.isDeleted ? 'refuse' : 'repeatedOrWrite';
  if (expected === 'any') return state.revision < 0 ? 'write' : 'repeatedOrWrite';
  const revision = expected === 'no_stream' ? -1 : expected;
  if (revision === state.revision || (revision === -1 && state.isDeleted)) return 'write';
  return revision > state.revision ? 'refuse' : 'repeatedOrRefuse';
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
  const starts =
    expected === 'any' || expected === 'stream_exists'
      ? storedAt(0).map(({ revision }) => revision)
      : [expected === 'no_stream' ? 0 : expected + 1];
  let began = false;
  for (const start of starts) {
    let last: StoredId | undefined;
    let matched = 0;
    for (; matched < count; matched++) {
      const found = storedAt(matched).find(({ revision }) => revision === start + matched);
      if (!found) break;
      last = found;
    }
    if (matched === count && last) return { kind: 'repeated', last };
    began ||= matched > 0;
  }
  return { kind: began ? 'partial' : 'new' };
};
