/** /admin/v1/jobs: how far long work on read models is. */
import { type Static, Type } from '@sinclair/typebox';
import { Instant, PositionText } from '../wire.js';
import { operatorsOnly } from '../auth/access.js';
import type { OperatorCaller } from '../auth/caller.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import type { Job, Jobs } from './jobs.js';
import type { Operation } from './operatorCommand.js';

export const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

export const JobShown = Type.Object(
  {
    jobId: Type.String(),
    kind: Type.Union([
      Type.Literal('rebuild'),
      Type.Literal('replay'),
      Type.Literal('verification'),
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

export const jobRoutes = (jobs: Jobs, atHome: AtHome): Route[] => {
  const jobNamed = (id: string): Job => {
    const job = jobs.get(id);
    if (job) return job;
    throw refused('not-found', 'The server was started anew, or the job is long over.');
  };
  return [
    route({
      method: 'GET',
      path: '/admin/v1/jobs',
      summary: 'Lists the jobs on read models that this server knows, newest first.',
      tags,
      access: workers,
      response: Type.Object({ items: Type.Array(JobShown) }),
      handle: (request) => {
        atHome(request);
        return { body: { items: jobs.list().map(shownJob) } };
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
      handle: (request) => {
        atHome(request);
        return { body: shownJob(jobNamed(request.params.jobId)) };
      },
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
        atHome(request);
        const { jobId } = request.params;
        jobNamed(jobId);
        jobs.cancel(jobId);
        return { body: shownJob(jobNamed(jobId)) };
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
