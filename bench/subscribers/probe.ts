/** What each of the processes says about itself. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface MemoryUsed {
  readonly rssBytes: number;
  /** After a full collection: what is really held, not how much room V8 gives itself. */
  readonly heapBytes: number;
  /** Buffers: recent events, what is being sent. */
  readonly externalBytes: number;
}

let collect: (() => void) | undefined;

export const memoryUsed = (): MemoryUsed => {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // Twice: what a collection lets go of outside of the heap is counted as held until the next one begins.
  collect();
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external };
};

/** Epoch milliseconds with fractions, the same in all processes of a machine. */
export const wallClockMs = (): number => performance.timeOrigin + performance.now();
