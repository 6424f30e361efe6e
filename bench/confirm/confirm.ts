/**
 * Confirm over HTTP beside what bounds it and what would replace it, in one run. Samples are short and interleaved, in another
 * order each round, so that a machine that drifts drifts for all of them.
 */
import type { Bench, RunOptions } from '../bench.js';
import type { Sample } from '../load/latencies.js';
import { figure } from '../table.js';
import { cpuTimes } from '../machine/cpuTime.js';
import { lagTable, startKopilka } from './kopilka.js';
import { createShooter, type Load, type Rival, type RivalName } from './rival.js';
import { startCrud, startEcho, startRawAppend } from './rivals.js';
import { type Spent, spentOn, spentTable } from './spent.js';
import { barNotes, barTable, judge, levelTable } from './verdict.js';

const sizes = (options: RunOptions) => ({
  customers: options.quick ? 100 : 2_000,
  rounds: options.rounds ?? (options.quick ? 1 : 3),
  seconds: options.seconds ?? (options.quick ? 1 : 6),
  warmUpSeconds: options.quick ? 0.5 : 2,
  /** Before the first sample: a server is measured as it is once compiled, not as it starts. */
  coldSeconds: options.quick ? 0.5 : 12,
  connections: options.connections ?? (options.quick ? [1, 16] : [1, 16, 64]),
});

const rotated = <T>(list: readonly T[], by: number): readonly T[] => [
  ...list.slice(by % list.length),
  ...list.slice(0, by % list.length),
];

const run: Bench['run'] = async (options) => {
  const { cleanup, say } = options;
  const { customers, rounds, seconds, warmUpSeconds, coldSeconds, connections } = sizes(options);
  const wanted = (name: RivalName) => options.targets?.includes(name) ?? true;

  say(`starting Kopilka and enrolling ${customers} customers`);
  const kopilka = await startKopilka(customers, options);
  const shoot = createShooter(kopilka.users, cleanup);
  const rivals: Rival[] = [];
  if (wanted('product')) rivals.push(kopilka.rival(shoot));
  if (wanted('echo')) rivals.push(await startEcho(shoot, cleanup));
  for (const client of ['as Kopilka connects it', 'as published'] as const) {
    if (!wanted(client === 'as published' ? 'published' : 'append')) continue;
    rivals.push(startRawAppend(client, await kopilka.rawLog(), customers, kopilka.pid, cleanup));
  }
  if (wanted('crud')) rivals.push(await startCrud(shoot, 'usual', kopilka.users, cleanup));
  if (wanted('tuned')) rivals.push(await startCrud(shoot, 'tuned', kopilka.users, cleanup));

  const most = Math.max(...connections);
  for (const rival of rivals) {
    say(`warming ${rival.name} up`);
    const series = `${rival.name}-warm`;
    await rival.measure({
      connections: most,
      warmUpSeconds: 0,
      seconds: coldSeconds,
      series,
      seed: 1,
    });
  }
  kopilka.forget();
  const samples = new Map(connections.map((level) => [level, new Map<RivalName, Sample[]>()]));
  const spent: Spent[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const level of connections) {
      for (const rival of rotated(rivals, round)) {
        const series = `${rival.name}-${level}-${round}`;
        const seed = 1 + level * 1_000 + round; // the same receipts for every rival
        const load: Load = { connections: level, warmUpSeconds, seconds, series, seed };
        const before = cpuTimes(rival.pids);
        const sample = await rival.measure(load);
        spent.push(spentOn(rival.name, load, sample, before, cpuTimes(rival.pids)));
        const own = samples.get(level) as Map<RivalName, Sample[]>;
        own.set(rival.name, [...(own.get(rival.name) ?? []), sample]);
        const rate = figure(sample.latenciesUs.length / seconds);
        say(`round ${round + 1}/${rounds}, ${level} connections, ${rival.name}: ${rate}/s`);
      }
    }
  }
  const levels = connections.map((level) => judge(level, samples.get(level) ?? new Map()));
  await kopilka.stop();
  return {
    tables: [
      ...levels.map((level) => levelTable(level, rivals)),
      barTable(levels),
      lagTable(kopilka.lags()),
      spentTable(spent, rivals),
    ],
    figures: { customers, rounds, seconds, warmUpSeconds, levels, lags: kopilka.lags(), spent },
    notes: barNotes(levels),
  };
};

export const confirm: Bench = {
  name: 'confirm',
  summary:
    'confirmed purchases a second over HTTP, beside an echo, the log alone and a transaction',
  run,
};
