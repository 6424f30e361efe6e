/**
 * Starts an embedded store in a thread of its own and keeps to the shape that it has in the caller's: what crosses between the threads is
 * settings, log lines and the stop. The thread's own side is serve.ts.
 */
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { Logger } from '../logger.js';

export interface RunningStore {
  readonly port: number;
  readonly connectionString: string;
  /** Twice is safe. */
  stop(): Promise<void>;
}

export type ThreadMessage =
  | { kind: 'ready'; port: number; connectionString: string }
  | { kind: 'refused'; name: string; message: string }
  | { kind: 'log'; level: keyof Logger; fields: object; message: string };

type Ready = Extract<ThreadMessage, { kind: 'ready' }>;

/** Throws what the store throws when it starts, by name and message. */
export const startThread = async (options: {
  readonly file: URL;
  readonly name: string;
  /** As errors call it, such as `event store`. */
  readonly calledBy: string;
  readonly settings: object;
  readonly resourceLimits: ResourceLimits;
  /** A thread that does not stop within it is ended. */
  readonly stopDeadlineMs: number;
  readonly logger: Logger;
  /** Called when the thread ends without having been stopped: nothing will answer any more. */
  readonly onCrash?: ((error: Error) => void) | undefined;
}): Promise<RunningStore> => {
  const { file, name, calledBy, settings, resourceLimits, stopDeadlineMs, logger } = options;
  const worker = new Worker(file, { workerData: settings, name, resourceLimits });
  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'log') logger[message.level](message.fields, message.message);
  });
  const { port, connectionString } = await untilReady(worker, calledBy);

  let stopped: Promise<void> | undefined;
  let failure: Error | undefined;
  worker.on('error', (error: Error) => (failure = error));
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      resolve();
      if (stopped) return;
      const ended = new Error(`The ${calledBy}'s thread ended by itself with code ${code}.`);
      options.onCrash?.(failure ?? ended);
    });
  });
  /** One that is gone already is left be. */
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => void worker.terminate(), stopDeadlineMs);
    worker.postMessage('stop');
    await exited;
    clearTimeout(timer);
  };
  return { port, connectionString, stop: () => (stopped ??= stop()) };
};

const untilReady = (worker: Worker, calledBy: string): Promise<Ready> =>
  new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      action();
    };
    const onMessage = (message: ThreadMessage): void => {
      if (message.kind === 'ready') settle(() => resolve(message));
      if (message.kind === 'refused') {
        settle(() => reject(Object.assign(new Error(message.message), { name: message.name })));
      }
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (code: number): void => {
      const told = `The ${calledBy}'s thread ended with code ${code} before it was ready.`;
      settle(() => reject(new Error(told)));
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
