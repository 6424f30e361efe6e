/**
 * Grants to whole segments, under way and over: begun by a request, watched and cancelled by others. Kept in this process; one that
 * broke off is begun again by the same request under the same key, and goes on without giving anybody a second coupon.
 */
import { begun, createBackground, type Outcome } from '../../commands/background.js';
import type { GrantCounts } from '../../commands/coupon/grantToMembers.js';
import type { SeriesId } from '../../domain/coupon/ids.js';
import type { TenantId } from '../../domain/ids.js';
import { refused } from '../refused.js';

export interface GrantRun extends GrantCounts {
  readonly runId: string;
  readonly tenant: TenantId;
  readonly series: SeriesId;
  readonly segmentId: string;
  /** Of the segment when it began. */
  readonly members: number;
  readonly state: Outcome;
  readonly startedBy: string;
  /** Milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly error: string | null;
}

type Asked = Pick<
  GrantRun,
  'runId' | 'tenant' | 'series' | 'segmentId' | 'members' | 'startedBy' | 'startedAt'
>;

export interface GrantRuns {
  /** One that runs or is done stays as it is. @throws Refused `job-running` where too many run. */
  start(
    asked: Asked,
    run: (signal: AbortSignal, tell: (counts: GrantCounts) => void) => Promise<GrantCounts>,
  ): GrantRun;
  /** Of a tenant, the newest first. */
  list(tenant: TenantId): readonly GrantRun[];
  cancel(runId: string): void;
  /** Cancels all and waits for them. */
  stop(): Promise<void>;
}

const runningMax = 2;
const rememberedMax = 100;

export const createGrantRuns = (
  now: () => number,
  onFailed: (run: GrantRun, error: unknown) => void,
): GrantRuns => {
  const runs = createBackground<GrantRun>({ rememberedMax, now, onFailed });
  return {
    start: (asked, work) => {
      const known = runs.get(asked.runId);
      if (known?.state === 'running' || known?.state === 'done') return known;
      if (runs.running().length >= runningMax) {
        throw refused('job-running', 'Wait for one of the grants to end.');
      }
      const run: GrantRun = { ...asked, ...begun, granted: 0, repeated: 0, gone: 0 };
      return runs.start(asked.runId, run, work);
    },
    list: (tenant) =>
      runs
        .all()
        .filter((run) => run.tenant === tenant)
        .reverse(),
    cancel: runs.cancel,
    stop: runs.stop,
  };
};
