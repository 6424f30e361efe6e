/**
 * How far a group has come: which messages are still open, and so what may be written down as done.
 *
 * Invariant: a checkpoint is never at or beyond a message that is still open, wherever that waits: in the buffer, with
 * a consumer, for a retry or on its way to the parked stream. Only open messages are remembered, so one that stays open
 * for hours costs nothing while thousands behind it are done.
 */

/** A point up to which everything is done. */
export interface Settled {
  /** Revision or position of the last event done with. */
  readonly place: number;
  /** How many events were done up to there since the group was started. */
  readonly count: number;
}

export class Progress {
  /** By sequence, in its order: the place of the event before. */
  private readonly open = new Map<number, number>();
  private lastPlace: number;
  private count = 0;

  constructor(place: number) {
    this.lastPlace = place;
  }

  /** Revision or position of the last event taken up or passed over. */
  get considered(): number {
    return this.lastPlace;
  }

  /** Takes up an event and returns its sequence. */
  take(place: number): number {
    const sequence = this.count++;
    this.open.set(sequence, this.lastPlace);
    this.lastPlace = place;
    return sequence;
  }

  /** Passes over an event that is not for this group. `counts` is false for what must not bring a checkpoint nearer. */
  pass(place: number, counts: boolean): void {
    this.lastPlace = place;
    if (counts) this.count++;
  }

  settle(sequence: number): void {
    this.open.delete(sequence);
  }

  settled(): Settled {
    const first = this.open.entries().next();
    if (first.done) return { place: this.lastPlace, count: this.count };
    const [count, place] = first.value;
    return { place, count };
  }
}
