/**
 * /admin/v1/simulations: what a draft campaign would have cost on the receipts that were recorded. A job, since a year of receipts
 * takes a while; nothing of it is kept but the job's result.
 */
import { Type } from '@sinclair/typebox';
import { faultsIn, InvalidInput } from '../../commands/validation.js';
import type { TenantId } from '../../domain/ids.js';
import type { Campaign } from '../../domain/pricing/campaign.js';
import { faultsOf } from '../../domain/pricing/faults.js';
import type { SimulationReport } from '../../domain/simulation/report.js';
import type { Watched } from '../../projections/work.js';
import { operatorsOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { type Route, route } from '../route.js';
import { Instant } from '../wire.js';
import { JobShown, shownJob } from './jobRoutes.js';
import type { Jobs } from './jobs.js';
import { wholeTenant } from './operatorCommand.js';

export interface SimulationRequest {
  readonly tenant: TenantId;
  readonly draft: Campaign;
  /** Milliseconds, inclusive and exclusive; null: from the first receipt. */
  readonly since: number | null;
  readonly until: number;
}

export interface SimulationWork {
  /** Rejects with the signal's reason where it was cancelled. */
  simulate(request: SimulationRequest, watched: Watched): Promise<SimulationReport>;
}

export interface SimulationRoutes {
  readonly simulations: SimulationWork;
  readonly jobs: Jobs;
}

/** @throws InvalidInput with the place of every fault in the body. */
const draftOf = (given: unknown): Campaign => {
  const faults = faultsOf(given, faultsIn);
  if (faults.length === 0) return given as Campaign;
  throw new InvalidInput(
    faults
      .slice(0, 50)
      .map(({ pointer, reason }) => ({ in: 'body', pointer: `/campaign${pointer}`, reason })),
  );
};

export const simulationRoutes = ({ simulations, jobs }: SimulationRoutes): Route[] => [
  route({
    method: 'POST',
    path: '/admin/v1/simulations',
    summary:
      'Runs a draft campaign over recorded receipts, in memory, and says what it would cost.',
    description: [
      'Each receipt is priced once more with the draft among the campaigns that were in force, and compared with what was',
      'recorded. People are taken to have bought the same. The answer is a job: its `result`, once it is done, is the report: totals,',
      'what was recorded, and the same by merchant, tier, segment and day. Times are those of the receipts.',
    ].join(' '),
    tags: ['Campaigns'],
    access: operatorsOnly('owner', 'analyst'),
    body: Type.Object(
      {
        campaign: Type.Object({}, { description: 'A campaign, as it would be drafted' }),
        since: Type.Optional(Instant),
        until: Type.Optional(Instant),
      },
      { additionalProperties: false },
    ),
    response: JobShown,
    status: 202,
    problems: ['job-running'],
    handle: (request) => {
      const { tenant, operatorId } = wholeTenant(request);
      const { campaign, since, until } = request.body;
      const draft = draftOf(campaign);
      const from = since === undefined ? null : Date.parse(since);
      const to = until === undefined ? request.now : Date.parse(until);
      if (from !== null && from >= to) throw faulty('body', '/until', 'must be after since');
      const asked = { tenant, draft, since: from, until: to };
      const job = jobs.start(
        {
          kind: 'simulation',
          projection: 'purchases',
          tenant,
          startedBy: operatorId,
          run: (signal, onProgress) => simulations.simulate(asked, { signal, onProgress }),
        },
        request.now,
      );
      return { body: shownJob(job), status: 202 };
    },
  }),
];
