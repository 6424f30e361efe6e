/**
 * What the write side asks of the log: append with an expected revision, read a stream back.
 *
 * The interface belongs to its consumer; platform/eventstore implements it over the official client, platform/memory for tests.
 */
import type { Fact, NewFact, Position } from '../domain/fact.js';

/** The revision the stream must be at: of its last event, 'noStream' for a stream that does not exist, 'any' for no check. */
export type ExpectedRevision = number | 'noStream' | 'any';

export interface Appended {
  readonly position: Position;
  /** Of the last event appended. */
  readonly revision: number;
}

export interface Log {
  /**
   * Durable when it answers. Repeating an append with the same event ids is the same append.
   * @throws VersionConflict when the stream is not at the expected revision.
   * @throws LogUnavailable when the outcome could not be learned in time: reload and decide again.
   * @throws LogRefused when it can never be appended.
   */
  append(stream: string, expected: ExpectedRevision, facts: readonly NewFact[]): Promise<Appended>;
  /** At most `limit` facts from revision `from` on, in order; none where the stream does not exist. */
  read(stream: string, from: number, limit: number): Promise<Fact[]>;
}

/**
 * What may be done after a failure: send the same again (it is carried out once), read the stream again and decide anew, or nothing.
 */
export type Retry = 'same' | 'decideAgain' | 'never';

/** The failures of the log. Whatever else it throws is a bug. */
export type LogError = VersionConflict | LogUnavailable | LogRefused;

export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
  readonly retry: Retry = 'decideAgain';
  readonly next = 'Read the stream again and decide again.';
  constructor(readonly stream: string) {
    super(`${stream} was changed by somebody else in the meantime`);
  }
}

/** No answer, or one that says "not now": an append may or may not be in the log. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
  readonly retry: Retry = 'same';
  readonly next = 'Repeat it with the same event ids: it is carried out once.';
}

const refusals = {
  'stream-deleted': ['was deleted for ever', 'Nothing can be appended to it any more.'],
  'access-denied': ['may not be used', "Check the user and password in the log's address."],
  'too-large': ['was to get more than one append may hold', 'Split what is appended.'],
} as const;

/** The log will never take this as it is. */
export class LogRefused extends Error {
  override readonly name = 'LogRefused';
  readonly retry: Retry = 'never';
  readonly next: string;
  constructor(
    readonly reason: keyof typeof refusals,
    readonly stream: string,
  ) {
    const [happened, next] = refusals[reason];
    super(`${stream} ${happened}`);
    this.next = next;
  }
}
