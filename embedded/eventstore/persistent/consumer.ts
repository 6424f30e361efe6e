/** A consumer as its group sees it: how much it may hold, how much it holds, and how quickly it answers. */
import { Latencies } from './latencies.js';

export class Consumer {
  /** Messages sent and not yet answered. */
  inFlight = 0;
  /** True while its connection takes no more: its own slowness holds up nobody else. */
  isBlocked = false;
  /** Messages sent since it joined, repeats included. */
  totalItems = 0;
  readonly latencies: Latencies | undefined;

  constructor(
    /** Most messages it may hold unanswered. */
    readonly bufferSize: number,
    measured: boolean,
  ) {
    this.latencies = measured ? new Latencies() : undefined;
  }

  get availableSlots(): number {
    return Math.max(0, this.bufferSize - this.inFlight);
  }

  get hasRoom(): boolean {
    return !this.isBlocked && this.inFlight < this.bufferSize;
  }
}
