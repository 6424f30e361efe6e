/**
 * Refreshes that were asked for: begun by a request, watched and cancelled by others. One at a time for a segment, few at once.
 *
 * Kept in this process: a refresh ends with it, and nothing is lost by that, since the next one goes on where it ended.
 */
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { begun, createBackground, type Outcome } from '../../commands/background.js';
import { SegmentId } from '../../domain/segment/definition.js';
import type { TenantId } from '../../domain/ids.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf, InstantOrNull, instantOrNull } from '../wire.js';
import { wholeTenant } from './operatorCommand.js';

interface Figures {
  readonly accounts: number;
  readonly of: number;
  readonly added: number;
  readonly moved: number;
  readonly removed: number;
}

/** Carries a refresh out. Rejects with the signal's reason where it was cancelled. */
export type RefreshSegment = (
  segment: { readonly tenant: TenantId; readonly segmentId: SegmentId },
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: Figures) => void },
) => Promise<Figures>;

interface Refresh {
  readonly refreshId: string;
  readonly segmentId: SegmentId;
  readonly startedBy: string;
  readonly startedAt: number;
  readonly state: Outcome;
  readonly finishedAt: number | null;
  readonly figures: Figures;
  readonly error: string | null;
}

export interface SegmentRefreshes {
  /** @throws Refused `job-running` */
  start(
    which: { readonly tenant: TenantId; readonly segmentId: SegmentId; readonly startedBy: string },
    now: number,
  ): Refresh;
  /** The last one of the segment. */
  readonly last: (tenant: TenantId, segmentId: SegmentId) => Refresh | undefined;
  cancel(tenant: TenantId, segmentId: SegmentId): void;
  /** Cancels all and waits for them. Twice is safe. */
  stop(): Promise<void>;
}

const runningMax = 2;
const rememberedMax = 500;
const nothing: Figures = { accounts: 0, of: 0, added: 0, moved: 0, removed: 0 };

export const createSegmentRefreshes = (options: {
  readonly refresh: RefreshSegment;
  readonly now: () => number;
}): SegmentRefreshes => {
  const refreshes = createBackground<Refresh>({ rememberedMax, now: options.now });
  const keyOf = (tenant: TenantId, segmentId: SegmentId) => `${tenant}.${segmentId}`;

  const assertRoom = (key: string): void => {
    if (refreshes.get(key)?.state === 'running') {
      throw refused('job-running', 'Wait for the refresh of this segment, or cancel it.');
    }
    const running = refreshes.running();
    if (running.length >= runningMax) {
      throw refused('job-running', `Wait for one of the ${running.length} refreshes that run.`);
    }
  };

  return {
    start: ({ tenant, segmentId, startedBy }, now) => {
      const key = keyOf(tenant, segmentId);
      assertRoom(key);
      const about = { refreshId: randomUUID(), segmentId, startedBy, startedAt: now };
      const refresh: Refresh = { ...about, ...begun, figures: nothing };
      return refreshes.start(key, refresh, async (signal, tell) => {
        const onProgress = (figures: Figures) => tell({ figures });
        return { figures: await options.refresh({ tenant, segmentId }, { signal, onProgress }) };
      });
    },
    last: (tenant, segmentId) => refreshes.get(keyOf(tenant, segmentId)),
    cancel: (tenant, segmentId) => void refreshes.cancel(keyOf(tenant, segmentId)),
    stop: refreshes.stop,
  };
};

const Count = Type.Integer({ minimum: 0 });

export const RefreshShown = Type.Object(
  {
    refreshId: Type.String(),
    segmentId: SegmentId,
    state: Type.Union(
      (['running', 'done', 'failed', 'cancelled'] as const).map((state) => Type.Literal(state)),
    ),
    startedBy: Type.String(),
    startedAt: Instant,
    finishedAt: InstantOrNull,
    accounts: Type.Integer({ minimum: 0, description: 'Looked at so far' }),
    of: Type.Integer({ minimum: 0, description: 'Accounts of the programme' }),
    added: Count,
    moved: Count,
    removed: Count,
    error: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'SegmentRefresh' },
);
export type RefreshShown = Static<typeof RefreshShown>;

const shown = (refresh: Refresh): RefreshShown => {
  const { refreshId, segmentId, state, startedBy, startedAt, finishedAt, figures, error } = refresh;
  const { accounts, of, added, moved, removed } = figures;
  return {
    refreshId,
    segmentId,
    state,
    startedBy,
    error,
    startedAt: instantOf(startedAt),
    finishedAt: instantOrNull(finishedAt),
    accounts,
    of,
    added,
    moved,
    removed,
  };
};

const params = { segmentId: SegmentId };
const tags = ['Segments'] as const;
const path = '/admin/v1/segments/{segmentId}/refresh';

export const segmentRefreshRoutes = (refreshes: SegmentRefreshes): Route[] => {
  const lastOf = (tenant: TenantId, segmentId: SegmentId): RefreshShown => {
    const refresh = refreshes.last(tenant, segmentId);
    if (refresh) return shown(refresh);
    throw refused('not-found', 'This process has not been asked to refresh it: POST begins one.');
  };
  return [
    route({
      method: 'POST',
      path,
      summary: 'Begins to bring a segment up to date.',
      description:
        'Dynamic and analytic segments are refreshed every hour as well. Of a list only those go whose account was closed.',
      tags,
      access: editorsOnly,
      params,
      response: RefreshShown,
      status: 202,
      problems: ['job-running'],
      handle: (request) => {
        const { tenant, operatorId: startedBy } = wholeTenant(request);
        const { segmentId } = request.params;
        const refresh = refreshes.start({ tenant, segmentId, startedBy }, request.now);
        return { body: shown(refresh), status: 202 };
      },
    }),
    route({
      method: 'GET',
      path,
      summary: 'Shows how far the last refresh of a segment that was asked for is.',
      tags,
      access: readersOnly,
      params,
      response: RefreshShown,
      handle: (request) => ({
        body: lastOf(wholeTenant(request).tenant, request.params.segmentId),
      }),
    }),
    route({
      method: 'POST',
      path: `${path}/cancellation`,
      summary: 'Cancels a refresh; what it changed stays, and the next one goes on from there.',
      tags,
      access: editorsOnly,
      params,
      response: RefreshShown,
      handle: (request) => {
        const { tenant } = wholeTenant(request);
        const { segmentId } = request.params;
        lastOf(tenant, segmentId);
        refreshes.cancel(tenant, segmentId);
        return { body: lastOf(tenant, segmentId) };
      },
    }),
  ];
};
