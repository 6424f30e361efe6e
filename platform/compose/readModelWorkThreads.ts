/**
 * Long work on read models, each job in a thread of its own: a rebuild reads the whole log and must not take a till's time.
 */
import { Worker } from 'node:worker_threads';
import type { ReplayOptions } from '../../projections/replay.js';
import type { ReadModelWork, Watched } from '../../projections/work.js';
import { watchJobThread } from './jobThread.js';
import type { ProjectionsSettings } from './projectionsThread.js';

type Task =
  | { kind: 'rebuild'; projection: string }
  | { kind: 'replay'; projection: string; options: Pick<ReplayOptions, 'until' | 'resume'> }
  | { kind: 'verify'; projection: string };

export interface JobSettings {
  readonly settings: ProjectionsSettings;
  readonly task: Task;
}

const carryOut = <Result>(
  settings: ProjectionsSettings,
  task: Task,
  watched: Watched,
): Promise<Result> => {
  const worker = new Worker(new URL('./readModelWork.thread.js', import.meta.url), {
    workerData: { settings, task } satisfies JobSettings,
    name: `${task.kind} ${task.projection}`,
  });
  return watchJobThread(worker, watched);
};
export const createReadModelWorkThreads = (settings: ProjectionsSettings): ReadModelWork => ({
  rebuild: (projection, watched) => carryOut(settings, { kind: 'rebuild', projection }, watched),
  replay: (projection, options, watched) =>
    carryOut(settings, { kind: 'replay', projection, options }, watched),
  verify: (projection, watched) => carryOut(settings, { kind: 'verify', projection }, watched),
});
