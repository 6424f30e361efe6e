/** Where the processors' time went, by request: the sum bounds the rate on a machine that is full. */
import { type Sample } from '../load/latencies.js';
import { cpuTimeBetween, type CpuTimes } from '../machine/cpuTime.js';
import { type Table, whole } from '../table.js';
import type { Load, Rival, RivalName } from './rival.js';

export interface Spent {
  readonly rival: RivalName;
  readonly connections: number;
  /** Of the whole sample, warm-up included, as the seconds are. */
  readonly requests: number;
  /** By part; of Kopilka the read models' catching up is in it. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
}

export const spentOn = (
  rival: RivalName,
  { connections }: Load,
  { statuses }: Sample,
  before: CpuTimes,
  after: CpuTimes,
): Spent => ({
  rival,
  connections,
  requests: Object.values(statuses).reduce((sum, count) => sum + count, 0),
  cpuSeconds: Object.fromEntries(cpuTimeBetween(before, after)),
});

/** Other threads: V8's and libuv's own, and Kopilka's that have nothing to do with a receipt. */
const others = 'other threads';
const parts = ['main thread', 'event store', 'projections', others, 'PostgreSQL'] as const;

export const spentTable = (spent: readonly Spent[], rivals: readonly Rival[]): Table => {
  const partOf = (part: string): string => (parts.some((known) => known === part) ? part : others);
  const row = (own: readonly Spent[]): string[] => {
    const requests = own.reduce((sum, one) => sum + one.requests, 0);
    const taken = parts.map((name) =>
      own
        .flatMap(({ cpuSeconds }) => Object.entries(cpuSeconds))
        .filter(([part]) => partOf(part) === name)
        .reduce((sum, [, seconds]) => sum + (seconds * 1e6) / Math.max(1, requests), 0),
    );
    return [...taken, taken.reduce((sum, each) => sum + each, 0)].map(whole);
  };
  const levels = [...new Set(spent.map(({ connections }) => connections))];
  return {
    title: 'Processor time of one request in microseconds, without the load generator',
    head: ['', 'connections', ...parts, 'together'],
    rows: rivals.flatMap(({ name, title }) =>
      levels.map((level) => {
        const own = spent.filter((one) => one.rival === name && one.connections === level);
        return [title, String(level), ...row(own)];
      }),
    ),
  };
};
