/**
 * How long the calling thread has waited for a processor since it began, though there was something for it to do; milliseconds. Linux tells
 * (schedstat of proc(5)); elsewhere it is 0.
 */
import { readFileSync } from 'node:fs';

export const waitedMs = (): number => {
  try {
    const [, waitedNs = '0'] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(waitedNs) / 1e6;
  } catch {
    return 0;
  }
};
