/** The thread of simulations, one after the other: reads the programme, runs the draft over the receipts, tells of its progress. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SimulationRequest } from '../../api/admin/simulations.js';
import { eventDefinitions } from '../../domain/registry.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import { simulate } from '../../projections/simulation/simulate.js';
import { connect, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { createPool } from '../postgres/pool.js';
import type { FromJob } from './jobThread.js';
import { readPastProgramme } from './pastProgramme.js';
import type { SimulationSettings, ToSimulation } from './simulationThreads.js';

const { settings } = workerData as SimulationSettings;
nameThread('simulation');
const port = parentPort;
if (!port) throw new Error('simulation.thread.ts runs in a worker thread only');
const tell = (message: FromJob): void => port.postMessage(message);

const run = async (request: SimulationRequest, signal: AbortSignal): Promise<void> => {
  const client = connect(settings.connectionString);
  const pool = createPool(settings.postgres, {
    applicationName: 'kopilka-simulation',
    max: 1,
    onIdleError: () => undefined, // the next query says so
  });
  try {
    const { tenant, draft, since, until } = request;
    const feed = createFeed(client, createCodec(eventDefinitions));
    const world = await readPastProgramme(feed, tenant, draft, signal);
    const result = await simulate({
      pool,
      draft,
      world,
      signal,
      receipts: { tenant, since, until },
      onProgress: (progress) => tell({ kind: 'progress', progress }),
    });
    tell({ kind: 'done', result });
  } catch (error) {
    const { name, message } = error as Error;
    tell({ kind: 'failed', name, message });
  } finally {
    await pool.end();
    await disconnect(client);
  }
};

let cancelled = new AbortController();
port.on('message', (message: ToSimulation) => {
  if (message === 'cancel') return cancelled.abort();
  cancelled = new AbortController();
  void run(message.request, cancelled.signal);
});
