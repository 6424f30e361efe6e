/** How far a worker has come in the log, kept for it between runs. */
import type { Position } from '../domain/fact.js';

export interface Checkpoints {
  /** Null before the first save. */
  load(worker: string): Promise<Position | null>;
  save(worker: string, position: Position): Promise<void>;
}
