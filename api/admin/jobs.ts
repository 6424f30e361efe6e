/**
 * Long work on read models, and simulations over them, as jobs: begun by a request, watched and cancelled by others.
 *
 * Kept in this process: a job ends with it. Nothing is lost by that, the live read model is touched only by the last step of a
 * rebuild, and a replay that broke off is resumed by its schema's name. One job at a time on a projection, few in all, and a bounded
 * number of finished ones is remembered.
 */
import { randomUUID } from 'node:crypto';
import { begun, createBackground, type Outcome } from '../../commands/background.js';
import type { TenantId } from '../../domain/ids.js';
import type { Progress } from '../../projections/progress.js';
import { refused } from '../refused.js';

export type JobKind = 'rebuild' | 'replay' | 'verification' | 'simulation';
export type JobState = Outcome;

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

export const createJobs = (options: {
  readonly now: () => number;
  readonly onFailed?: (job: Job, error: unknown) => void;
}): Jobs => {
  const jobs = createBackground<Job>({ rememberedMax, ...options });

  const assertRoom = ({ projection, ...work }: JobWork): void => {
    const tenant = work.tenant ?? null;
    const running = jobs.running();
    const same = running.find((job) => job.projection === projection && job.tenant === tenant);
    if (same) {
      throw refused('job-running', `Wait for job ${same.id} or cancel it.`, { jobId: same.id });
    }
    if (running.length >= runningMax) {
      throw refused('job-running', `Wait for one of the ${running.length} jobs that run.`);
    }
  };

  return {
    start: (work, now) => {
      assertRoom(work);
      const { kind, projection, tenant = null, startedBy } = work;
      const id = randomUUID();
      const about = { id, kind, projection, tenant, startedBy, startedAt: now };
      const job: Job = { ...about, ...begun, progress: null, result: null };
      return jobs.start(id, job, async (signal, tell) => ({
        result: await work.run(signal, (progress) => tell({ progress })),
      }));
    },
    get: jobs.get,
    list: () => [...jobs.all()].reverse(),
    cancel: jobs.cancel,
    stop: jobs.stop,
  };
};
