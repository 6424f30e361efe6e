/**
 * What workers ask of the log to share work: the members of a group get each fact between them, at least once.
 *
 * The log remembers what the group has answered; whatever is not answered in time, or by a member that went away, comes again, to
 * any of them. So a member may be one of many processes, and what it does with a fact has to be safe to do twice.
 */
import type { Fact, Position } from '../domain/fact.js';
import type { FeedFilter } from '../projections/feed.js';

export interface Group {
  /** Unique in the log. */
  readonly name: string;
  readonly filter: FeedFilter;
  /** Facts from this position on, the one at it too; null: from the beginning. Only what the group is made with counts. */
  readonly from: Position | null;
  /** A fact not answered within this comes again; 30 s unless told. */
  readonly answerWithinMs?: number;
  /** Times it comes again before it is parked; 10 unless told. */
  readonly retriesMax?: number;
}

/** What to do with a fact that could not be worked on: hand it out again, put it aside for a person to look at, or pass it over. */
export type Refusal = 'retry' | 'park' | 'skip';

export interface Handed {
  readonly fact: Fact;
  /** Times it was handed out before. */
  readonly retries: number;
  /** It is done. @throws LogUnavailable where that may not have been heard: the fact may come again. */
  ack(): Promise<void>;
  /** It is not. @throws LogUnavailable as `ack` does. */
  nack(refusal: Refusal, reason: string): Promise<void>;
}

/** The group was deleted, or never made. */
export class GroupMissing extends Error {
  override readonly name = 'GroupMissing';
  constructor(readonly group: string) {
    super(`the log has no group ${group}: ensure it first`);
  }
}

export interface Groups {
  /** Makes the group where there is none; one that is there stays as it is. */
  ensure(group: Group): Promise<void>;
  /**
   * Joins a group and takes facts, at most `inHand` of them unanswered at a time (10 unless told). Joins again by itself, with
   * back-off, whenever the connection breaks; ends when the signal aborts.
   * @throws GroupMissing
   */
  join(
    name: string,
    options: { readonly signal: AbortSignal; readonly inHand?: number },
  ): AsyncIterable<Handed>;
}
