/** Waits until an assertion holds; after two seconds its failure is the test's. */
import { setTimeout as sleep } from 'node:timers/promises';

export const eventually = async (assertion: () => unknown, deadlineMs = 2_000): Promise<void> => {
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
