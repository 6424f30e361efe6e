/**
 * Grants to whole segments, under way and over: begun by a request, watched and cancelled by others. Kept in this process; one that
 * broke off is begun again by the same request under the same key, and goes on without giving anybody a second coupon.
 */
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
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly startedBy: string;
  /** Milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly error: string | null;
}

type Begun = Pick<
  GrantRun,
  'runId' | 'tenant' | 'series' | 'segmentId' | 'members' | 'startedBy' | 'startedAt'
>;

export interface GrantRuns {
  /** One that runs or is done stays as it is. @throws Refused `job-running` where too many run. */
  start(
    begun: Begun,
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

interface Entry {
  run: GrantRun;
  readonly controller: AbortController;
  ended: Promise<void>;
}

export const createGrantRuns = (
  now: () => number,
  onFailed: (run: GrantRun, error: unknown) => void,
): GrantRuns => {
  const entries = new Map<string, Entry>();

  const forgetOldest = (): void => {
    for (const [id, { run }] of entries) {
      if (entries.size <= rememberedMax) return;
      if (run.state !== 'running') entries.delete(id);
    }
  };

  return {
    start: (begun, work) => {
      const known = entries.get(begun.runId)?.run;
      if (known?.state === 'running' || known?.state === 'done') return known;
      const running = [...entries.values()].filter(({ run }) => run.state === 'running').length;
      if (running >= runningMax) throw refused('job-running', 'Wait for one of the grants to end.');
      const controller = new AbortController();
      const none = { granted: 0, repeated: 0, gone: 0 };
      const entry: Entry = {
        run: { ...begun, ...none, state: 'running', finishedAt: null, error: null },
        controller,
        ended: Promise.resolve(),
      };
      const change = (changes: Partial<GrantRun>): void => {
        entry.run = { ...entry.run, ...changes };
      };
      entry.ended = work(controller.signal, change).then(
        (counts) => change({ ...counts, state: 'done', finishedAt: now() }),
        (error: unknown) => {
          const state = controller.signal.aborted ? 'cancelled' : 'failed';
          const told = error instanceof Error ? error.message : String(error);
          change({ state, error: state === 'failed' ? told : null, finishedAt: now() });
          if (state === 'failed') onFailed(entry.run, error);
        },
      );
      entries.delete(begun.runId);
      entries.set(begun.runId, entry);
      forgetOldest();
      return entry.run;
    },
    list: (tenant) =>
      [...entries.values()]
        .map(({ run }) => run)
        .filter((run) => run.tenant === tenant)
        .reverse(),
    cancel: (runId) => entries.get(runId)?.controller.abort(),
    stop: async () => {
      for (const { controller } of entries.values()) controller.abort();
      await Promise.all([...entries.values()].map(({ ended }) => ended));
    },
  };
};
