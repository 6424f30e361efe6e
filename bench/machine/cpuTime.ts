/**
 * Processor time by part: how much of the machine each of them took while a sample ran. On a machine that is full it says more
 * than a rate does, since parts that share the cores bound each other. Linux only: elsewhere there is nothing to show.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { processTree } from './processes.js';

/** Seconds by part since the processes began. */
export type CpuTimes = ReadonlyMap<string, number>;

const ticksPerSecond = 100; // what the kernel reports in, on every Linux

/** Name, then user and system time after the parenthesis that closes it. */
const secondsOf = (stat: string): number => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // ended meanwhile, or no Linux
  }
};

/** Its own name, where it has one; what belongs to V8 and libuv is called as the program is. */
const nameIn = (stat: string): string | null => {
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  return name === 'node' ? null : name;
};

interface Thread {
  readonly tid: number;
  readonly name: string | null;
  readonly seconds: number;
}

const threadsOf = (pid: number): Thread[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
      const stat = read(`/proc/${pid}/task/${tid}/stat`);
      return stat === null
        ? []
        : [{ tid: Number(tid), name: nameIn(stat), seconds: secondsOf(stat) }];
    });
  } catch {
    return [];
  }
};

/** The parts of a program: its main thread, each other thread by its name, or its number if it has none, and the PostgreSQL below it as a whole. */
const addTimesOf = (pid: number, times: Map<string, number>): void => {
  for (const { tid, name, seconds } of threadsOf(pid)) {
    const part = tid === pid ? 'main thread' : (name ?? `thread ${tid}`);
    times.set(part, (times.get(part) ?? 0) + seconds);
  }
  for (const member of processTree(pid)) {
    if (member.pid === pid) continue;
    const stat = read(`/proc/${member.pid}/stat`);
    const part = /postgres/.test(member.command) ? 'PostgreSQL' : 'other processes';
    if (stat !== null) times.set(part, (times.get(part) ?? 0) + secondsOf(stat));
  }
};

/** Of several programs together. */
export const cpuTimes = (pids: readonly number[]): CpuTimes => {
  const times = new Map<string, number>();
  for (const pid of pids) addTimesOf(pid, times);
  return times;
};

export const cpuTimeBetween = (before: CpuTimes, after: CpuTimes): Map<string, number> =>
  new Map(
    [...after]
      .map(([part, seconds]) => [part, seconds - (before.get(part) ?? 0)] as const)
      .filter(([, seconds]) => seconds > 0),
  );
