/**
 * Which process a pid means. Pids are used again, so a pid alone never proves that its process is the one that
 * wrote it down: the time the process started goes with it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** The fields of /proc/<pid>/stat after the program's name, which may itself hold spaces and brackets. */
const statFields = (pid: number): readonly string[] | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};

const isZombie = (pid: number): boolean => statFields(pid)?.[0] === 'Z';

const outputOfPs = (pid: number, column: string): string | undefined => {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};

const onLinux = existsSync('/proc/self/stat');

/** When the process started, as an opaque text that no other process with this pid ever has. */
export const startOf = (pid: number): string | undefined => {
  if (!onLinux) return outputOfPs(pid, 'lstart');
  const startedTicks = statFields(pid)?.[19];
  if (startedTicks === undefined) return undefined;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${startedTicks}`;
};

/** PostgreSQL keeps its data directory as working directory: that, with the program's name, identifies it. */
export const isPostgresOf = (pid: number, cluster: string): boolean => {
  if (!isAlive(pid)) return false;
  if (!onLinux) return outputOfPs(pid, 'command')?.includes(`-D ${cluster}`) ?? false;
  try {
    const program = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
    return program === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    return false;
  }
};

/** Every process of this cluster, also backends that outlived their postmaster. Linux only; elsewhere empty. */
export const postgresProcessesOf = (cluster: string): readonly number[] =>
  onLinux
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => isPostgresOf(pid, cluster))
    : [];
