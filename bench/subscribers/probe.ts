/** What each of the processes says about itself. */

export interface MemoryUsed {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Buffers: recent events, what is being sent. */
  readonly externalBytes: number;
}

export const memoryUsed = (): MemoryUsed => {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external };
};

/** Epoch milliseconds with fractions, the same in all processes of a machine. */
export const wallClockMs = (): number => performance.timeOrigin + performance.now();
