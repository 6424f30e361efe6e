/**
 * Work on read models: rebuilding beside the live one, replaying up to a place or a time into a schema of its own, verifying against
 * a whole replay. Each is a job; the request that begins it answers at once.
 */
import { Type } from '@sinclair/typebox';
import type pg from 'pg';
import { allProjections } from '../../projections/all.js';
import { dropReplay, listReplays } from '../../projections/replay.js';
import type { ReadModelWork } from '../../projections/work.js';
import { Instant, PositionText } from '../wire.js';
import { operatorsOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { type AtHome, JobShown, shownJob } from './jobRoutes.js';
import type { Jobs, JobWork } from './jobs.js';
import type { Operation } from './operatorCommand.js';

const name = Type.String({
  pattern: '^[a-z]{2,40}$',
  examples: allProjections.map((projection) => projection.name),
});
const tags = ['Read models'] as const;
const workers = operatorsOnly('owner', 'analyst');

export interface ProjectionWorkRoutes {
  readonly work: ReadModelWork;
  readonly pool: pg.Pool;
  readonly jobs: Jobs;
}

export const projectionWorkRoutes = (
  { work, pool, jobs }: ProjectionWorkRoutes,
  atHome: AtHome,
): Route[] => {
  const start = (request: Operation, job: Omit<JobWork, 'startedBy'>) => {
    const { operatorId } = atHome(request);
    return {
      body: shownJob(jobs.start({ ...job, startedBy: operatorId }, request.now)),
      status: 202,
    };
  };
  return [
    route({
      method: 'POST',
      path: '/admin/v1/projections/{projection}/rebuilds',
      summary:
        'Rebuilds a read model from the log beside the live one, which then takes its place.',
      tags,
      access: workers,
      params: { projection: name },
      response: JobShown,
      status: 202,
      handle: (request) => {
        const projection = known(request.params.projection);
        return start(request, {
          kind: 'rebuild',
          projection,
          run: async (signal, onProgress) => {
            const progress = await work.rebuild(projection, { signal, onProgress });
            return { events: progress.events, position: String(progress.position) };
          },
        });
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/projections/{projection}/replays',
      summary: 'Fills a schema of its own with the read model as it was at a place or a time.',
      description:
        'The time is when the log took a fact, not when it happened. Without either: as it is now. `resume` goes on with a replay that was broken off.',
      tags,
      access: workers,
      params: { projection: name },
      body: Type.Object(
        {
          position: Type.Optional(PositionText),
          recordedAt: Type.Optional(Instant),
          resume: Type.Optional(Type.String({ pattern: '^replay_[a-z]+_[0-9]+$' })),
        },
        { additionalProperties: false },
      ),
      response: JobShown,
      status: 202,
      handle: (request) => {
        const projection = known(request.params.projection);
        const { position, recordedAt, resume } = request.body;
        if (position !== undefined && recordedAt !== undefined) {
          throw faulty('body', '', 'may have position or recordedAt, not both');
        }
        const until = {
          ...(position !== undefined && { position: BigInt(position) }),
          ...(recordedAt !== undefined && { recordedAt: Date.parse(recordedAt) }),
        };
        const options = { until, ...(resume !== undefined && { resume }) };
        return start(request, {
          kind: 'replay',
          projection,
          run: async (signal, onProgress) => {
            const { schema, tables, progress } = await work.replay(projection, options, {
              signal,
              onProgress,
            });
            return { schema, tables, events: progress.events, position: String(progress.position) };
          },
        });
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/projections/{projection}/verifications',
      summary: 'Compares a read model row by row with a whole replay of the log.',
      tags,
      access: workers,
      params: { projection: name },
      response: JobShown,
      status: 202,
      handle: (request) => {
        const projection = known(request.params.projection);
        return start(request, {
          kind: 'verification',
          projection,
          run: async (signal, onProgress) => {
            const { position, rows, differences } = await work.verify(projection, {
              signal,
              onProgress,
            });
            return { position: String(position), rows, differences };
          },
        });
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/replays',
      summary: 'Lists the schemas that replays filled.',
      tags,
      access: workers,
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            schema: Type.String(),
            version: Type.Integer(),
            status: Type.String(),
            position: PositionText,
            events: Type.Integer(),
            updatedAt: Instant,
          }),
        ),
      }),
      handle: async (request) => {
        atHome(request);
        const items = (await listReplays(pool)).map((replayed) => ({
          schema: replayed.projection,
          version: replayed.version,
          status: replayed.status,
          position: String(replayed.position),
          events: replayed.events,
          updatedAt: replayed.updatedAt.toISOString(),
        }));
        return { body: { items } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/admin/v1/replays/{schema}',
      summary: 'Drops the schema of a replay.',
      tags,
      access: workers,
      params: { schema: Type.String({ pattern: '^replay_[a-z]+_[0-9]+$' }) },
      response: Type.Object({ schema: Type.String() }),
      handle: async (request) => {
        atHome(request);
        const { schema } = request.params;
        const replays = await listReplays(pool);
        if (!replays.some(({ projection }) => projection === schema)) {
          throw refused('not-found', 'GET /admin/v1/replays lists those there are.');
        }
        await dropReplay(pool, schema);
        return { body: { schema } };
      },
    }),
  ];
};

const known = (projection: string): string => {
  const names = allProjections.map((each) => each.name);
  if (!names.includes(projection)) {
    throw refused('not-found', `The read models are ${names.join(', ')}.`, { projections: names });
  }
  return projection;
};
