/**
 * Subscriptions that this process keeps its hands off for a moment: it had to let go of them, and another may have more luck with them. What
 * is over is forgotten, also of subscriptions that there are no more: there are never more than were let go of within the longest rest.
 */
export interface Rests {
  /** Anew where it rests already. */
  begin(key: string, milliseconds: number): void;
  has(key: string): boolean;
  /** To be called now and then. */
  forgetOver(): void;
  readonly size: number;
}

/** @param now milliseconds since the epoch. */
export const createRests = (now: () => number): Rests => {
  const until = new Map<string, number>();
  return {
    begin: (key, milliseconds) => void until.set(key, now() + milliseconds),
    has: (key) => (until.get(key) ?? 0) > now(),
    forgetOver: () => {
      const at = now();
      for (const [key, end] of until) if (end <= at) until.delete(key);
    },
    get size() {
      return until.size;
    },
  };
};
