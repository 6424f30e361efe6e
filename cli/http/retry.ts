/**
 * Repeats a request that may be repeated: reads, and commands under an idempotency key. The server's Retry-After is kept to; no
 * answer at all is tried again with back-off: 0.1, 0.2, 0.4 … 5 s, half of it jitter.
 */
import { type Http, NoAnswer, Problem, type Answer, type Call } from './http.js';

export interface Patience {
  /** Tries end after this, counted from the first. */
  readonly totalMs: number;
  readonly signal?: AbortSignal;
}

/** @throws Problem that no repeat will mend, or the last error when patience ran out. */
export const persist = async <Body = unknown>(
  http: Http,
  call: Call,
  { totalMs, signal }: Patience,
): Promise<Answer<Body>> => {
  const giveUpAt = performance.now() + totalMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await http.send<Body>(call);
    } catch (error) {
      const wait = waitMs(error, attempt);
      if (wait === null || signal?.aborted || performance.now() + wait > giveUpAt) throw error;
      await pause(wait, signal);
    }
  }
};

const waitMs = (error: unknown, attempt: number): number | null => {
  if (error instanceof Problem) {
    if (error.code === 'version-conflict') return backOffMs(attempt);
    return error.retryAfter === null ? null : error.retryAfter * 1000 * (0.5 + Math.random() / 2);
  }
  return error instanceof NoAnswer ? backOffMs(attempt) : null;
};

const backOffMs = (attempt: number): number =>
  Math.min(100 * 2 ** (attempt - 1), 5_000) * (0.5 + Math.random() / 2);

export const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
