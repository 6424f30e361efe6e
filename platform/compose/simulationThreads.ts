/**
 * Simulations, each in a thread of its own: they price receipts for as long as they last and must not take a till's time.
 *
 * Whoever tries a draft tries the next one soon. A thread that is done is kept for a while: its code is compiled for these very
 * receipts by then, where a new one spends half of its first simulation on that.
 */
import { Worker } from 'node:worker_threads';
import type { SimulationRequest, SimulationWork } from '../../api/admin/simulations.js';
import type { SimulationReport } from '../../domain/simulation/report.js';
import { watchJobThread } from './jobThread.js';
import type { ProjectionsSettings } from './projectionsThread.js';

export interface SimulationSettings {
  readonly settings: ProjectionsSettings;
}

/** What a thread is told; `cancel` is about the simulation that it runs. */
export type ToSimulation = { readonly kind: 'run'; readonly request: SimulationRequest } | 'cancel';

/** Receipts live for a page: with room for that, collecting the young ones copies next to nothing. */
const youngGenerationMb = 64;
const keptMs = 60_000;
const keptMax = 1;

export interface SimulationThreads extends SimulationWork {
  /** Ends the threads that are kept. Twice is safe. */
  stop(): Promise<void>;
}

export const createSimulationThreads = (settings: ProjectionsSettings): SimulationThreads => {
  const kept = new Map<Worker, NodeJS.Timeout>();

  const start = (): Worker => {
    const worker = new Worker(new URL('./simulation.thread.js', import.meta.url), {
      workerData: { settings } satisfies SimulationSettings,
      name: 'simulation',
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    worker.once('exit', () => forget(worker));
    return worker;
  };

  const forget = (worker: Worker): void => {
    clearTimeout(kept.get(worker));
    kept.delete(worker);
  };

  const take = (): Worker => {
    const [worker] = kept.keys();
    if (!worker) return start();
    forget(worker);
    worker.ref();
    return worker;
  };

  const keep = (worker: Worker): void => {
    if (kept.size >= keptMax) return void worker.terminate();
    worker.unref();
    const timer = setTimeout(() => void worker.terminate(), keptMs);
    timer.unref();
    kept.set(worker, timer);
  };

  return {
    simulate: async (request, watched) => {
      const worker = take();
      try {
        worker.postMessage({ kind: 'run', request } satisfies ToSimulation);
        const report = await watchJobThread<SimulationReport>(worker, watched);
        keep(worker);
        return report;
      } catch (error) {
        // Cancelled or failed: whatever it still holds goes with it.
        void worker.terminate();
        throw error;
      }
    },
    stop: async () => void (await Promise.all([...kept.keys()].map((one) => one.terminate()))),
  };
};
