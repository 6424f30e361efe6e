/** Latencies of one sample or of several put together, and what is said about them. */

export interface Sample {
  /** Of the requests that ended within the measured time, microseconds, in the order they ended. */
  readonly latenciesUs: Uint32Array;
  readonly seconds: number;
  /** Answers of the whole run, warm-up included, by status; 0 is a connection that failed or timed out. */
  readonly statuses: Readonly<Record<number, number>>;
}

export interface Statistics {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Of the single samples: how far the machine drifted. */
  readonly perSecondLowest: number;
  readonly perSecondHighest: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly non2xx: number;
  readonly statuses: Readonly<Record<number, number>>;
}

const percentile = (sorted: Uint32Array, share: number): number =>
  (sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0) / 1000;

const addStatuses = (samples: readonly Sample[]): Record<number, number> => {
  const sum: Record<number, number> = {};
  for (const { statuses } of samples) {
    for (const [status, count] of Object.entries(statuses)) {
      sum[Number(status)] = (sum[Number(status)] ?? 0) + count;
    }
  }
  return sum;
};

/** Every request counts alike, whichever sample it was in. */
export const summarise = (samples: readonly Sample[]): Statistics => {
  const requests = samples.reduce((sum, { latenciesUs }) => sum + latenciesUs.length, 0);
  const seconds = samples.reduce((sum, sample) => sum + sample.seconds, 0);
  const all = new Uint32Array(requests);
  let offset = 0;
  for (const { latenciesUs } of samples) {
    all.set(latenciesUs, offset);
    offset += latenciesUs.length;
  }
  all.sort();
  const rates = samples.map((sample) => sample.latenciesUs.length / sample.seconds);
  const statuses = addStatuses(samples);
  const non2xx = Object.entries(statuses)
    .filter(([status]) => Number(status) < 200 || Number(status) > 299)
    .reduce((sum, [, count]) => sum + count, 0);
  return {
    requests,
    seconds,
    perSecond: requests / seconds,
    perSecondLowest: Math.min(...rates),
    perSecondHighest: Math.max(...rates),
    p50Ms: percentile(all, 0.5),
    p95Ms: percentile(all, 0.95),
    p99Ms: percentile(all, 0.99),
    maxMs: percentile(all, 1),
    non2xx,
    statuses,
  };
};
