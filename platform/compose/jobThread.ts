/**
 * A job in a thread of its own, as those see it who wait for it: progress, then a result or an error; a cancellation is a message,
 * and whoever does not hear it is ended.
 */
import type { Worker } from 'node:worker_threads';
import type { Progress } from '../../projections/progress.js';
import type { Watched } from '../../projections/work.js';

export type FromJob =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'done'; result: unknown }
  | { kind: 'failed'; name: string; message: string };

const cancelDeadlineMs = 5_000;

/** Once its job is told, whatever a thread still fails of on its way out is nobody's any more, and must not end the process. */
const nobodys = (): void => undefined;

/** Rejects with what the thread failed of, or when it ended before it was done. Lets the thread go then: it may do another job. */
export const watchJobThread = <Result>(
  worker: Worker,
  { signal, onProgress }: Watched,
): Promise<Result> =>
  new Promise((resolve, reject) => {
    let late: NodeJS.Timeout | undefined;
    const cancel = () => {
      worker.postMessage('cancel');
      late = setTimeout(() => void worker.terminate(), cancelDeadlineMs);
    };
    if (!worker.listeners('error').includes(nobodys)) worker.on('error', nobodys);
    const letGo = () => {
      clearTimeout(late);
      signal.removeEventListener('abort', cancel);
      worker.off('message', onMessage).off('error', fail).off('exit', onExit);
    };
    const fail = (error: Error) => {
      letGo();
      reject(error);
    };
    const onExit = (code: number) =>
      fail(new Error(`the job's thread ended with code ${code} before it was done`));
    const onMessage = (message: FromJob) => {
      if (message.kind === 'progress') return onProgress(message.progress);
      if (message.kind === 'failed') {
        return fail(Object.assign(new Error(message.message), { name: message.name }));
      }
      letGo();
      resolve(message.result as Result);
    };
    worker.on('message', onMessage).on('error', fail).on('exit', onExit);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
  });
