/**
 * How long a consumer took over its last messages, in the measurements of a real server's extra statistics. Keys are
 * its keys.
 */
const WINDOW = 1000;

/** Percentiles given beside the quintiles, by key. */
const PERCENTILES = [
  ['90%', 0.9],
  ['95%', 0.95],
  ['99%', 0.99],
  ['99.5%', 0.995],
  ['99.9%', 0.999],
] as const;

export interface Measurement {
  readonly key: string;
  /** ms */
  readonly value: number;
}

export class Latencies {
  private readonly window: number[] = [];
  private next = 0;

  add(ms: number): void {
    this.window[this.next] = ms;
    this.next = (this.next + 1) % WINDOW;
  }

  /** None until something has been measured. */
  measurements(): Measurement[] {
    const sorted = [...this.window].sort((a, b) => a - b);
    if (sorted.length === 0) return [];
    const at = (share: number): number =>
      sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)]!;
    const sum = sorted.reduce((total, ms) => total + ms, 0);
    return [
      { key: 'Mean', value: Math.round(sum / sorted.length) },
      { key: 'Median', value: at(0.5) },
      { key: 'Fastest', value: sorted[0]! },
      ...[0, 1, 2, 3, 4].map((i) => ({ key: `Quintile ${i + 1}`, value: at(i / 5) })),
      ...PERCENTILES.map(([key, share]) => ({ key, value: at(share) })),
      { key: 'Highest', value: sorted.at(-1)! },
    ];
  }
}
