/**
 * Where the processors are all busy, tills come before whoever can catch up afterwards: such a thread calls this once, at its start.
 * Linux knows the priority of a single thread; elsewhere it stays as it is.
 */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

const niceness = 5;

export const lowerPriority = (): void => {
  try {
    lowerPriorityOf(Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
  } catch {
    // Another system.
  }
};

/** Of another process of ours, or of a thread. */
export const lowerPriorityOf = (pid: number): void => {
  try {
    setPriority(pid, niceness);
  } catch {
    // Gone meanwhile, or not allowed: it only means that all have the same right.
  }
};
