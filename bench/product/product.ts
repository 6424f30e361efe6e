/**
 * The product as its user starts it: `kopilka start --data DIR --port 0` in a process of its own, ready when DIR/ready.json names
 * that process and /health/ready says so.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { productFlags } from '../child.js';
import type { Cleanup } from '../cleanup.js';
import { ended, isAlive, processTree } from '../machine/processes.js';

export interface Ready {
  readonly url: string;
  readonly pid: number;
  /** Of the read models, where the server is the embedded one. */
  readonly postgresUrl: string;
  readonly tillToken: string;
  readonly operator: { readonly login: string; readonly password: string };
}

export interface Product extends Ready {
  readonly dataDir: string;
  readonly logFile: string;
  /** From the start of the process to /health/ready. */
  readonly startMilliseconds: number;
  /** SIGTERM, then by force; PostgreSQL with it. */
  stop(): Promise<void>;
  /** As a power failure of the process: PostgreSQL goes on, as it does in life. */
  kill(): Promise<void>;
}

export const cliMain = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const readyFor = (dataDir: string, pid: number): Ready | null => {
  const file = join(dataDir, 'ready.json');
  if (!existsSync(file)) return null;
  try {
    const ready = JSON.parse(readFileSync(file, 'utf8')) as Ready;
    return ready.pid === pid ? ready : null;
  } catch {
    return null; // being written
  }
};

const answers = async (url: string): Promise<boolean> => {
  const signal = AbortSignal.timeout(2_000);
  return fetch(`${url}/health/ready`, { signal }).then(
    async (response) => (await response.arrayBuffer(), response.ok),
    () => false,
  );
};

const tailOf = (file: string): string =>
  readFileSync(file, 'utf8').split('\n').slice(-25).join('\n');

const untilReady = async (
  dataDir: string,
  pid: number,
  logFile: string,
  deadlineMs: number,
): Promise<Ready> => {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const ready = readyFor(dataDir, pid);
    if (ready && (await answers(ready.url))) return ready;
    const died = !isAlive(pid);
    if (died || performance.now() > giveUpAt) {
      const what = died ? 'ended before it was ready' : `was not ready within ${deadlineMs} ms`;
      throw new Error(`Kopilka ${what}. Its log ends:\n${tailOf(logFile)}`);
    }
    await pause(20);
  }
};

/** Should we be killed ourselves, nothing is left running: a shell waits on a pipe that only we hold. */
const killWithUs = (pid: number): (() => void) => {
  const script = `while read -r _; do :; done; kill -KILL ${pid}`;
  const guard = spawn('/bin/sh', ['-c', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  // Ended before the pipe is closed: the pid is nobody's business any more.
  return () => void guard.kill('SIGKILL');
};

export const startProduct = async (options: {
  readonly dataDir: string;
  readonly cleanup: Cleanup;
  readonly profileDir?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}): Promise<Product> => {
  const { dataDir, cleanup } = options;
  const logFile = join(dataDir, 'kopilka.log');
  const log = openSync(logFile, 'a');
  const flags: string[] = [...productFlags, '--enable-source-maps'];
  if (options.profileDir) {
    const folder = resolve(options.profileDir);
    mkdirSync(folder, { recursive: true });
    flags.push('--cpu-prof', `--cpu-prof-dir=${folder}`);
  }
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [...flags, cliMain, 'start', '--data', dataDir, '--port', '0'],
    {
      stdio: ['ignore', log, log],
      env: { ...process.env, NODE_ENV: 'production', ...options.env },
      detached: true, // Ctrl-C is for the bench, which stops the product in order
    },
  );
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new Error('could not start Kopilka');

  const release = killWithUs(pid);
  void once(child, 'exit').then(release);

  let family: readonly number[] = [pid];
  const look = () => {
    const seen = processTree(pid).map((member) => member.pid);
    family = [...new Set([...family, ...seen])];
  };
  const force = async () => {
    for (const member of family.filter(isAlive)) process.kill(member, 'SIGKILL');
    await ended(family, 5_000);
  };
  const stop = cleanup.add(async () => {
    look();
    if (isAlive(pid) && child.exitCode === null) child.kill('SIGTERM');
    // Profiles are written on the way out, and that takes its time.
    if (!(await ended(family, options.profileDir ? 60_000 : 15_000))) await force();
  });
  const kill = async () => {
    look();
    child.kill('SIGKILL');
    await ended([pid], 5_000);
  };
  const ready = await untilReady(dataDir, pid, logFile, options.deadlineMs ?? 90_000);
  const startMilliseconds = performance.now() - started;
  look();
  return { ...ready, dataDir, logFile, startMilliseconds, stop, kill };
};
