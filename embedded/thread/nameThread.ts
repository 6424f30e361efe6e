/**
 * Gives the calling thread the name under which the system's tools show it (`top -H`, `ps -L`, perf(1)): Node 20 calls each `node`. Linux keeps
 * fifteen bytes of it; elsewhere there is no such place, and nothing is done.
 */
import { writeFileSync } from 'node:fs';

export const nameThread = (name: string): void => {
  try {
    writeFileSync('/proc/thread-self/comm', name);
  } catch {
    // Another system.
  }
};
