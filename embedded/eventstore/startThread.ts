/**
 * Starts the embedded event store in a thread of its own, so that a busy API does not delay commits nor commits the
 * API. Same shape as `startEventStore`; what crosses between the threads is settings, log lines and the stop.
 */
import { Worker } from 'node:worker_threads';
import {
  silentLogger,
  type EventStoreOptions,
  type Logger,
  type RunningEventStore,
} from './options.js';

export interface EventStoreThreadOptions extends EventStoreOptions {
  /** Called when the thread ends without having been stopped: nothing will answer any more. */
  readonly onCrash?: (error: Error) => void;
}

/** What the thread is started with. */
export type ThreadSettings = Omit<EventStoreOptions, 'logger'>;

export type ThreadMessage =
  | { kind: 'ready'; port: number; connectionString: string }
  | { kind: 'refused'; name: string; message: string }
  | { kind: 'log'; level: keyof Logger; fields: object; message: string };

/** Appends and pages live for one commit: with room for that, collecting the young ones copies next to nothing. */
const YOUNG_GENERATION_MB = 64;
const STOP_DEADLINE_MS = 10_000;

/** Throws what `startEventStore` throws, by name and message. */
export const startEventStoreThread = async ({
  onCrash,
  logger = silentLogger,
  ...settings
}: EventStoreThreadOptions): Promise<RunningEventStore> => {
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: settings satisfies ThreadSettings,
    name: 'eventstore',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'log') logger[message.level](message.fields, message.message);
  });
  const ready = await untilReady(worker);

  let isStopping = false;
  let failure: Error | undefined;
  worker.on('error', (error: Error) => {
    failure = error;
  });
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      resolve();
      if (isStopping) return;
      onCrash?.(
        failure ?? new Error(`The event store's thread ended by itself with code ${code}.`),
      );
    });
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    isStopping = true;
    return (stopped ??= stopWorker(worker, exited));
  };
  return { port: ready.port, connectionString: ready.connectionString, stop };
};

const untilReady = (worker: Worker): Promise<Extract<ThreadMessage, { kind: 'ready' }>> =>
  new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      action();
    };
    const onMessage = (message: ThreadMessage): void => {
      if (message.kind === 'ready') settle(() => resolve(message));
      if (message.kind === 'refused') {
        settle(() => reject(Object.assign(new Error(message.message), { name: message.name })));
      }
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (code: number): void =>
      settle(() =>
        reject(new Error(`The event store's thread ended with code ${code} before it was ready.`)),
      );
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
  });

/** Asks the thread to stop; one that does not within the deadline is ended, one that is gone already is left be. */
const stopWorker = async (worker: Worker, exited: Promise<void>): Promise<void> => {
  const timer = setTimeout(() => void worker.terminate(), STOP_DEADLINE_MS);
  worker.postMessage('stop');
  await exited;
  clearTimeout(timer);
};
