/**
 * Requests waiting for the writer. A batch takes what has gathered, in order; requests that change what other requests
 * are judged by (deletion, tombstone, stream metadata) are taken alone, so that nobody in their batch sees half of it.
 *
 * Bounded: when more waits than the limits allow, those who fill the queue are asked to hold back until it has drained
 * by half.
 */
import { isMetastream, type WriteRequest } from './append.js';

const BATCH_REQUESTS_MAX = 512;
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
const WAITING_REQUESTS_MAX = 16_384;
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

const standsAlone = ({ kind, stream }: WriteRequest): boolean =>
  kind === 'delete' || kind === 'tombstone' || isMetastream(stream);

export class WriteQueue {
  private waiting: WriteRequest[] = [];
  private next = 0;
  private bytes = 0;
  private held: (() => void)[] = [];

  get length(): number {
    return this.waiting.length - this.next;
  }

  get isFull(): boolean {
    return this.length >= WAITING_REQUESTS_MAX || this.bytes >= WAITING_BYTES_MAX;
  }

  add(request: WriteRequest): void {
    this.waiting.push(request);
    this.bytes += request.bytes;
  }

  /** Calls `resume` once there is room again. */
  whenRoom(resume: () => void): void {
    this.held.push(resume);
  }

  /** Takes the next batch, at most `max` requests; empty when nothing waits. */
  take(max = BATCH_REQUESTS_MAX): WriteRequest[] {
    const taken: WriteRequest[] = [];
    let bytes = 0;
    while (this.next < this.waiting.length && taken.length < max) {
      const request = this.waiting[this.next]!;
      if (taken.length > 0 && (standsAlone(request) || bytes + request.bytes > BATCH_BYTES_MAX))
        break;
      taken.push(request);
      bytes += request.bytes;
      this.next++;
      if (standsAlone(request)) break;
    }
    this.shrink();
    this.bytes -= bytes;
    this.release();
    return taken;
  }

  /** Puts requests that were taken back to the front. */
  putBack(requests: readonly WriteRequest[]): void {
    this.waiting = [...requests, ...this.waiting.slice(this.next)];
    this.next = 0;
    for (const request of requests) this.bytes += request.bytes;
  }

  /** Removes and returns what the predicate picks. */
  removeWhere(pick: (request: WriteRequest) => boolean): WriteRequest[] {
    const rest = this.waiting.slice(this.next);
    const removed = rest.filter(pick);
    if (removed.length === 0) return removed;
    this.waiting = rest.filter((request) => !pick(request));
    this.next = 0;
    for (const request of removed) this.bytes -= request.bytes;
    this.release();
    return removed;
  }

  private shrink(): void {
    if (this.next === this.waiting.length) this.waiting = [];
    else if (this.next > 1024) this.waiting = this.waiting.slice(this.next);
    else return;
    this.next = 0;
  }

  private release(): void {
    if (this.held.length === 0) return;
    if (this.length > WAITING_REQUESTS_MAX / 2 || this.bytes > WAITING_BYTES_MAX / 2) return;
    for (const resume of this.held.splice(0)) resume();
  }
}
