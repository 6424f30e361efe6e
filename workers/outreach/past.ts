/**
 * What somebody else began in a lane, where it matters whom it went to: for messages that are counted for caps. The journal tells that
 * something was begun, the tables of the queue to whom.
 *
 * Invariant: nothing that is counted is begun without knowing everything that was begun in its lane before. Whoever takes a lane over waits for
 * the tables to know what the one before it did; and what was decided on while another wrote there is not begun, but decided on anew.
 */
import { classRules } from '../../domain/message/kinds.js';
import type { Lane } from './lane.js';
import type { QueueTables } from './ports.js';
import type { ChunkOf } from './prepare.js';

export interface Past {
  /** The tables tell all of it; ask again in a moment. */
  readonly isKnown: boolean;
  /** Nothing came to it since. */
  readonly isStill: () => boolean;
}

/** The tables are about to know. */
export const pastMs = 50;

const anyPast: Past = { isKnown: true, isStill: () => true };

export const pastOf = async (
  lane: Lane,
  { class: of, rules }: ChunkOf,
  tables: Pick<QueueTables, 'laneReach'>,
): Promise<Past> => {
  if (!classRules[of].isCapped || rules.caps.length === 0) return anyPast;
  if (!lane.isPastKnown) lane.reached(await tables.laneReach(lane));
  const { othersBegan } = lane.journal;
  return { isKnown: lane.isPastKnown, isStill: () => lane.journal.othersBegan === othersBegan };
};
