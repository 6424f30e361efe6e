/**
 * Which user of the operating system runs PostgreSQL.
 *
 * PostgreSQL refuses to run as root. An ordinary user runs it as himself; root hands it to the owner of an
 * existing cluster, else to `postgres`, else to `nobody`. No user is ever created.
 * What that user can reach is tried out, not computed from modes, so ACLs and mount options count too.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** undefined: the user that runs this process. */
export type Account = { readonly uid: number; readonly gid: number } | undefined;

const entryOf = (name: string): Account => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}:`));
  if (line === undefined) return undefined;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
};

export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * The account for a cluster; `cluster` may not exist yet.
 * @throws when run as root on a machine with neither a postgres nor a nobody user.
 */
export const chooseAccount = (cluster: string): Account => {
  if (!isRoot()) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = entryOf('postgres') ?? entryOf('nobody');
  if (account === undefined) {
    throw new Error(
      'PostgreSQL does not run as root and there is neither a postgres nor a nobody user to run it as: ' +
        'start Kopilka as an ordinary user, or set KOPILKA_POSTGRES_URL to a server of your own.',
    );
  }
  return account;
};

const probeDeadlineMs = 10_000;

const succeedsAs = (account: Account, command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { ...account, cwd: '/', stdio: 'ignore', timeout: probeDeadlineMs })
    .status === 0;

/** Whether the account can start this program, with the libraries it loads. */
export const canRun = (account: Account, program: string): boolean =>
  succeedsAs(account, program, ['--version']);

/** Whether the account can pass through this folder. */
export const canReach = (account: Account, folder: string): boolean =>
  succeedsAs(account, '/bin/sh', ['-c', 'test -x "$1"', 'sh', folder]);

/** Whether the account can create files in this folder. */
export const canWriteIn = (account: Account, folder: string): boolean =>
  succeedsAs(account, '/bin/sh', ['-c', 'test -w "$1" && test -x "$1"', 'sh', folder]);
