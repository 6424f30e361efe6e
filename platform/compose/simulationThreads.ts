/** Simulations, each in a thread of its own: they price receipts for as long as they last and must not take a till's time. */
import { Worker } from 'node:worker_threads';
import type { SimulationRequest, SimulationWork } from '../../api/admin/simulations.js';
import { watchJobThread } from './jobThread.js';
import type { ProjectionsSettings } from './projectionsThread.js';

export interface SimulationSettings {
  readonly settings: ProjectionsSettings;
  readonly request: SimulationRequest;
}

/** Receipts live for a page: with room for that, collecting the young ones copies next to nothing. */
const youngGenerationMb = 64;

export const createSimulationThreads = (settings: ProjectionsSettings): SimulationWork => ({
  simulate: (request, watched) =>
    watchJobThread(
      new Worker(new URL('./simulation.thread.js', import.meta.url), {
        workerData: { settings, request } satisfies SimulationSettings,
        name: `simulation ${request.draft.campaignId}`,
        resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
      }),
      watched,
    ),
});
