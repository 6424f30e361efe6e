/**
 * Keeps the directory fed: a subscription from the beginning of the log to its end and on, over the registry's events only.
 */
import type { Directory } from '../../commands/directory.js';
import type { Feed } from '../../projections/feed.js';

export interface DirectoryFeed {
  /** Resolves when everything that was in the log at the start is applied. @throws LogOutOfReach after `deadlineMs`. */
  start(deadlineMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** The log does not answer, or not in time. */
export class LogOutOfReach extends Error {
  override readonly name = 'LogOutOfReach';
  constructor(deadlineMs: number) {
    super(
      `The log was not read to its end within ${deadlineMs / 1_000} s: see that the server in KOPILKA_EVENTSTORE_URL answers, and what the log lines above say of it.`,
    );
  }
}

export const createDirectoryFeed = (
  feed: Feed,
  directory: Directory,
  onFailed: (error: unknown) => void,
): DirectoryFeed => {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const run = async (onCaughtUp: () => void): Promise<void> => {
    const subscription = feed.subscribe({
      from: directory.position,
      filter: { eventTypes: [...directory.eventTypes] },
      signal: stopping.signal,
    });
    for await (const item of subscription) {
      if (item.kind === 'fact') directory.apply(item.fact);
      else if (item.kind === 'checkpoint') directory.advance(item.position);
      else onCaughtUp();
    }
  };

  return {
    start: (deadlineMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new LogOutOfReach(deadlineMs)), deadlineMs);
        const settled = (then: () => void) => () => {
          clearTimeout(timer);
          then();
        };
        running = run(settled(resolve)).catch((error: unknown) => {
          settled(() => reject(error))();
          onFailed(error);
        });
      }),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
