/**
 * Clears what an earlier run left: a PostgreSQL whose Kopilka was killed, or its pid file.
 *
 * Only called under the data directory's lock, so no live Kopilka owns what is found here, and only processes that
 * really are PostgreSQL on this very cluster are ended. A fast shutdown first (its checkpoint spares the recovery),
 * then an immediate one, which loses nothing that was committed.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPostgresOf, postgresProcessesOf } from './processIdentity.js';
import type { EmbeddedPostgresLogger } from './logger.js';

const fastDeadlineMs = 15_000;
const immediateDeadlineMs = 5_000;
const pollMs = 25;

const postmasterIn = (pidFile: string): number | undefined => {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
};

const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // gone meanwhile
    }
  }
};

/** Ends the processes that `survivors` lists; false if some are left at the deadline. */
const end = async (
  survivors: () => readonly number[],
  leaders: readonly number[],
  signal: NodeJS.Signals,
  deadlineMs: number,
): Promise<boolean> => {
  signalAll(leaders, signal);
  for (let waitedMs = 0; waitedMs < deadlineMs; waitedMs += pollMs) {
    if (survivors().length === 0) return true;
    await sleep(pollMs);
  }
  return survivors().length === 0;
};

/**
 * Ends a PostgreSQL left running on this cluster and removes its pid file.
 * @throws when it survives even SIGKILL.
 */
export const takeOverCluster = async (
  cluster: string,
  logger: EmbeddedPostgresLogger,
): Promise<void> => {
  const pidFile = join(cluster, 'postmaster.pid');
  const postmaster = postmasterIn(pidFile);
  const leader = postmaster !== undefined && isPostgresOf(postmaster, cluster) ? [postmaster] : [];
  const survivors = () => [
    ...new Set([
      ...leader.filter((pid) => isPostgresOf(pid, cluster)),
      ...postgresProcessesOf(cluster),
    ]),
  ];
  if (survivors().length > 0) {
    logger.warn({ pid: postmaster, cluster }, 'stopping a PostgreSQL that an earlier run left');
    const ended =
      // Backends without a postmaster leave by themselves: only the leader is asked politely.
      (await end(survivors, leader, 'SIGINT', fastDeadlineMs)) ||
      (await end(survivors, survivors(), 'SIGQUIT', immediateDeadlineMs)) ||
      (await end(survivors, survivors(), 'SIGKILL', immediateDeadlineMs));
    if (!ended) {
      throw new Error(
        `PostgreSQL (pid ${survivors().join(', ')}) on ${cluster} cannot be stopped.`,
      );
    }
  }
  rmSync(pidFile, { force: true });
};
