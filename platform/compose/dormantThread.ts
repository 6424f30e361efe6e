/**
 * A thread that starts with the first fact of its kind, and again when it ended by itself: tills notice neither, and a Kopilka without such
 * facts has no such thread. It is told to stop by a message, and ended when it does not hear it. What it logs is logged here.
 */
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { LogLine } from '../../embedded/thread/forwardLog.js';
import type { Feed } from '../../projections/feed.js';
import { backOffMs, pause } from '../../projections/pause.js';
import type { PartState } from '../lifecycle.js';
import type { Logger } from '../logging.js';

export interface DormantThread<Told = never> {
  /** Where it runs. Otherwise it wakes one that nothing else wakes; for others it is lost, so they are told only what they find out, too. */
  tell(message: Told): void;
  /** Twice is safe. */
  stop(): Promise<void>;
  state(): PartState;
}

const stopDeadlineMs = 8_000;
const restart = { firstMs: 1_000, mostMs: 60_000 } as const;
const soundAfterMs = 60_000;
const waitingMax = 1_000;

const isLogLine = (message: { readonly kind: string }): message is LogLine =>
  message.kind === 'log';

export const openDormantThread = <
  Message extends { readonly kind: string },
  Told extends { readonly kind: string } = never,
>(options: {
  /** For the log and for debuggers. */
  readonly name: string;
  readonly program: URL;
  /** Handed to the thread. */
  readonly settings: unknown;
  readonly resourceLimits?: ResourceLimits;
  /** Types of the facts that wake it; none: what it is told wakes it. */
  readonly triggers: readonly string[];
  readonly feed: Feed;
  readonly logger: Logger;
  /** Of what it tells besides log lines. */
  readonly onMessage: (message: Exclude<Message, LogLine>) => void;
}): DormantThread<Told> => {
  const { name, program, settings, resourceLimits = {}, triggers, feed, logger } = options;
  const stopping = new AbortController();
  let worker: Worker | null = null;
  let isAwake = false;
  const isWokenByWords = triggers.length === 0;
  /** Told while it does not run. */
  let waiting: Told[] = [];
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));

  /** @returns whether there will ever be something to do. */
  const firstFact = async (): Promise<boolean> => {
    if (isWokenByWords) {
      await woken;
      return !stopping.signal.aborted;
    }
    const seen = new AbortController();
    const signal = AbortSignal.any([stopping.signal, seen.signal]);
    const filter = { eventTypes: triggers };
    for await (const { kind } of feed.subscribe({ from: null, filter, signal })) {
      if (kind !== 'fact') continue;
      seen.abort();
      return true;
    }
    return false;
  };

  const hear = (message: LogLine | Exclude<Message, LogLine>): void => {
    if (isLogLine(message)) logger[message.level](message.fields, message.message);
    else options.onMessage(message);
  };

  const runOnce = (): Promise<Error | null> =>
    new Promise((resolve) => {
      const started = new Worker(program, { workerData: settings, name, resourceLimits });
      worker = started;
      let failure: Error | null = null;
      started.on('message', hear);
      started.on('error', (error: Error) => (failure = error));
      started.once('exit', (code) => {
        worker = null;
        resolve(failure ?? (code === 0 ? null : new Error(`it ended with code ${code}`)));
      });
      for (const told of waiting.splice(0)) started.postMessage(told);
      if (stopping.signal.aborted) started.postMessage('stop');
    });

  const run = async (): Promise<void> => {
    if (!(await firstFact())) return;
    isAwake = true;
    for (let failures = 0; !stopping.signal.aborted;) {
      const startedAt = performance.now();
      const error = await runOnce();
      if (stopping.signal.aborted) return;
      failures = performance.now() - startedAt > soundAfterMs ? 1 : failures + 1;
      logger.error({ err: error, thread: name }, 'a thread ended by itself and is started again');
      await pause(backOffMs(failures, restart.firstMs, restart.mostMs), stopping.signal);
    }
  };
  const running = run().catch((error: unknown) =>
    logger.error({ err: error, thread: name }, 'a thread was given up'),
  );

  const stop = async (): Promise<void> => {
    stopping.abort();
    wake();
    const timer = setTimeout(() => void worker?.terminate(), stopDeadlineMs);
    worker?.postMessage('stop');
    await running;
    clearTimeout(timer);
  };
  let stopped: Promise<void> | undefined;
  return {
    tell: (message) => {
      if (worker) return worker.postMessage(message);
      if (!isWokenByWords) return;
      waiting = [...waiting, message].slice(-waitingMax);
      wake();
    },
    stop: () => (stopped ??= stop()),
    state: () => (worker ? 'running' : isAwake ? 'restarting' : 'asleep'),
  };
};
