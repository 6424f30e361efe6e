/**
 * Callers that wait until a read model has reached a place in the log. Each has a deadline; none is left hanging.
 */
import type { Position } from '../domain/fact.js';

export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor(
    readonly position: Position,
    readonly deadlineMs: number,
  ) {
    super(
      `Position ${position} was not reached within ${deadlineMs} ms: repeat the request later.`,
    );
  }
}

export interface Waiters {
  /** Resolves at `reached(position)` or beyond. @throws DeadlineExceeded */
  add(position: Position, deadlineMs: number): Promise<void>;
  reached(position: Position): void;
  readonly size: () => number;
}

interface Waiter {
  readonly position: Position;
  readonly resolve: () => void;
}

export const createWaiters = (): Waiters => {
  const waiting = new Set<Waiter>();
  return {
    add: (position, deadlineMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(waiter);
          reject(new DeadlineExceeded(position, deadlineMs));
        }, deadlineMs);
        const waiter: Waiter = {
          position,
          resolve: () => {
            clearTimeout(timer);
            waiting.delete(waiter);
            resolve();
          },
        };
        waiting.add(waiter);
      }),
    reached: (position) => {
      for (const waiter of waiting) if (waiter.position <= position) waiter.resolve();
    },
    size: () => waiting.size,
  };
};
