/**
 * Starts the embedded document store in a thread of its own, so that a search that looks at many documents delays no till. Same
 * shape as `startMongo`; what crosses between the threads is settings, log lines and the stop.
 *
 * Its memory has a bound of its own: a store that outgrows it ends its thread, never the process, and can be filled anew.
 */
import { Worker } from 'node:worker_threads';
import { type Logger, type MongoOptions, type RunningMongo, silentLogger } from './options.js';

export interface MongoThreadOptions extends MongoOptions {
  /** Called when the thread ends without having been stopped: nothing will answer any more. */
  readonly onCrash?: (error: Error) => void;
  /** Of the documents and their indexes; megabytes. */
  readonly memoryMaxMb?: number;
}

/** What the thread is started with. */
export type ThreadSettings = Omit<MongoOptions, 'logger'>;

export type ThreadMessage =
  | { kind: 'ready'; port: number; connectionString: string }
  | { kind: 'refused'; name: string; message: string }
  | { kind: 'log'; level: keyof Logger; fields: object; message: string };

type Ready = Extract<ThreadMessage, { kind: 'ready' }>;

const memoryMaxMbDefault = 2_048;
const stopDeadlineMs = 5_000;

/** Throws what `startMongo` throws, by name and message. */
export const startMongoThread = async ({
  onCrash,
  logger = silentLogger,
  memoryMaxMb = memoryMaxMbDefault,
  ...settings
}: MongoThreadOptions = {}): Promise<RunningMongo> => {
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: settings satisfies ThreadSettings,
    name: 'mongo',
    resourceLimits: { maxOldGenerationSizeMb: memoryMaxMb },
  });
  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'log') logger[message.level](message.fields, message.message);
  });
  const ready = await untilReady(worker);

  let stopped: Promise<void> | undefined;
  let failure: Error | undefined;
  worker.on('error', (error: Error) => (failure = error));
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      resolve();
      if (stopped) return;
      onCrash?.(
        failure ?? new Error(`The document store's thread ended by itself with code ${code}.`),
      );
    });
  });
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => void worker.terminate(), stopDeadlineMs);
    worker.postMessage('stop');
    await exited;
    clearTimeout(timer);
  };
  return {
    port: ready.port,
    connectionString: ready.connectionString,
    stop: () => (stopped ??= stop()),
  };
};

const untilReady = (worker: Worker): Promise<Ready> =>
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
    const onExit = (code: number): void =>
      settle(() =>
        reject(
          new Error(`The document store's thread ended with code ${code} before it was ready.`),
        ),
      );
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
