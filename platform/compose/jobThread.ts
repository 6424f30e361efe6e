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

/** Rejects with what the thread failed of, or when it ended before it was done. */
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
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    worker.on('message', (message: FromJob) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'done') resolve(message.result as Result);
      else reject(Object.assign(new Error(message.message), { name: message.name }));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(late);
      signal.removeEventListener('abort', cancel);
      // After 'done' or 'failed' this changes nothing.
      reject(new Error(`the job's thread ended with code ${code} before it was done`));
    });
  });
