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
   */
  append(stream: string, expected: ExpectedRevision, facts: readonly NewFact[]): Promise<Appended>;
  /** At most `limit` facts from revision `from` on, in order; none where the stream does not exist. */
  read(stream: string, from: number, limit: number): Promise<Fact[]>;
}

export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
  constructor(readonly stream: string) {
    super(`${stream} was changed by somebody else in the meantime`);
  }
}

export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
}
