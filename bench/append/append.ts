/** The log alone through its official client: appends with 1, 16 and 64 in flight, then reading all of it back, both ways. */
import type { Bench } from '../bench.js';
import { startChild } from '../child.js';
import type { AppendPlan, RawEvent } from './append.process.js';
import { type Sample, type Statistics, summarise } from '../load/latencies.js';
import { figure, milliseconds, whole } from '../table.js';
import type { ReadPlan, ReadRate } from './read.process.js';
import { smallEvent, storedPurchase } from './sampleEvents.js';

interface Kind {
  readonly title: string;
  readonly events: readonly RawEvent[];
}

const kinds: readonly Kind[] = [
  { title: 'one event of 300 B', events: [smallEvent] },
  { title: 'a purchase of 5 lines, 2 events', events: storedPurchase },
];

const ways = { readAll: 'readAll', subscribeToAll: 'subscribeToAll, catching up' } as const;

const run: Bench['run'] = async (options) => {
  const { cleanup, say, quick } = options;
  const seconds = options.seconds ?? (quick ? 1 : 6);
  const warmUpSeconds = quick ? 0.5 : 2;
  const rounds = options.rounds ?? (quick ? 1 : 2);
  const levels = options.connections ?? [1, 16, 64];

  const node = startChild(new URL('./node.process.js', import.meta.url), cleanup);
  const dataDir = cleanup.folder('append');
  const connectionString = await node.ask<string>({ dataDir }, 60_000);
  const client = startChild(new URL('./append.process.js', import.meta.url), cleanup);

  const appends: { title: string; inFlight: number; statistics: Statistics }[] = [];
  const samples = new Map<string, Sample[]>();
  const keyOf = (kind: Kind, inFlight: number) => `${kind.title}/${inFlight}`;
  for (let round = 0; round < rounds; round += 1) {
    for (const inFlight of levels) {
      for (const kind of kinds) {
        const series = `${round}x${inFlight}x${kinds.indexOf(kind)}`;
        const plan: AppendPlan = {
          connectionString,
          events: kind.events,
          streams: 2_000,
          series,
          inFlight,
          warmUpSeconds,
          seconds,
        };
        const sample = await client.ask<Sample>(plan, (seconds + warmUpSeconds + 40) * 1000);
        const key = keyOf(kind, inFlight);
        samples.set(key, [...(samples.get(key) ?? []), sample]);
        say(
          `${kind.title}, ${inFlight} in flight: ${figure(sample.latenciesUs.length / seconds)}/s`,
        );
      }
    }
  }
  for (const kind of kinds) {
    for (const inFlight of levels) {
      const statistics = summarise(samples.get(keyOf(kind, inFlight)) ?? []);
      appends.push({ title: kind.title, inFlight, statistics });
    }
  }

  const reader = startChild(new URL('./read.process.js', import.meta.url), cleanup);
  const eventsMax = quick ? 5_000 : 200_000;
  const reads: (ReadRate & { way: keyof typeof ways })[] = [];
  for (const way of ['readAll', 'subscribeToAll', 'readAll', 'subscribeToAll'] as const) {
    const plan: ReadPlan = { connectionString, way, eventsMax };
    const rate = await reader.ask<ReadRate>(plan, 120_000);
    reads.push({ way, ...rate });
    say(`${ways[way]}: ${figure(rate.events / rate.seconds)} events/s`);
  }

  return {
    tables: [
      {
        title: 'appendToStream',
        head: ['', 'in flight', 'appends/s', 'p50 ms', 'p95 ms', 'p99 ms'],
        rows: appends.map(({ title, inFlight, statistics }) => [
          title,
          String(inFlight),
          figure(statistics.perSecond),
          ...[statistics.p50Ms, statistics.p95Ms, statistics.p99Ms].map(milliseconds),
        ]),
      },
      {
        title: 'Reading the log back',
        head: ['', 'events', 'seconds', 'events/s'],
        rows: reads.map(({ way, events, seconds: taken }) => [
          ways[way],
          whole(events),
          taken.toFixed(2),
          figure(events / taken),
        ]),
      },
    ],
    figures: { seconds, rounds, appends, reads },
    notes: [],
  };
};

export const append: Bench = {
  name: 'append',
  summary: 'the embedded log alone: appends with 1, 16 and 64 in flight, reading it back',
  run,
};
