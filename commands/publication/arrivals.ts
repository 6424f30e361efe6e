/** Wakes whoever waits for the next publication of a topic in this process; what other processes publish is found by looking. */
export interface Arrivals {
  tell(stream: string): void;
  /** Resolves at the next `tell` of the stream, after `milliseconds`, or when the signal aborts, whichever comes first. */
  wait(stream: string, milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const createArrivals = (): Arrivals => {
  const waiting = new Map<string, Set<() => void>>();
  return {
    tell: (stream) => {
      const waiters = waiting.get(stream);
      waiting.delete(stream);
      for (const wake of waiters ?? []) wake();
    },
    wait: (stream, milliseconds, signal) =>
      new Promise((resolve) => {
        const waiters = waiting.get(stream) ?? new Set();
        waiting.set(stream, waiters);
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          waiters.delete(done);
          if (waiters.size === 0 && waiting.get(stream) === waiters) waiting.delete(stream);
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        waiters.add(done);
        signal.addEventListener('abort', done, { once: true });
        if (signal.aborted) done();
      }),
  };
};
