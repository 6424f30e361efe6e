/**
 * Which process sends the messages of a lane: one at a time, for as long as it says so. A lease only spares work: that nothing is begun by
 * two is the journal's own doing (journal.ts).
 */
import type { LaneRow } from '../../projections/outbox/queries.js';

export interface LaneLeases {
  /** Those of the lanes that nobody holds, at most `most`, for `forMs`. */
  claim(
    owner: string,
    lanes: readonly LaneRow[],
    most: number,
    forMs: number,
  ): Promise<readonly LaneRow[]>;
  /** Prolongs what the owner holds and says that it is there. @returns what it still holds, and how many owners there are. */
  renew(
    owner: string,
    forMs: number,
  ): Promise<{ readonly held: readonly LaneRow[]; readonly owners: number }>;
  release(owner: string, lanes: readonly LaneRow[]): Promise<void>;
  /** Gives all back, and nobody counts on this owner any more. */
  leave(owner: string): Promise<void>;
}
