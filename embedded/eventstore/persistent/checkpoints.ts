/**
 * When a checkpoint is due: at once when the upper bound of events is done, or at a tick when the lower bound is and
 * enough time has passed since the last.
 */
import type { GroupSettings } from './definition.js';
import type { Settled } from './progress.js';

export class Checkpoints {
  private count = 0;
  private writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly settings: Pick<
      GroupSettings,
      'checkpointAfterMs' | 'minCheckpointCount' | 'maxCheckpointCount'
    >,
    /** Revision or position of the last one written; undefined when there is none. */
    private lastPlace: number | undefined,
  ) {}

  get last(): number | undefined {
    return this.lastPlace;
  }

  /** True when there is anything to write down at all. */
  isBehind(settled: Settled): boolean {
    return settled.count > this.count;
  }

  isDue(settled: Settled, now: number, isTick: boolean): boolean {
    if (!this.isBehind(settled)) return false;
    const { checkpointAfterMs, minCheckpointCount, maxCheckpointCount } = this.settings;
    const done = settled.count - this.count;
    if (done >= Math.max(1, maxCheckpointCount)) return true;
    const isTime = checkpointAfterMs > 0 && now - this.writtenAtMs >= checkpointAfterMs;
    return isTick && isTime && done >= minCheckpointCount;
  }

  /** Call when it is written and durable. */
  written(settled: Settled, now: number): void {
    this.count = settled.count;
    this.lastPlace = settled.place;
    this.writtenAtMs = now;
  }
}
