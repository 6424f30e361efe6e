/**
 * Long work on read models, each job in a thread of its own: a rebuild reads the whole log and must not take a till's time.
 */
import { Worker } from 'node:worker_threads';
import type { Progress } from '../../projections/progress.js';
import type { ReplayOptions } from '../../projections/replay.js';
import type { ReadModelWork, Watched } from '../../projections/work.js';
import type { ProjectionsSettings } from './projectionsThread.js';

type Task =
  | { kind: 'rebuild'; projection: string }
  | { kind: 'replay'; projection: string; options: Pick<ReplayOptions, 'until' | 'resume'> }
  | { kind: 'verify'; projection: string };

export interface JobSettings {
  readonly settings: ProjectionsSettings;
  readonly task: Task;
}

export type FromJob =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'done'; result: unknown }
  | { kind: 'failed'; name: string; message: string };

const cancelDeadlineMs = 5_000;

const carryOut = <Result>(
  settings: ProjectionsSettings,
  task: Task,
  { signal, onProgress }: Watched,
): Promise<Result> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./readModelWork.thread.js', import.meta.url), {
      workerData: { settings, task } satisfies JobSettings,
      name: `${task.kind} ${task.projection}`,
    });
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

export const createReadModelWorkThreads = (settings: ProjectionsSettings): ReadModelWork => ({
  rebuild: (projection, watched) => carryOut(settings, { kind: 'rebuild', projection }, watched),
  replay: (projection, options, watched) =>
    carryOut(settings, { kind: 'replay', projection, options }, watched),
  verify: (projection, watched) => carryOut(settings, { kind: 'verify', projection }, watched),
});
