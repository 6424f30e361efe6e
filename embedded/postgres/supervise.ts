/**
 * Keeps PostgreSQL running: a server that ends without being asked to is started again in the same place, so that whoever lost a
 * connection finds it again at the same address.
 *
 * It gives up where that does not help: no start succeeds for two minutes, or the server ends too often. Then its user is told,
 * who has nothing to work with any more. Nothing that was committed is lost by any of it: PostgreSQL recovers from its own log.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgresLogger } from './logger.js';
import type { Exit, Server } from './server.js';

export interface Supervision {
  /** The one that runs, or the last that ran. */
  readonly server: () => Server;
  /** Stops the server, also one that is being started. Twice is safe. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  /** Clears what the last server left and starts another; breaks off when the signal aborts. */
  readonly restart: (signal: AbortSignal) => Promise<Server>;
  readonly logger: EmbeddedPostgresLogger;
  /** Called once when no server runs and none will. */
  readonly onGivenUp: (exit: Exit) => void;
  readonly limits?: Partial<SupervisionLimits>;
}

export interface SupervisionLimits {
  /** How long starts may fail in a row, ms. */
  readonly restartForMs: number;
  /** More ends than this within `endsWindowMs` are too many. */
  readonly endsMax: number;
  readonly endsWindowMs: number;
}

const defaults: SupervisionLimits = {
  restartForMs: 120_000,
  endsMax: 10,
  endsWindowMs: 5 * 60_000,
};
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export const supervise = (first: Server, options: SuperviseOptions): Supervision => {
  const { restart, logger, onGivenUp } = options;
  const limits = { ...defaults, ...options.limits };
  const stopping = new AbortController();
  const { signal } = stopping;
  let current = first;
  let endedAtMs: number[] = [];

  const endsTooOften = (): boolean => {
    const nowMs = performance.now();
    endedAtMs = [...endedAtMs, nowMs].filter((at) => nowMs - at < limits.endsWindowMs);
    return endedAtMs.length > limits.endsMax;
  };

  const revive = async (): Promise<Server | undefined> => {
    const giveUpAtMs = performance.now() + limits.restartForMs;
    for (let pauseMs = firstPauseMs; !signal.aborted;) {
      try {
        return await restart(signal);
      } catch (error) {
        if (signal.aborted || performance.now() + pauseMs > giveUpAtMs) return undefined;
        logger.warn({ err: error, pauseMs }, 'PostgreSQL could not be started again yet');
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    return undefined;
  };

  const watch = async (): Promise<void> => {
    for (;;) {
      const exit = await current.exited;
      if (signal.aborted) return;
      logger.error({ ...exit }, 'PostgreSQL ended unexpectedly: it is started again');
      const next = endsTooOften() ? undefined : await revive();
      if (next) current = next;
      if (signal.aborted) return current.stop();
      if (!next) return onGivenUp(exit);
      logger.info({ pid: next.pid }, 'PostgreSQL runs again');
    }
  };

  const watching = watch();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await current.stop();
    await watching;
  };
  let stopped: Promise<void> | undefined;
  return { server: () => current, stop: () => (stopped ??= stop()) };
};
