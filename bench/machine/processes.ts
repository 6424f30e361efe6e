/**
 * Processes and their memory as the system sees them: who descends from whom, and how much each holds.
 *
 * From /proc where there is one, else from `ps`. PSS shares what several processes map (PostgreSQL's buffers) between them, so
 * that a sum of it means something; a sum of RSS counts such pages once for each process.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly rssBytes: number;
  /** Proportional; null where the system does not say. */
  readonly pssBytes: number | null;
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // ended meanwhile, or not ours to see
  }
};

const kibibytes = (text: string, name: string): number | null => {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text);
  return found ? Number(found[1]) * 1024 : null;
};

const isZombie = (status: string | null): boolean => /^State:\s+Z/m.test(status ?? '');

const fromProc = (pid: number): ProcessInfo | null => {
  const status = read(`/proc/${pid}/status`);
  if (status === null || isZombie(status)) return null;
  const command = (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
  return {
    pid,
    parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
    command: command === '' ? (/^Name:\s+(.*)$/m.exec(status)?.[1] ?? '') : command,
    rssBytes: kibibytes(status, 'VmRSS') ?? 0,
    pssBytes: kibibytes(read(`/proc/${pid}/smaps_rollup`) ?? '', 'Pss'),
  };
};

const fromPs = (): ProcessInfo[] =>
  execFileSync('ps', ['-axo', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const found = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line);
      if (!found) return [];
      const [, pid, parent, rss, command = ''] = found;
      const rssBytes = Number(rss) * 1024;
      return [{ pid: Number(pid), parent: Number(parent), command, rssBytes, pssBytes: null }];
    });

const allProcesses = (): ProcessInfo[] =>
  existsSync('/proc/self/status')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((name) => fromProc(Number(name)) ?? [])
    : fromPs();

/** The process and all that descend from it, the process first. Empty where it has ended. */
export const processTree = (root: number): readonly ProcessInfo[] => {
  const all = allProcesses();
  const tree = all.filter(({ pid }) => pid === root);
  for (const member of tree) tree.push(...all.filter(({ parent }) => parent === member.pid));
  return tree;
};

/** Not one that has ended and waits for its parent to ask: what is orphaned waits for seconds where the first process is in no hurry. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !isZombie(read(`/proc/${pid}/status`));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Waits until all have ended; false when the deadline comes first. */
export const ended = async (pids: readonly number[], deadlineMs: number): Promise<boolean> => {
  const giveUpAt = performance.now() + deadlineMs;
  while (pids.some(isAlive)) {
    if (performance.now() > giveUpAt) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
};
