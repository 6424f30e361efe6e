/**
 * Read your own writes of documents: a search that is given the position of a publication waits until it is there. Whoever fills the
 * documents announces how far they are; in a process that does not, the checkpoint is looked at while somebody waits. Who waits for longer
 * than a write takes may wait for what never comes to this read model: then the log is asked.
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

/** Up to where nothing lies after `from` that would come to it; null: it is not known. */
export type PassedOver = (
  projection: string,
  from: Position,
  signal: AbortSignal,
) => Promise<Position | null>;

const lookMs = 50;
const passOverMs = { first: 100, most: 1_000 } as const;

/**
 * @param look at the checkpoint; null: it is announced here
 * @param passedOver left out: whoever waits for what never comes waits for the deadline
 */
export const createReached = (
  look: ((projection: string) => Promise<Position>) | null,
  passedOver: PassedOver = async () => null,
): Reached => {
  const furthest = new Map<string, Position>();
  const passing = new Map<string, Promise<void>>();
  const closing = new AbortController();
  const waiters = new Set<() => void>();
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

  /** The same for all who wait for it. */
  const passOver = (projection: string): Promise<void> => {
    const asked =
      passing.get(projection) ??
      passedOver(projection, furthest.get(projection) ?? 0n, closing.signal)
        .then((to) => void (to !== null && announce(projection, to)))
        .catch(() => undefined) // the log is away: the deadline tells
        .finally(() => passing.delete(projection));
    passing.set(projection, asked);
    return asked;
  };

  /** Now and then, until the signal aborts. */
  const passOverMeanwhile = async (projection: string, signal: AbortSignal): Promise<void> => {
    for (let waitMs: number = passOverMs.first; ; waitMs = Math.min(2 * waitMs, passOverMs.most)) {
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await passOver(projection);
    }
  };

  const untilThere = async (
    projection: string,
    position: Position,
    deadlineMs: number,
  ): Promise<void> => {
    const until = performance.now() + deadlineMs;
    while (!isThere(projection, position)) {
      const left = until - performance.now();
      if (left <= 0 || closing.signal.aborted)
        throw new ProjectionBehind(projection, position, deadlineMs);
      if (!look) await next(left);
      else {
        announce(projection, await look(projection));
        if (!isThere(projection, position)) await sleep(Math.min(lookMs, left));
      }
    }
  };

  return {
    announce,
    waitFor: async (projection, position, deadlineMs) => {
      if (isThere(projection, position)) return;
      const settled = new AbortController();
      void passOverMeanwhile(projection, settled.signal);
      await untilThere(projection, position, deadlineMs).finally(() => settled.abort());
    },
    close: () => {
      closing.abort();
      for (const wake of [...waiters]) wake();
    },
  };
};
