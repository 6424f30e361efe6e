/**
 * Follows a job on a read model to its end, with a progress bar. Ctrl-C cancels the job: what runs on the server was asked for here.
 */
import type { JobShown } from '../api/admin/jobRoutes.js';
import { exitCodes, Failure } from './failure.js';
import { pause } from './http/retry.js';
import type { Session } from './http/session.js';
import { onInterrupt } from './interrupt.js';
import { showProgress } from './output/progress.js';

const lookMs = 300;

/** The job when it is done. @throws Failure where it failed or was cancelled; `resumeWith` says how to go on. */
export const watchJob = async (
  session: Session,
  begun: JobShown,
  resumeWith: (job: JobShown) => string | undefined = () => undefined,
): Promise<JobShown> => {
  const interrupt = onInterrupt();
  const progress = showProgress({
    label: `${begun.kind} ${begun.projection}`,
    unit: begun.kind === 'simulation' ? 'receipts' : 'events',
  });
  const path = `/admin/v1/jobs/${begun.jobId}`;
  let job = begun;
  try {
    let cancelled = false;
    while (job.state === 'running') {
      await pause(lookMs, cancelled ? undefined : interrupt.signal);
      if (interrupt.signal.aborted && !cancelled) {
        cancelled = true;
        await session.send({ method: 'POST', path: `${path}/cancellation` });
      }
      job = await session.get<JobShown>(path);
      if (job.progress) progress.update(job.progress.fraction, job.progress.events);
    }
    if (job.state === 'done') progress.update(1, job.progress?.events ?? 0);
  } finally {
    progress.stop();
    interrupt.release();
  }
  if (job.state === 'cancelled') {
    throw new Failure('Cancelled.', { exitCode: exitCodes.interrupted, advice: resumeWith(job) });
  }
  if (job.state === 'failed') {
    throw new Failure(`It failed: ${job.error ?? 'see the log of the server'}`, {
      exitCode: exitCodes.failed,
    });
  }
  return job;
};
