/**
 * Creates the cluster on the first start, complete or not at all: initdb works in a sibling folder that is renamed
 * when it is done, so a kill in between leaves a folder that the next start deletes.
 *
 * UTF-8 with PostgreSQL's own C.UTF-8 locale: the same order and the same lower() on every machine, whatever its
 * libraries are. Passwords are scram-sha-256 everywhere, also on the socket.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { provideFolder, syncFolder } from './folders.js';
import type { Placement } from './placement.js';

export const superuser = 'kopilka';

/**
 * Until a first checkpoint has files of the log to use again, each new one is written full of zeros while whoever commits waits: with the
 * usual 16 MB a one-time password that met it took 18 to 23 ms, every few seconds in a cluster that is new (docs/decisions/0032).
 */
const walSegmentMegabytes = 4;
const initdbDeadlineMs = 120_000;

/** The superuser's password, kept in the data directory; made on the first start. */
export const providePassword = (dataDir: string, placement: Placement): string => {
  const path = join(dataDir, 'password');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  if (existsSync(placement.cluster)) {
    throw new Error(
      `${path} is missing, so the cluster ${placement.cluster} cannot be opened: restore the file, ` +
        'or move the cluster away to begin an empty one.',
    );
  }
  const password = randomBytes(24).toString('base64url');
  const draft = `${path}.partial`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${password}\n`, { mode: 0o600, flush: true });
  renameSync(draft, path);
  return password;
};

const run = (
  program: string,
  args: readonly string[],
  { account, home }: Placement,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...account,
      cwd: '/',
      env: { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: initdbDeadlineMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`initdb failed (${signal ?? `code ${code}`}): ${output.trim()}`));
    });
  });

/** An initdb whose Kopilka was killed may still be writing: removing its files ends it, in more than one go. */
const removeLeftovers = async (home: string): Promise<void> => {
  for (const name of readdirSync(home)) {
    if (!name.startsWith('cluster.partial-')) continue;
    await rm(join(home, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
};

/** @throws with initdb's own words when it fails; nothing is left then. */
export const provideCluster = async (placement: Placement, password: string): Promise<void> => {
  const { account, binaries, cluster, home } = placement;
  await removeLeftovers(home);
  if (existsSync(cluster)) return;
  const partial = `${cluster}.partial-${process.pid}`;
  // A folder apart, because initdb insists on an empty one.
  const credentials = join(home, `cluster.partial-${process.pid}-credentials`);
  provideFolder(credentials, account, 0o700);
  provideFolder(partial, account, 0o700);
  try {
    const passwordFile = join(credentials, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
    const args = ['--pgdata', partial, '--username', superuser, '--pwfile', passwordFile];
    args.push('--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions');
    args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
    args.push(`--wal-segsize=${walSegmentMegabytes}`);
    await run(binaries.initdb, args, placement);
    renameSync(partial, cluster);
    syncFolder(dirname(cluster));
  } finally {
    rmSync(credentials, { recursive: true, force: true });
    rmSync(partial, { recursive: true, force: true });
  }
};
