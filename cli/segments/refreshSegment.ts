/** Has a segment refreshed by the server and follows it to its end. Ctrl-C cancels it: what it changed stays. */
import type { RefreshShown } from '../../api/admin/segmentRefreshes.js';
import { exitCodes, Failure } from '../failure.js';
import { pause } from '../http/retry.js';
import { type ConnectionOptions, openSession } from '../http/session.js';
import { onInterrupt } from '../interrupt.js';
import { count } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';

const lookMs = 300;

export const refreshSegment = async (
  segmentId: string,
  options: ConnectionOptions & { readonly json: boolean },
): Promise<void> => {
  const session = await openSession(options);
  const interrupt = onInterrupt();
  const progress = showProgress({ label: `refresh ${segmentId}`, unit: 'accounts' });
  const path = `/admin/v1/segments/${encodeURIComponent(segmentId)}/refresh`;
  try {
    let refresh = (await session.send<RefreshShown>({ method: 'POST', path })).body;
    let cancelled = false;
    while (refresh.state === 'running') {
      await pause(lookMs, cancelled ? undefined : interrupt.signal);
      if (interrupt.signal.aborted && !cancelled) {
        cancelled = true;
        await session.send({ method: 'POST', path: `${path}/cancellation` });
      }
      refresh = await session.get<RefreshShown>(path);
      progress.update(refresh.accounts / Math.max(1, refresh.of), refresh.accounts);
    }
    progress.stop();
    if (refresh.state === 'cancelled') {
      throw new Failure('Cancelled.', {
        exitCode: exitCodes.interrupted,
        advice: `Go on with the same command: kopilka segments refresh ${segmentId}`,
      });
    }
    if (refresh.state === 'failed') {
      throw new Failure(`It failed: ${refresh.error ?? 'see the log of the server'}`, {
        exitCode: exitCodes.failed,
        advice: 'The segments there are, with their ids: GET /admin/v1/segments',
      });
    }
    const { added, moved, removed } = refresh;
    const text = `${segmentId}: ${count(added)} came, ${count(moved)} moved, ${count(removed)} went.`;
    process.stdout.write(`${options.json ? JSON.stringify(refresh) : text}\n`);
  } finally {
    progress.stop();
    interrupt.release();
    session.close();
  }
};
