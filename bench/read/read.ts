/**
 * Reading the log through its official client, beside what bounds it: the client itself, fed from memory with the same bytes, and the
 * node's own parts alone. All of them take turns in every round, so that a machine whose speed drifts drifts for all.
 */
import type { Bench } from '../bench.js';
import type { StartedNode } from '../append/node.process.js';
import { startChild } from '../child.js';
import { cpuTimes } from '../machine/cpuTime.js';
import { figure, ratio, whole } from '../table.js';
import type { CeilingPlan } from './ceilings.process.js';
import type { ClientKind, FillPlan, ReadPlan, ReadRate } from './read.process.js';
import { type Part, parts, type Way, ways } from './ways.js';

const eventsFilled = { usual: 120_000, quick: 4_000 };
const barPerSecond = 55_000;
const deadlineMs = 120_000;

/** The node and its ceiling by the client as Kopilka connects it, which takes answers apart by hand; and the node by the client as published. */
type Source = 'node' | 'memory' | 'published';
const sources: readonly Source[] = ['memory', 'node', 'published'];

interface Measured extends ReadRate {
  /** Of the node's thread and its process; nothing for a part alone. */
  readonly nodeCpuSeconds: number;
  readonly postgresCpuSeconds: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

const rateOf = (samples: readonly ReadRate[]): number =>
  sum(samples.map(({ events }) => events)) / sum(samples.map(({ seconds }) => seconds));

const rangeOf = (samples: readonly ReadRate[]): string => {
  const rates = samples.map(({ events, seconds }) => events / seconds);
  return `${whole(Math.min(...rates))}-${whole(Math.max(...rates))}`;
};

/** Microseconds of one event. */
const costOf = (samples: readonly Measured[], part: keyof Measured): string => {
  const events = sum(samples.map((sample) => sample.events));
  return figure((sum(samples.map((sample) => sample[part])) * 1e6) / Math.max(1, events));
};

const run: Bench['run'] = async ({ cleanup, say, quick, rounds: asked, targets }) => {
  const rounds = asked ?? (quick ? 1 : 3);
  const events = quick ? eventsFilled.quick : eventsFilled.usual;
  const chosen = (Object.keys(ways) as Way[]).filter((way) => targets?.includes(way) ?? true);

  const node = startChild(new URL('../append/node.process.js', import.meta.url), cleanup);
  const dataDir = cleanup.folder('read');
  const { connectionString, postgres } = await node.ask<StartedNode>({ dataDir }, 60_000);
  const startReader = () => startChild(new URL('./read.process.js', import.meta.url), cleanup);
  const readers = { 'as Kopilka connects it': startReader(), 'as published': startReader() };
  const filling: FillPlan = { ask: 'fill', connectionString, client: 'as published', events };
  await readers['as published'].ask(filling, deadlineMs);
  const memory = startChild(new URL('./replay.process.js', import.meta.url), cleanup);
  const nodeUrl = connectionString.replace('esdb:', 'http:').replace(/\?.*/, '');
  const fromMemory = await memory.ask<string>({ nodeUrl }, 10_000);
  const ceilings = startChild(new URL('./ceilings.process.js', import.meta.url), cleanup);
  say(`filled with ${whole(events)} events`);

  const samples = new Map<string, Measured[]>();
  const keep = (key: string, sample: Measured): void => {
    samples.set(key, [...(samples.get(key) ?? []), sample]);
    say(`${key}: ${figure(sample.events / sample.seconds)} events/s`);
  };
  const read = async (way: Way, source: Source): Promise<Measured> => {
    const client: ClientKind = source === 'published' ? 'as published' : 'as Kopilka connects it';
    const plan: ReadPlan = {
      ask: 'read',
      connectionString: source === 'memory' ? fromMemory : connectionString,
      client,
      way,
      eventsMax: events,
    };
    const server = source === 'memory' ? memory.pid : node.pid;
    const before = cpuTimes([server]);
    const rate = await readers[client].ask<ReadRate>(plan, deadlineMs);
    const after = cpuTimes([server]);
    const spent = (wanted: (part: string) => boolean): number =>
      sum([...after].map(([part, s]) => (wanted(part) ? s - (before.get(part) ?? 0) : 0)));
    return {
      ...rate,
      nodeCpuSeconds: spent((part) => part !== 'PostgreSQL'),
      postgresCpuSeconds: spent((part) => part === 'PostgreSQL'),
    };
  };

  // Once each uncounted: the compilers warm up, and the bytes to be replayed are recorded.
  for (const way of chosen)
    for (const source of ['node', 'memory', 'published'] as const) await read(way, source);
  for (let round = 0; round < rounds; round += 1) {
    for (const part of Object.keys(parts) as Part[]) {
      const plan: CeilingPlan = { postgres: postgres.log, part, eventsMax: events };
      const rate = await ceilings.ask<ReadRate>(plan, deadlineMs);
      keep(part, { ...rate, nodeCpuSeconds: rate.cpuSeconds, postgresCpuSeconds: 0 });
    }
    for (const way of chosen) {
      for (const source of sources) keep(`${way}/${source}`, await read(way, source));
    }
  }

  const of = (key: string): Measured[] => samples.get(key) ?? [];
  const rows = chosen.map((way) => {
    const own = of(`${way}/node`);
    const ceiling = of(`${way}/memory`);
    const published = of(`${way}/published`);
    return [
      ways[way],
      figure(rateOf(own)),
      rangeOf(own),
      figure(rateOf(ceiling)),
      ratio(rateOf(own) / rateOf(ceiling)),
      costOf(own, 'cpuSeconds'),
      costOf(ceiling, 'cpuSeconds'),
      costOf(own, 'nodeCpuSeconds'),
      costOf(own, 'postgresCpuSeconds'),
      figure(rateOf(published)),
      costOf(published, 'cpuSeconds'),
    ];
  });
  const verdicts = chosen
    .filter((way) => way !== 'readStream')
    .map((way) => {
      const rate = rateOf(of(`${way}/node`));
      const published = rateOf(of(`${way}/published`));
      return (
        `${rate >= barPerSecond ? 'met   ' : 'MISSED'} ${ways[way]} >= ${whole(barPerSecond)}/s: ${whole(rate)}; ` +
        `by the client as published ${whole(published)}`
      );
    });
  return {
    tables: [
      {
        title: `${whole(events)} events of 300 bytes, read back`,
        head: [
          '',
          'events/s',
          'of the rounds',
          'from memory',
          'ratio',
          'client us',
          'from memory us',
          'node us',
          'PostgreSQL us',
          'client as published',
          'its us',
        ],
        rows,
      },
      {
        title: "The node's parts alone, in one thread",
        head: ['', 'events/s', 'of the rounds', 'us of an event'],
        rows: (Object.keys(parts) as Part[]).map((part) => [
          parts[part],
          figure(rateOf(of(part))),
          rangeOf(of(part)),
          costOf(of(part), 'cpuSeconds'),
        ]),
      },
    ],
    figures: { events, rounds, samples: Object.fromEntries(samples) },
    notes: verdicts,
  };
};

export const read: Bench = {
  name: 'read',
  summary:
    'the embedded log read back through its client, beside the client alone and the node alone',
  run,
};
