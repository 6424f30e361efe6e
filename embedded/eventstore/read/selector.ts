/**
 * Picks from blocks the bytes to send: what passes the filter, up to a limit, with checkpoints in between so that a
 * client whose filter lets little through still learns how far the log was searched.
 *
 * Invariant: bytes leave in the order of the log, and events that stand side by side leave as one piece, uncopied.
 */
import { type Block, blockBytes } from '../log/block.js';
import { checkpoint } from '../wire/readAnswers.js';
import type { EventFilter } from './filter.js';

export interface Selection {
  readonly filter: EventFilter | undefined;
  /** A checkpoint goes out after every so many events considered; undefined for none. */
  readonly checkpointEvery: number | undefined;
}

export class Selector {
  private considered = 0;

  constructor(
    private readonly selection: Selection,
    /** How many more events may be sent. */
    public remaining = Number.MAX_SAFE_INTEGER,
  ) {}

  /** Adds to `pieces` what is to be sent of the block's events [from, to). */
  select(block: Block, from: number, to: number, pieces: Buffer[]): void {
    const { filter, checkpointEvery } = this.selection;
    if (!filter) {
      const end = Math.min(to, from + this.remaining);
      if (end > from) pieces.push(blockBytes(block, from, end));
      this.remaining -= end - from;
      return;
    }
    let runStart = -1;
    const endRun = (end: number): void => {
      if (runStart >= 0) pieces.push(blockBytes(block, runStart, end));
      runStart = -1;
    };
    for (let i = from; i < to && this.remaining > 0; i++) {
      if (filter(block.streams[i]!, block.types[i]!)) {
        if (runStart < 0) runStart = i;
        this.remaining--;
        if (this.remaining === 0) endRun(i + 1);
      } else endRun(i);
      if (checkpointEvery !== undefined && ++this.considered % checkpointEvery === 0) {
        endRun(i + 1);
        pieces.push(checkpoint(block.positions[i]!));
      }
    }
    endRun(to);
  }
}

/** One buffer of several, copying only if it must. */
export const joinPieces = (pieces: readonly Buffer[]): Buffer =>
  pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
