/**
 * How fast a draft campaign is run over every recorded receipt: a percentage off, a free unit and points, each
 * through the product, as an analyst would.
 */
import { openSession } from '../../cli/http/session.js';
import type { SimulationReport } from '../../domain/simulation/report.js';
import type { Bench } from '../bench.js';
import { startFilled } from '../product/filled.js';
import { figure, whole } from '../table.js';
import { drafts } from './drafts.js';

const deadlineMs = 300_000;
const lookMs = 25;

interface Job {
  readonly jobId: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: { readonly eventsPerSecond: number } | null;
  readonly result: SimulationReport | null;
  readonly error: string | null;
}

interface Simulated {
  readonly name: string;
  readonly receipts: number;
  readonly touched: number;
  /** From the request to the report: the thread's start and the reading of the programme too. */
  readonly seconds: number;
  /** Of reading and pricing alone, as the job told last. */
  readonly receiptsPerSecond: number;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const run: Bench['run'] = async (options) => {
  const { say, quick } = options;
  const rounds = options.rounds ?? (quick ? 1 : 3);
  const filled = await startFilled('simulation', options);
  const { product, tenant, content, seconds: fillSeconds } = filled;
  const session = await openSession({ data: product.dataDir, tenant });
  options.cleanup.add(() => session.close());
  say(`filled in ${fillSeconds.toFixed(1)} s`);

  const simulate = async (name: string, campaign: object): Promise<Simulated> => {
    const started = performance.now();
    const path = '/admin/v1/simulations';
    const { body } = await session.send<Job>({ method: 'POST', path, body: { campaign } });
    for (;;) {
      const job = await session.get<Job>(`/admin/v1/jobs/${body.jobId}`);
      const seconds = (performance.now() - started) / 1000;
      if (job.state === 'done' && job.result) {
        const { receipts, touched } = job.result.totals;
        const receiptsPerSecond = job.progress?.eventsPerSecond ?? 0;
        return { name, receipts, touched, seconds, receiptsPerSecond };
      }
      if (job.state !== 'running') throw new Error(`the simulation of ${name}: ${job.error}`);
      if (seconds * 1000 > deadlineMs) throw new Error(`the simulation of ${name} took too long`);
      await pause(lookMs);
    }
  };

  const simulated: Simulated[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, campaign] of Object.entries(drafts)) {
      const one = await simulate(name, campaign);
      simulated.push(one);
      say(`round ${round}/${rounds}, ${name}: ${figure(one.receiptsPerSecond)} receipts/s`);
    }
  }
  await product.stop();

  return {
    tables: [
      {
        title: 'A draft over all recorded receipts',
        head: ['draft', 'receipts', 'touched', 'receipts/s', 'seconds in all'],
        rows: simulated.map((one) => [
          one.name,
          whole(one.receipts),
          whole(one.touched),
          figure(one.receiptsPerSecond),
          one.seconds.toFixed(2),
        ]),
      },
    ],
    figures: { content, fillSeconds, simulated },
    notes: [
      `The log holds ${content}, filled in ${fillSeconds.toFixed(1)} s.`,
      'Receipts/s: read, priced and added up. Seconds in all: the start of the thread and the reading of the programme too.',
    ],
  };
};

export const simulation: Bench = {
  name: 'simulation',
  summary: 'draft campaigns run over every recorded receipt',
  run,
};
