/**
 * Where the processors are all busy, tills and one-time passwords come before whoever can catch up afterwards: such a thread calls this once,
 * at its start. Linux knows the priority of a single thread; elsewhere it stays as it is.
 *
 * Where Linux shares the processors out among sessions first (autogroup in sched(7)), a priority counts within its session only, and each process
 * that serves a connection of PostgreSQL has a session of its own, with as much right as all threads of ours together: that is given the same
 * priority.
 */
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * `behind`: what others ask for soon, such as the read models that tills look into; a third of the right of those. `last`: what can wait until
 * there is room; a twenty-eighth, enough to get on where all processors are busy. `spare`: what can wait and holds nothing that others wait
 * for, neither a row nor a lease: it has what nobody else wants, and gives it back at once (SCHED_IDLE of sched(7)). Someone of a higher
 * priority otherwise waits until the turn of whoever runs is over, some three milliseconds.
 */
const niceness = { behind: 5, last: 15, spare: 15 } as const;
type Standing = keyof typeof niceness;

/**
 * Of the session of another process. `beside`: what tills themselves wait for, such as who writes the log's rows. It is as high as they are,
 * but its session does not count for as much as theirs, with all that is in it.
 */
const sessionNiceness = { beside: 5, behind: 5, last: 15 } as const;
type ProcessStanding = keyof typeof sessionNiceness;

export const lowerPriority = (standing: Standing): void => {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    lower(thread, standing);
    if (standing === 'spare') takeWhatIsSpare(thread);
  } catch {
    // Another system.
  }
};

/** Node has no such call. Where the program of util-linux is missing, the thread keeps the priority that it has by now. */
const takeWhatIsSpare = (thread: number): void =>
  void execFile(
    'chrt',
    ['--idle', '--pid', '0', String(thread)],
    { timeout: 5_000 },
    () => undefined,
  );

/** Of another process of ours. */
export const lowerPriorityOf = (pid: number, standing: ProcessStanding): void => {
  if (standing !== 'beside') lower(pid, standing);
  void lowerSessionOf(pid, standing);
};

const lower = (pid: number, standing: Standing): void => {
  try {
    setPriority(pid, niceness[standing]);
  } catch {
    // Gone meanwhile, or not allowed: it only means that all have the same right.
  }
};

/** Whoever is not root may change one session in a tenth of a second, on the whole machine. */
const again = { tries: 20, leastMs: 100 } as const;

const lowerSessionOf = async (pid: number, standing: ProcessStanding): Promise<void> => {
  for (let tries = 0; tries < again.tries; tries += 1) {
    try {
      const path = `/proc/${pid}/autogroup`;
      // Ours is left as it is: tills are served in it.
      if (sessionIn(path) !== sessionIn('/proc/self/autogroup')) {
        writeFileSync(path, `${sessionNiceness[standing]}`);
      }
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return; // As above.
    }
    await sleep(again.leastMs * (1 + Math.random()), undefined, { ref: false });
  }
};

/** Such as `/autogroup-25 nice 0`. */
const sessionIn = (path: string): string | undefined => readFileSync(path, 'utf8').split(' ')[0];
