/**
 * /admin/v1/projections: where the read models stand, and work on them.
 *
 * Read models belong to the installation and hold the rows of all its programmes: whoever may look may see how far they are, but
 * work on them is begun from the home tenant only.
 */
import { type Static, Type } from '@sinclair/typebox';
import type pg from 'pg';
import type { TenantId } from '../../domain/ids.js';
import type { Feed } from '../../projections/feed.js';
import { readStatus } from '../../projections/status.js';
import { Instant, PositionText } from '../wire.js';
import { readersOnly } from '../auth/access.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { type AtHome, jobRoutes, Nullable } from './jobRoutes.js';
import { wholeTenant } from './operatorCommand.js';
import { type ProjectionWorkRoutes, projectionWorkRoutes } from './projectionWork.js';

export const ProjectionShown = Type.Object(
  {
    projection: Type.String(),
    version: Type.Integer(),
    question: Type.String(),
    status: Type.String(),
    position: PositionText,
    head: PositionText,
    behind: PositionText,
    secondsBehind: Nullable(Type.Number()),
    events: Type.Integer(),
    updatedAt: Instant,
    lastError: Nullable(Type.String()),
  },
  { title: 'Projection' },
);
export type ProjectionShown = Static<typeof ProjectionShown>;

export interface ProjectionRoutes extends ProjectionWorkRoutes {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly homeTenant: TenantId;
}

export const projectionRoutes = (options: ProjectionRoutes): Route[] => {
  const { feed, pool, jobs, homeTenant } = options;
  const atHome: AtHome = (request) => {
    const caller = wholeTenant(request);
    if (caller.tenant === homeTenant) return caller;
    throw refused('forbidden', 'Read models are shared: ask an analyst of the installation.');
  };
  return [
    route({
      method: 'GET',
      path: '/admin/v1/projections',
      summary: 'Shows where each read model stands.',
      tags: ['Read models'],
      access: readersOnly,
      response: Type.Object({ items: Type.Array(ProjectionShown) }),
      handle: async () => ({
        body: { items: (await readStatus({ feed, pool })).map(shownStatus) },
      }),
    }),
    ...projectionWorkRoutes(options, atHome),
    ...jobRoutes(jobs, homeTenant),
  ];
};

type Status = Awaited<ReturnType<typeof readStatus>>[number];

const shownStatus = (status: Status): ProjectionShown => ({
  projection: status.projection,
  version: status.version,
  question: status.question,
  status: status.status,
  position: String(status.position),
  head: String(status.head),
  behind: String(status.behind),
  secondsBehind: status.secondsBehind,
  events: status.events,
  updatedAt: status.updatedAt.toISOString(),
  lastError: status.lastError,
});
