/**
 * One Kopilka process at a time uses a data directory. The lock is a file with the holder's pid and start time; it
 * appears complete by link(2), and a lock whose holder is gone is taken over.
 *
 * Node has no flock, hence the care: a stale lock is moved aside under a name of our own and looked at again, so
 * that a lock somebody took meanwhile is put back, and a taken-over lock is confirmed after a moment.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, startOf } from './processIdentity.js';

interface Holder {
  readonly pid: number;
  readonly started: string | undefined;
}

export interface Lock {
  release(): void;
}

const confirmAfterMs = 100;

const holderIn = (path: string): Holder | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined; // absent, or not a lock of ours
  }
};

const holds = (holder: Holder | undefined): holder is Holder =>
  holder !== undefined && isAlive(holder.pid) && startOf(holder.pid) === holder.started;

/** Another process uses the data directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
  constructor(
    dataDir: string,
    readonly pid: number,
  ) {
    super(
      `Data directory in use by pid ${pid}: ${dataDir}. Stop that process, or choose another directory with --data.`,
    );
  }
}

const inUse = (dataDir: string, { pid }: Holder): Error => new DataDirectoryInUse(dataDir, pid);

const tryLink = (from: string, to: string): boolean => {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/** Moves a stale lock away; puts it back when it turns out to be held. */
const removeStale = (path: string): void => {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (holds(holderIn(aside))) tryLink(aside, path);
  rmSync(aside, { force: true });
};

/**
 * Takes the lock file at `path`; `dataDir` is for the message.
 * @throws "Data directory in use by pid N" while its holder lives.
 */
export const takeLock = async (path: string, dataDir: string): Promise<Lock> => {
  const own: Holder = { pid: process.pid, started: startOf(process.pid) };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o644 });
  let tookOver = false;
  try {
    while (!tryLink(draft, path)) {
      const holder = holderIn(path);
      if (holds(holder)) throw inUse(dataDir, holder);
      removeStale(path);
      tookOver = true;
    }
  } finally {
    rmSync(draft, { force: true });
  }
  if (tookOver) {
    await sleep(confirmAfterMs);
    const holder = holderIn(path);
    if (holder?.pid !== own.pid) throw inUse(dataDir, holder ?? own);
  }
  return {
    release: () => {
      if (holderIn(path)?.pid === own.pid) rmSync(path, { force: true });
    },
  };
};
