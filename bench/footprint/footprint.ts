/** What a product with a history holds in memory, process by process, and how long it takes from the start to ready. */
import type { Bench } from '../bench.js';
import { type ProcessInfo, processTree } from '../machine/processes.js';
import { startFilled } from '../product/filled.js';
import { type Product, startProduct } from '../product/product.js';
import { figure, mebibytes, type Table } from '../table.js';

interface Group {
  readonly name: string;
  readonly processes: number;
  readonly rssBytes: number;
  readonly pssBytes: number;
}

const nameOf = ({ command }: ProcessInfo): string => {
  if (/main\.js start/.test(command)) return 'Kopilka (node, all threads)';
  if (command.startsWith('/bin/sh -c while read')) return 'PostgreSQL (ends it with its parent)';
  const worker = /^postgres: ([a-z ]+)/.exec(command)?.[1]?.trim();
  if (!worker) return /postgres/.test(command) ? 'PostgreSQL (postmaster)' : command.slice(0, 40);
  return worker.startsWith('kopilka') ? 'PostgreSQL (connections)' : 'PostgreSQL (own workers)';
};

const grouped = (members: readonly ProcessInfo[]): Group[] => {
  const groups = new Map<string, Group>();
  for (const member of members) {
    const name = nameOf(member);
    const group = groups.get(name) ?? { name, processes: 0, rssBytes: 0, pssBytes: 0 };
    groups.set(name, {
      name,
      processes: group.processes + 1,
      rssBytes: group.rssBytes + member.rssBytes,
      pssBytes: group.pssBytes + (member.pssBytes ?? member.rssBytes),
    });
  }
  return [...groups.values()];
};

const memoryTable = (title: string, groups: readonly Group[]): Table => {
  const total = {
    name: 'together',
    processes: groups.reduce((sum, { processes }) => sum + processes, 0),
    rssBytes: groups.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    pssBytes: groups.reduce((sum, { pssBytes }) => sum + pssBytes, 0),
  };
  return {
    title,
    head: ['', 'processes', 'RSS MiB', 'PSS MiB'],
    rows: [...groups, total].map(({ name, processes, rssBytes, pssBytes }) => [
      name,
      String(processes),
      mebibytes(rssBytes),
      mebibytes(pssBytes),
    ]),
  };
};

/** Of the main thread, as its own metrics say; the rest of the process is code, buffers and the other threads' heaps. */
const mainHeap = async ({ url }: Product): Promise<{ used: number; external: number }> => {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
  return {
    used: value('nodejs_heap_size_used_bytes'),
    external: value('nodejs_external_memory_bytes'),
  };
};

const run: Bench['run'] = async (options) => {
  const { cleanup, say } = options;
  const { product: first, content, seconds } = await startFilled('footprint', options);
  say(`filled in ${seconds.toFixed(1)} s`);
  const afterFilling = grouped(processTree(first.pid));
  const heap = await mainHeap(first);
  await first.stop();

  const { dataDir } = first;
  const again = (): Promise<Product> => startProduct({ dataDir, cleanup, deadlineMs: 180_000 });
  const second = await again();
  say(`ready after a clean stop in ${figure(second.startMilliseconds)} ms`);
  const afterRestart = grouped(processTree(second.pid));
  await second.kill();
  const third = await again();
  say(`ready after kill -9 in ${figure(third.startMilliseconds)} ms`);
  await third.stop();

  const starts = {
    empty: first.startMilliseconds,
    afterCleanStop: second.startMilliseconds,
    afterKill: third.startMilliseconds,
  };
  return {
    tables: [
      memoryTable('Memory after the filling', afterFilling),
      memoryTable('Memory after a restart', afterRestart),
      {
        title: 'From the start of the process to /health/ready',
        head: ['', 'ms'],
        rows: [
          ['an empty folder: the cluster is made', figure(starts.empty)],
          ['with the data, after a clean stop', figure(starts.afterCleanStop)],
          ['with the data, after kill -9', figure(starts.afterKill)],
        ],
      },
    ],
    figures: { content, fillSeconds: seconds, afterFilling, afterRestart, heap, starts },
    notes: [
      `The log holds ${content}.`,
      `Of the process, the heap of the main thread holds ${mebibytes(heap.used)} MiB after the filling, and ${mebibytes(heap.external)} MiB outside of it.`,
      'PSS counts a page that several processes share once: of PostgreSQL it is the figure that adds up.',
    ],
  };
};

export const footprint: Bench = {
  name: 'footprint',
  summary: 'memory of each process with a history, and the time from start to ready',
  run,
};
