/**
 * The replay of parked messages: which of them are open again. The parked stream is truncated only up to the first
 * open one, so a crash in the middle of a replay leaves the rest parked instead of losing them.
 */

/** Sequences of replayed messages: after those of all others that are to be tried again. */
const FIRST_SEQUENCE = 2 ** 52;

export class Replay {
  /** Revision in the parked stream of the next message to take up. */
  next = 0;
  /** Revision to stop before; undefined when nothing is being replayed. */
  stopAt: number | undefined;
  private readonly open = new Map<number, number>();
  private taken = 0;

  get openCount(): number {
    return this.open.size;
  }

  /** Begins, or extends, a replay of the messages from `first` up to before `stopAt`. */
  begin(first: number, stopAt: number): void {
    this.next = Math.max(this.next, first);
    this.stopAt = Math.max(this.stopAt ?? 0, stopAt);
  }

  take(parkedAt: number): number {
    const sequence = FIRST_SEQUENCE + this.taken++;
    this.open.set(sequence, parkedAt);
    this.next = parkedAt + 1;
    return sequence;
  }

  /** All of them are taken up. */
  finish(): void {
    this.next = Math.max(this.next, this.stopAt ?? 0);
    this.stopAt = undefined;
  }

  settle(sequence: number): void {
    this.open.delete(sequence);
  }

  /** All parked messages below this revision are done with. */
  get doneBelow(): number {
    const first = this.open.values().next();
    return first.done ? this.next : first.value;
  }
}
