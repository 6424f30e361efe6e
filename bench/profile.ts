/**
 * Sums CPU profiles up: for each thread the functions, files and packages in which the time was spent itself, not in what they
 * call. V8 samples by the clock: `(program)` is native code and waiting for the system, `(idle)` is left out.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../platform/packageRoot.js';
import { renderTable } from './table.js';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[];
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  /** Microseconds of a clock that all threads of a process share. */
  readonly startTime: number;
}

/** A stretch of that clock, during which the load was measured. */
interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

export interface SelfTimes {
  readonly busyUs: number;
  readonly idleUs: number;
  readonly byFunction: ReadonlyMap<string, number>;
  readonly byFile: ReadonlyMap<string, number>;
  readonly byPackage: ReadonlyMap<string, number>;
  /** Of our own functions: with what they call, until they await. */
  readonly inclusive: ReadonlyMap<string, number>;
}

const shortened = (url: string): string => {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const modules = path.lastIndexOf(`node_modules${sep}`);
  if (modules >= 0) return path.slice(modules + 'node_modules'.length + 1);
  return path.startsWith(packageRoot) ? path.slice(packageRoot.length + 1) : path;
};

const packageOf = (file: string, url: string): string => {
  if (url === '') return '(V8)';
  if (url.startsWith('node:')) return 'node';
  if (!url.includes('node_modules')) return 'kopilka';
  const parts = file.split(sep);
  return file.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? file);
};

const nameOf = ({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']) =>
  `${functionName || '(anonymous)'} ${url === '' ? '(V8)' : shortened(url)}:${lineNumber + 1}`;

/** A function that calls itself counts once. */
const inclusiveTimes = (
  { nodes }: CpuProfile,
  selfUs: ReadonlyMap<number, number>,
): Map<string, number> => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const called = new Set(nodes.flatMap(({ children = [] }) => children));
  const sums = new Map<string, number>();
  const visit = (id: number, above: readonly string[]): void => {
    const node = byId.get(id);
    if (!node) return;
    const { url } = node.callFrame;
    const name = nameOf(node.callFrame);
    const own = url.startsWith('file:') && !url.includes('node_modules') && !above.includes(name);
    const stack = own ? [...above, name] : above;
    const spentUs = selfUs.get(id) ?? 0;
    for (const each of stack) add(sums, each, spentUs);
    for (const child of node.children ?? []) visit(child, stack);
  };
  for (const { id } of nodes) if (!called.has(id)) visit(id, []);
  return sums;
};

const add = (sums: Map<string, number>, key: string, value: number): void =>
  void sums.set(key, (sums.get(key) ?? 0) + value);

/** Calls back with each sample's node, when it was taken and the time it stands for. */
const eachSample = (
  { samples, timeDeltas, startTime }: CpuProfile,
  visit: (node: number, atUs: number, spentUs: number) => void,
): void => {
  let atUs = startTime;
  samples.forEach((node, index) => {
    atUs += timeDeltas[index] ?? 0;
    // A sample stands for the time until the next one.
    visit(node, atUs, Math.max(0, timeDeltas[index + 1] ?? 0));
  });
};

const spansFile = 'spans.json';

/** Notes that the load which the profiles are to be read for ended now; the clock is that of V8's profiles. */
export const noteSpan = (folder: string, seconds: number): void => {
  const toUs = Number(process.hrtime.bigint() / 1_000n);
  const span: Span = { fromUs: toUs - seconds * 1e6, toUs };
  writeFileSync(join(folder, spansFile), JSON.stringify([...readSpans(folder), span]));
};

const readSpans = (folder: string): readonly Span[] => {
  const file = join(folder, spansFile);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Span[]) : [];
};

/** Of the stretches given, or of the whole where there are none. */
export const selfTimes = (profile: CpuProfile, spans: readonly Span[]): SelfTimes => {
  const { nodes } = profile;
  const selfUs = new Map<number, number>();
  eachSample(profile, (node, atUs, spentUs) => {
    const counts = spans.some(({ fromUs, toUs }) => atUs >= fromUs && atUs < toUs);
    if (counts || spans.length === 0) selfUs.set(node, (selfUs.get(node) ?? 0) + spentUs);
  });
  const byFunction = new Map<string, number>();
  const byFile = new Map<string, number>();
  const byPackage = new Map<string, number>();
  let busyUs = 0;
  let idleUs = 0;
  for (const { id, callFrame } of nodes) {
    const { functionName, url } = callFrame;
    const spentUs = selfUs.get(id) ?? 0;
    if (functionName === '(idle)') {
      idleUs += spentUs;
      continue;
    }
    busyUs += spentUs;
    const file = url === '' ? '(V8)' : shortened(url);
    add(byFunction, nameOf(callFrame), spentUs);
    add(byFile, file, spentUs);
    add(byPackage, packageOf(file, url), spentUs);
  }
  const inclusive = inclusiveTimes(profile, selfUs);
  return { busyUs, idleUs, byFunction, byFile, byPackage, inclusive };
};

const top = (sums: ReadonlyMap<string, number>, busyUs: number, rows: number): string[][] =>
  [...sums]
    .sort(([, one], [, other]) => other - one)
    .slice(0, rows)
    .map(([name, spentUs]) => [
      name,
      (spentUs / 1000).toFixed(0),
      `${((100 * spentUs) / busyUs).toFixed(1)} %`,
    ]);

const printThread = (name: string, times: SelfTimes, rows: number): void => {
  const { busyUs, idleUs } = times;
  const share = (100 * busyUs) / (busyUs + idleUs);
  console.log(`\n## ${name}: busy ${(busyUs / 1e6).toFixed(1)} s, ${share.toFixed(0)} %`);
  const sections = [
    ['package', times.byPackage, 15],
    ['file', times.byFile, Math.ceil(rows / 2)],
    ['function', times.byFunction, rows],
    ['our function with what it calls', times.inclusive, rows],
  ] as const;
  for (const [kind, sums, limit] of sections) {
    const head = [kind, 'ms', 'of busy'];
    console.log(`\n${renderTable({ title: `By ${kind}`, head, rows: top(sums, busyUs, limit) })}`);
  }
};

/** Prints every .cpuprofile of `folder`, the busiest thread first: of the measured load only, where the bench has noted it. */
export const printProfiles = (folder: string, rows: number): void => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (names.length === 0) throw new Error(`No .cpuprofile lies in ${folder}.`);
  const spans = readSpans(folder);
  names
    .map((name) => {
      const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile;
      return { name, times: selfTimes(profile, spans) };
    })
    .sort((one, other) => other.times.busyUs - one.times.busyUs)
    .forEach(({ name, times }) => printThread(name, times, rows));
};
