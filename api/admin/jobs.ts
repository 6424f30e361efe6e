/**
 * Long work on read models, and simulations over them, as jobs: begun by a request, watched and cancelled by others.
 *
 * Kept in this process: a job ends with it. Nothing is lost by that, the live read model is touched only by the last step of a
 * rebuild, and a replay that broke off is resumed by its schema's name. One job at a time on a projection, few in all, and a bounded
 * number of finished ones is remembered.
 */
import { randomUUID } from 'node:crypto';
import type { TenantId } from '../../domain/ids.js';
import type { Progress } from '../../projections/progress.js';
import { refused } from '../refused.js';

export type JobKind = 'rebuild' | 'replay' | 'verification' | 'simulation';
export type JobState = 'running' | 'done' | 'failed' | 'cancelled';

export interface Job<Result = unknown> {
  readonly id: string;
  readonly kind: JobKind;
  /** The read model that it works on or reads. */
  readonly projection: string;
  /** Whose it is; null: of the installation, whose read models all tenants share. */
  readonly tenant: TenantId | null;
  readonly startedBy: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly state: JobState;
  readonly progress: Progress | null;
  readonly finishedAt: number | null;
  readonly result: Result | null;
  readonly error: string | null;
}

export interface JobWork {
  readonly kind: JobKind;
  readonly projection: string;
  /** Left out: of the installation. */
  readonly tenant?: TenantId;
  readonly startedBy: string;
  readonly run: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<unknown>;
}

export interface Jobs {
  /** @throws Refused `job-running` where the projection has one (of the same tenant), or too many run. */
  start(work: JobWork, now: number): Job;
  readonly get: (id: string) => Job | undefined;
  /** Newest first. */
  readonly list: () => readonly Job[];
  /** False where there is no such job; one that ended stays as it is. */
  cancel(id: string): boolean;
  /** Cancels all and waits for them. */
  stop(): Promise<void>;
}

const runningMax = 2;
const rememberedMax = 50;

interface Entry {
  job: Job;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

export const createJobs = (options: {
  readonly now: () => number;
  readonly onFailed?: (job: Job, error: unknown) => void;
}): Jobs => {
  const entries = new Map<string, Entry>();

  const assertRoom = ({ projection, ...work }: JobWork): void => {
    const tenant = work.tenant ?? null;
    const running = [...entries.values()].filter(({ job }) => job.state === 'running');
    const same = running.find(({ job }) => job.projection === projection && job.tenant === tenant);
    if (same) {
      throw refused('job-running', `Wait for job ${same.job.id} or cancel it.`, {
        jobId: same.job.id,
      });
    }
    if (running.length >= runningMax) {
      throw refused('job-running', `Wait for one of the ${running.length} jobs that run.`);
    }
  };

  const forgetOldest = (): void => {
    for (const [id, { job }] of entries) {
      if (entries.size <= rememberedMax) return;
      if (job.state !== 'running') entries.delete(id);
    }
  };

  const start: Jobs['start'] = (work, now) => {
    assertRoom(work);
    const id = randomUUID();
    const controller = new AbortController();
    const change = (changes: Partial<Job>): void => {
      const entry = entries.get(id);
      if (entry) entry.job = { ...entry.job, ...changes };
    };
    const begin = async (): Promise<void> => {
      try {
        controller.signal.throwIfAborted();
        const result = await work.run(controller.signal, (progress) => change({ progress }));
        change({ state: 'done', result, finishedAt: options.now() });
      } catch (error) {
        const cancelled = controller.signal.aborted;
        const state = cancelled ? 'cancelled' : 'failed';
        const told = cancelled ? null : error instanceof Error ? error.message : String(error);
        change({ state, error: told, finishedAt: options.now() });
        const entry = entries.get(id);
        if (!cancelled && entry) options.onFailed?.(entry.job, error);
      }
    };
    const { kind, projection, startedBy } = work;
    const job: Job = {
      id,
      kind,
      projection,
      tenant: work.tenant ?? null,
      startedBy,
      startedAt: now,
      state: 'running',
      progress: null,
      finishedAt: null,
      result: null,
      error: null,
    };
    // The entry must be there before the work can tell of its progress.
    const ended = Promise.resolve().then(begin);
    entries.set(id, { job, controller, ended });
    forgetOldest();
    return job;
  };

  return {
    start,
    get: (id) => entries.get(id)?.job,
    list: () => [...entries.values()].map(({ job }) => job).reverse(),
    cancel: (id) => {
      const entry = entries.get(id);
      entry?.controller.abort();
      return entry !== undefined;
    },
    stop: async () => {
      for (const { controller } of entries.values()) controller.abort();
      await Promise.all([...entries.values()].map(({ ended }) => ended));
    },
  };
};
