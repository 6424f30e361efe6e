/**
 * Read your own writes of documents: a search that is given the position of a publication waits until it is there. Whoever fills the
 * documents announces how far they are; in a process that does not, the checkpoint is looked at while somebody waits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '../../domain/fact.js';
import { ProjectionBehind } from '../waiting.js';

export interface Reached {
  announce(projection: string, position: Position): void;
  /** @throws ProjectionBehind after the deadline. */
  waitFor(projection: string, position: Position, deadlineMs: number): Promise<void>;
  /** Whoever waits runs into its deadline. Twice is safe. */
  close(): void;
}

const lookMs = 50;

/** @param look at the checkpoint; null: it is announced here. */
export const createReached = (
  look: ((projection: string) => Promise<Position>) | null,
): Reached => {
  const furthest = new Map<string, Position>();
  const waiters = new Set<() => void>();
  let closed = false;
  const isThere = (projection: string, position: Position): boolean =>
    (furthest.get(projection) ?? -1n) >= position;

  const announce = (projection: string, position: Position): void => {
    if (isThere(projection, position)) return;
    furthest.set(projection, position);
    for (const wake of [...waiters]) wake();
  };

  /** Until the next announcement, or the end of the time. */
  const next = async (milliseconds: number): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    let wake = (): void => undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
      waiters.add((wake = resolve));
    });
    clearTimeout(timer);
    waiters.delete(wake);
  };

  return {
    announce,
    waitFor: async (projection, position, deadlineMs) => {
      const until = performance.now() + deadlineMs;
      while (!isThere(projection, position)) {
        const left = until - performance.now();
        if (left <= 0 || closed) throw new ProjectionBehind(projection, position, deadlineMs);
        if (!look) await next(left);
        else {
          announce(projection, await look(projection));
          if (!isThere(projection, position)) await sleep(Math.min(lookMs, left));
        }
      }
    },
    close: () => {
      closed = true;
      for (const wake of [...waiters]) wake();
    },
  };
};
