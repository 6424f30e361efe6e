/**
 * Deadlines of many calls under one timer. A timer for each append is a measurable part of what an append costs; here it costs an
 * entry in a set, and one tick for all of them looks at who is late.
 *
 * Invariant: whoever waits is answered at the latest one tick after his deadline, whatever becomes of the call. The call itself
 * goes on: how it ends is dropped.
 */
import { LogUnavailable } from '../../commands/log.js';

export interface Deadlines {
  /** The outcome of `work`, or LogUnavailable with what was being done (`what`, of which stream) when it comes too late. */
  within<Result>(
    work: Promise<Result>,
    milliseconds: number,
    what: string,
    of: string,
  ): Promise<Result>;
  /** Calls that are waited for. */
  readonly waiting: () => number;
}

interface Waiting {
  readonly dueAt: number;
  readonly milliseconds: number;
  readonly what: string;
  readonly of: string;
  readonly reject: (error: LogUnavailable) => void;
}

export const createDeadlines = (tickMs = 50): Deadlines => {
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;

  const tick = (): void => {
    const now = performance.now();
    for (const entry of waiting) {
      if (entry.dueAt > now) continue;
      waiting.delete(entry);
      entry.reject(
        new LogUnavailable(
          `${entry.what} ${entry.of}: no answer within ${Math.round(entry.milliseconds)} ms`,
        ),
      );
    }
    if (waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    within: (work, milliseconds, what, of) =>
      new Promise((resolve, reject) => {
        const dueAt = performance.now() + milliseconds;
        const entry: Waiting = { dueAt, milliseconds, what, of, reject };
        waiting.add(entry);
        timer ??= setInterval(tick, tickMs);
        work.then(
          (result) => {
            waiting.delete(entry);
            resolve(result);
          },
          (error: unknown) => {
            waiting.delete(entry);
            reject(error);
          },
        );
      }),
    waiting: () => waiting.size,
  };
};
