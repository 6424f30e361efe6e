/**
 * Until a program has nothing to catch up with, so that it takes no part in what is measured next. It goes by processor time: elsewhere than on
 * Linux there is none to see, and what follows a load may not be alone.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { cpuTimeBetween, cpuTimes } from './cpuTime.js';

const lookMs = 200;
/** What rests because others were busy begins again within half a second of their end. */
const stillLooks = 4;
/** Of a look: a program that only waits looks at its timers. */
const shareMost = 0.05;

/** @param deadlineMs milliseconds. @throws where it is still at work then. */
export const untilStill = async (pids: readonly number[], deadlineMs: number): Promise<void> => {
  const giveUpAt = performance.now() + deadlineMs;
  let [before, startedAt] = [cpuTimes(pids), performance.now()];
  for (let still = 0; still < stillLooks;) {
    if (performance.now() > giveUpAt) {
      throw new Error(`processes ${pids.join(', ')} were still at work after ${deadlineMs} ms`);
    }
    await pause(lookMs);
    const [after, endedAt] = [cpuTimes(pids), performance.now()];
    const seconds = [...cpuTimeBetween(before, after).values()].reduce((sum, one) => sum + one, 0);
    still = (seconds * 1_000) / (endedAt - startedAt) <= shareMost ? still + 1 : 0;
    [before, startedAt] = [after, endedAt];
  }
};
