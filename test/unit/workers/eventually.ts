/** Waits until an assertion holds; after ten seconds its failure is the test's. */
import { setTimeout as sleep } from 'node:timers/promises';

export const eventually = async (assertion: () => unknown, deadlineMs = 10_000): Promise<void> => {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(2);
    }
  }
};
