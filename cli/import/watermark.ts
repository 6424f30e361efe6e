/** How far everything is settled without a gap, when things are settled out of order. Numbers count from 0. */
export interface Watermark {
  settle(sequence: number): void;
  /** Everything below is settled. */
  readonly value: () => number;
}

export const createWatermark = (from: number): Watermark => {
  let value = from;
  const ahead = new Set<number>();
  return {
    settle: (sequence) => {
      ahead.add(sequence);
      while (ahead.delete(value)) value += 1;
    },
    value: () => value,
  };
};
