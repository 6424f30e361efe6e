/**
 * /admin/v1/jobs: how far long work is. Work on read models is seen from the home tenant only, a simulation by its own tenant.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { TenantId } from '../../domain/ids.js';
import { Instant, PositionText } from '../wire.js';
import { operatorsOnly } from '../auth/access.js';
import type { OperatorCaller } from '../auth/caller.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import type { Job, Jobs } from './jobs.js';
import { type Operation, wholeTenant } from './operatorCommand.js';

export const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

export const JobShown = Type.Object(
  {
    jobId: Type.String(),
    kind: Type.Union([
      Type.Literal('rebuild'),
      Type.Literal('replay'),
      Type.Literal('verification'),
      Type.Literal('simulation'),
    ]),
    projection: Type.String(),
    state: Type.Union([
      Type.Literal('running'),
      Type.Literal('done'),
      Type.Literal('failed'),
      Type.Literal('cancelled'),
    ]),
    startedBy: Type.String(),
    startedAt: Instant,
    finishedAt: Nullable(Instant),
    progress: Nullable(
      Type.Object({
        schema: Type.String(),
        events: Type.Integer(),
        position: PositionText,
        target: PositionText,
        fraction: Type.Number(),
        eventsPerSecond: Type.Number(),
        secondsLeft: Nullable(Type.Number()),
      }),
    ),
    result: Nullable(Type.Record(Type.String(), Type.Unknown())),
    error: Nullable(Type.String()),
  },
  { title: 'Job' },
);
export type JobShown = Static<typeof JobShown>;

/** Who may begin and see work on read models. @throws Refused `forbidden` */
export type AtHome = (request: Pick<Operation, 'caller'>) => OperatorCaller;

const tags = ['Read models'] as const;
const workers = operatorsOnly('owner', 'analyst');

export const jobRoutes = (jobs: Jobs, homeTenant: TenantId): Route[] => {
  const sees = (request: Pick<Operation, 'caller'>, job: Job): boolean =>
    wholeTenant(request).tenant === (job.tenant ?? homeTenant);
  /** That of another tenant is as if there were none. */
  const jobNamed = (request: Pick<Operation, 'caller'>, id: string): Job => {
    const job = jobs.get(id);
    if (job && sees(request, job)) return job;
    throw refused('not-found', 'The server was started anew, or the job is long over.');
  };
  return [
    route({
      method: 'GET',
      path: '/admin/v1/jobs',
      summary: 'Lists the jobs that this server knows, newest first.',
      tags,
      access: workers,
      response: Type.Object({ items: Type.Array(JobShown) }),
      handle: (request) => {
        const seen = jobs.list().filter((job) => sees(request, job));
        return { body: { items: seen.map(shownJob) } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/jobs/{jobId}',
      summary: 'Shows how far a job is, or what came of it.',
      tags,
      access: workers,
      params: { jobId: Type.String({ maxLength: 40 }) },
      response: JobShown,
      handle: (request) => ({ body: shownJob(jobNamed(request, request.params.jobId)) }),
    }),
    route({
      method: 'POST',
      path: '/admin/v1/jobs/{jobId}/cancellation',
      summary: 'Cancels a job; one that has ended stays as it is.',
      tags,
      access: workers,
      params: { jobId: Type.String({ maxLength: 40 }) },
      response: JobShown,
      handle: (request) => {
        const { jobId } = request.params;
        jobNamed(request, jobId);
        jobs.cancel(jobId);
        return { body: shownJob(jobNamed(request, jobId)) };
      },
    }),
  ];
};

export const shownJob = (job: Job): JobShown => ({
  jobId: job.id,
  kind: job.kind,
  projection: job.projection,
  state: job.state,
  startedBy: job.startedBy,
  startedAt: new Date(job.startedAt).toISOString(),
  finishedAt: job.finishedAt === null ? null : new Date(job.finishedAt).toISOString(),
  progress: job.progress && {
    schema: job.progress.schema,
    events: job.progress.events,
    position: String(job.progress.position),
    target: String(job.progress.target),
    fraction: job.progress.fraction,
    eventsPerSecond: job.progress.eventsPerSecond,
    secondsLeft: job.progress.secondsLeft,
  },
  result: job.result as JobShown['result'],
  error: job.error,
});
