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

/** Kopilka starts the event store's thread before that of the projections; all others are V8's and libuv's own. */
const nameThreads = (spent: readonly Spent[]): ReadonlyMap<string, string> => {
  const seconds = new Map<string, number>();
  for (const { rival, cpuSeconds } of spent) {
    if (rival !== 'product') continue;
    for (const [part, taken] of Object.entries(cpuSeconds)) {
      if (part.startsWith('thread ')) seconds.set(part, (seconds.get(part) ?? 0) + taken);
    }
  }
  const [eventStore, projections] = [...seconds]
    .sort(([, one], [, other]) => other - one)
    .slice(0, 2)
    .map(([part]) => part)
    .sort((one, other) => Number(one.slice(7)) - Number(other.slice(7)));
  return new Map([
    [eventStore ?? '', 'event store'],
    [projections ?? '', 'projections'],
  ]);
};

const parts = ['main thread', 'event store', 'projections', 'V8, libuv', 'PostgreSQL'] as const;

export const spentTable = (spent: readonly Spent[], rivals: readonly Rival[]): Table => {
  const names = nameThreads(spent);
  const partOf = (part: string): string =>
    names.get(part) ?? (part.startsWith('thread ') ? 'V8, libuv' : part);
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
