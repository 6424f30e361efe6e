/**
 * One PostgreSQL server process and its watchman.
 *
 * Both are leaders of their own process groups: Ctrl-C in a terminal reaches Kopilka alone, which drains first.
 * The watchman is a shell that waits on a pipe from us; when we die by whatever cause, the pipe closes and it asks
 * the server for a fast shutdown. It is a courtesy: the guarantee is takeover.ts at the next start.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Placement } from './placement.js';
import { startupLog } from './serverLog.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Server {
  readonly pid: number;
  /** Set once the process has ended. */
  exit(): Exit | undefined;
  readonly exited: Promise<Exit>;
  /** Fast shutdown, after its deadline an immediate one, at last a kill. Twice is safe. */
  stop(): Promise<void>;
}

const fastDeadlineMs = 8_000;
const immediateDeadlineMs = 3_000;

const watch = (pid: number, { account }: Placement): ChildProcess => {
  const script = 'while read -r _; do :; done; kill -INT "$1"';
  const watchman = spawn('/bin/sh', ['-c', script, 'kopilka-watchman', String(pid)], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchman.on('error', () => {});
  watchman.stdin?.on('error', () => {});
  watchman.unref();
  return watchman;
};

const launch = ({ account, binaries, cluster, home }: Placement): ChildProcess => {
  const output = openSync(startupLog(home), 'w', 0o600);
  try {
    return spawn(binaries.postgres, ['-D', cluster], {
      ...account,
      cwd: '/',
      detached: true,
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
  }
};

/** @throws when the program cannot be started at all. Readiness is for the caller to wait on. */
export const startServer = async (placement: Placement): Promise<Server> => {
  const child = launch(placement);
  const spawned = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  let exit: Exit | undefined;
  let watchman: ChildProcess | undefined = undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      watchman?.kill('SIGKILL'); // before the pid can mean another process
      resolve(exit);
    });
  });
  await spawned;
  const pid = child.pid as number;
  watchman = watch(pid, placement);

  const endWith = async (signal: NodeJS.Signals, deadlineMs: number): Promise<boolean> => {
    if (exit !== undefined) return true;
    child.kill(signal);
    const cancel = new AbortController();
    const deadline = sleep(deadlineMs, undefined, { signal: cancel.signal }).catch(() => {});
    await Promise.race([exited, deadline]);
    cancel.abort();
    return exit !== undefined;
  };
  const stop = async (): Promise<void> => {
    if (await endWith('SIGINT', fastDeadlineMs)) return;
    if (await endWith('SIGQUIT', immediateDeadlineMs)) return;
    await endWith('SIGKILL', immediateDeadlineMs);
  };
  let stopping: Promise<void> | undefined;
  return { pid, exit: () => exit, exited, stop: () => (stopping ??= stop()) };
};
