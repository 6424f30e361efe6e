/** Counts what ends within a window of time that begins after the warm-up. */
import type { Sample } from './latencies.js';

export interface Recorder {
  /** One answer that just arrived, whether in the window or not. */
  record(status: number, milliseconds: number): void;
  /** Once the window is over. */
  sample(): Sample;
}

export const createRecorder = (warmUpSeconds: number, seconds: number): Recorder => {
  const from = performance.now() + warmUpSeconds * 1000;
  const to = from + seconds * 1000;
  const statuses: Record<number, number> = {};
  let latencies = new Uint32Array(1 << 16);
  let count = 0;
  return {
    record: (status, milliseconds) => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      const now = performance.now();
      if (now < from || now >= to) return;
      if (count === latencies.length) {
        const larger = new Uint32Array(count * 2);
        larger.set(latencies);
        latencies = larger;
      }
      latencies[count] = Math.round(milliseconds * 1000);
      count += 1;
    },
    sample: () => ({ latenciesUs: latencies.slice(0, count), seconds, statuses }),
  };
};
