/** Where each read model stands: position, lag, rate and last error, for the console, the CLI and the metrics. */
import type pg from 'pg';
import { concatMap, map, type Observable, pairwise, startWith, timer } from 'rxjs';
import type { Position } from '../domain/fact.js';
import { allProjections } from './all.js';
import { type Checkpoint, type CheckpointStatus, readCheckpoints } from './checkpoints.js';
import type { Feed } from './feed.js';
import { headOf } from './fill.js';
import { eventTypesOf, type Projection } from './projection.js';

export interface ProjectionStatus {
  readonly projection: string;
  readonly version: number;
  readonly question: string;
  readonly status: CheckpointStatus;
  readonly position: Position;
  readonly head: Position;
  /** Places in the log between the two (of the embedded log, the number of events), 0 where none of them matters here. */
  readonly behind: bigint;
  /** Age of the oldest event that is not applied yet; 0 where there is none, null where the log did not say in time. */
  readonly secondsBehind: number | null;
  /** Applied since this version began. */
  readonly events: number;
  /** Since the last look; null at the first. */
  readonly eventsPerSecond: number | null;
  readonly updatedAt: Date;
  readonly lastError: string | null;
}

export interface StatusOptions {
  readonly feed: Feed;
  readonly pool: Pick<pg.Pool, 'query'>;
  /** All of them unless told. */
  readonly projections?: readonly Projection[];
  /** Milliseconds since the epoch; Date.now unless told. */
  readonly now?: () => number;
}

const lookMs = 2_000;

/** Live versions and those being built. */
export const readStatus = async (options: StatusOptions): Promise<ProjectionStatus[]> => {
  const { feed, pool, projections = allProjections, now = Date.now } = options;
  const named = new Map(projections.map((projection) => [projection.name, projection]));
  const shown = (await readCheckpoints(pool as pg.Pool)).filter(
    ({ projection, status }) =>
      named.has(projection) && (status === 'live' || status === 'building'),
  );
  const head = await headOf(feed);
  return Promise.all(
    shown.map(async (checkpoint) => {
      const projection = named.get(checkpoint.projection);
      const { position } = checkpoint;
      const after = position < head ? head - position : 0n;
      const seconds =
        after === 0n || !projection ? 0 : await secondsBehind(feed, checkpoint, projection, now);
      return {
        ...checkpoint,
        question: projection?.question ?? '',
        head,
        behind: seconds === 0 ? 0n : after,
        secondsBehind: seconds,
        eventsPerSecond: null,
      };
    }),
  );
};

const secondsBehind = async (
  feed: Feed,
  { position }: Checkpoint,
  projection: Projection,
  now: () => number,
): Promise<number | null> => {
  const looking = new AbortController();
  const timeout = setTimeout(() => looking.abort(), lookMs);
  const items = feed.subscribe({
    from: position === 0n ? null : position,
    filter: { eventTypes: eventTypesOf([projection]) },
    signal: looking.signal,
  });
  try {
    for await (const item of items) {
      if (item.kind === 'fact') return Math.max(0, (now() - item.fact.recordedAt) / 1_000);
      if (item.kind === 'caughtUp') return 0;
    }
    return null;
  } finally {
    clearTimeout(timeout);
    looking.abort();
  }
};

/** Again and again, with rates from the second time on. */
export const watchStatus = (
  options: StatusOptions,
  everyMs: number,
): Observable<ProjectionStatus[]> =>
  timer(0, everyMs).pipe(
    concatMap(() => readStatus(options)),
    map((statuses) => ({ at: performance.now(), statuses })),
    startWith(null),
    pairwise(),
    map(([before, after]) => {
      if (!after) return [];
      const seconds = before ? (after.at - before.at) / 1_000 : 0;
      return after.statuses.map((status) => withRate(status, before?.statuses, seconds));
    }),
  );

const withRate = (
  status: ProjectionStatus,
  before: readonly ProjectionStatus[] | undefined,
  seconds: number,
): ProjectionStatus => {
  const then = before?.find(
    ({ projection, version }) => projection === status.projection && version === status.version,
  );
  if (!then || seconds <= 0) return status;
  const applied = Math.max(0, status.events - then.events);
  return { ...status, eventsPerSecond: Math.round(applied / seconds) };
};
