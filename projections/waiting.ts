/**
 * Read your own writes: a query that is given the position of a command waits until the read model has it.
 *
 * In the runner's own process a commit is announced; in any other thread or process the checkpoint row is looked at, by one loop
 * for all who wait and only while somebody does, at first every few milliseconds and then less often.
 */
import type pg from 'pg';
import type { Observable } from 'rxjs';
import type { Position } from '../domain/fact.js';
import type { Advanced } from './runner.js';

/** Answered with 503 and Retry-After: the write is safe, only its effect is not visible here yet. */
export class ProjectionBehind extends Error {
  override readonly name = 'ProjectionBehind';
  constructor(
    readonly projection: string,
    readonly position: Position,
    readonly deadlineMs: number,
    /** Sentences on what holds it up, and what to do; null: it is slower than usual, that is all. */
    readonly why: string | null = null,
  ) {
    super(
      `${projection} has not reached position ${position} within ${deadlineMs} ms: ${why ?? 'repeat the request later.'}`,
    );
  }
}

export interface Waiting {
  /**
   * Resolves when the live version of the read model has applied everything up to `position`.
   * @throws ProjectionBehind after `deadlineMs`
   */
  waitFor(projection: string, position: Position, deadlineMs: number): Promise<void>;
  /** Stops listening and looking; who still waits runs into its deadline. */
  close(): void;
}

export interface WaitingOptions {
  readonly pool: Pick<pg.Pool, 'query'>;
  /** Of a runner in this process. */
  readonly advanced?: Observable<Advanced>;
}

interface Waiter {
  readonly projection: string;
  readonly position: Position;
  readonly resolve: () => void;
}

const firstPollMs = 3;
const lastPollMs = 60;

export const createWaiting = ({ pool, advanced }: WaitingOptions): Waiting => {
  const reached = new Map<string, Position>();
  const waiters = new Set<Waiter>();
  let polling = false;
  let closed = false;
  let pollMs = firstPollMs;

  const announce = (projection: string, position: Position): void => {
    reached.set(projection, position);
    for (const waiter of waiters) {
      if (waiter.projection === projection && waiter.position <= position) waiter.resolve();
    }
  };

  const poll = async (): Promise<void> => {
    const { rows } = await pool.query<{ projection: string; position: string }>({
      name: 'kopilka.checkpoints.live',
      text: `select projection, position from kopilka.checkpoints where status = 'live'`,
    });
    for (const row of rows) announce(row.projection, BigInt(row.position));
  };

  const pollWhileWaited = async (): Promise<void> => {
    polling = true;
    while (waiters.size > 0 && !closed) {
      // A database that is away is noticed by the deadline.
      await poll().catch(() => undefined);
      if (waiters.size === 0) break;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      pollMs = Math.min(pollMs * 1.5, lastPollMs);
    }
    polling = false;
  };

  const subscription = advanced?.subscribe(({ projections, position }) => {
    for (const projection of projections) announce(projection, position);
  });

  return {
    waitFor: (projection, position, deadlineMs) => {
      if ((reached.get(projection) ?? -1n) >= position) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { projection, position, resolve: () => settle(resolve) };
        const timer = setTimeout(
          () => settle(() => reject(new ProjectionBehind(projection, position, deadlineMs))),
          deadlineMs,
        );
        const settle = (answer: () => void): void => {
          clearTimeout(timer);
          waiters.delete(waiter);
          answer();
        };
        waiters.add(waiter);
        pollMs = firstPollMs;
        if (!polling) void pollWhileWaited();
      });
    },
    close: () => {
      closed = true;
      subscription?.unsubscribe();
    },
  };
};
