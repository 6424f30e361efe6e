/**
 * `npm run bench [name] -- --json FILE`: runs one benchmark or all, prints tables, writes the figures with the machine's facts.
 *
 * It has this process, which asks and counts, collect its own garbage in one thread and never because it is idle: with V8's helpers
 * that took both processors from what is measured, for up to 39 ms.
 */
import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { accept } from './accept/accept.js';
import { append } from './append/append.js';
import type { Bench, Report, RunOptions } from './bench.js';
import { createCleanup } from './cleanup.js';
import { coupons } from './coupons/coupons.js';
import { confirm } from './confirm/confirm.js';
import { describeMachine, type Machine, renderMachine } from './machine/machine.js';
import { deliveries } from './exchange/deliveries.js';
import { dispatch } from './outreach/dispatch.js';
import { otp } from './outreach/otp.js';
import { exchange } from './exchange/exchange.js';
import { isolation } from './exchange/isolation.js';
import { footprint } from './footprint/footprint.js';
import { printProfiles } from './profile.js';
import { read } from './read/read.js';
import { pricing } from './pricing/pricing.js';
import { replay } from './replay/replay.js';
import { search } from './search/search.js';
import { simulation } from './simulation/simulation.js';
import { store } from './store/store.js';
import { subscribers } from './subscribers/subscribers.js';
import { renderTable } from './table.js';

const benches: readonly Bench[] = [
  confirm,
  coupons,
  pricing,
  append,
  read,
  subscribers,
  replay,
  simulation,
  store,
  search,
  exchange,
  deliveries,
  isolation,
  accept,
  dispatch,
  otp,
  footprint,
];

interface Flags {
  readonly json?: string;
  readonly quick?: boolean;
  readonly seconds?: number;
  readonly rounds?: number;
  readonly connections?: number[];
  readonly targets?: string[];
  readonly profile?: string;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Give a number above zero.');
  return value;
};
const numbers = (text: string): number[] => text.split(',').map(positive);
const words = (text: string): string[] => text.split(',').map((word) => word.trim());

const say = (line: string): void => console.error(line);

const print = ({ tables, notes }: Report): void => {
  for (const table of tables) console.log(`\n${renderTable(table)}`);
  if (notes.length > 0) console.log(`\n${notes.join('\n')}`);
};

interface Result {
  readonly name: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly figures: Report['figures'];
  readonly notes: Report['notes'];
}

/** Ends the process on Ctrl-C, after everything that was started is gone. */
const withCleanup = async <T>(run: (cleanup: RunOptions['cleanup']) => Promise<T>): Promise<T> => {
  const cleanup = createCleanup((error) => say(`clean-up: ${(error as Error).message}`));
  const interrupt = (): void => {
    say('interrupted: cleaning up');
    void cleanup.run().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await run(cleanup);
  } finally {
    await cleanup.run();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
};

const measure = async (bench: Bench, flags: Flags): Promise<Result> => {
  const machine = describeMachine(new Date());
  const started = performance.now();
  say(`${bench.name}: ${bench.summary}`);
  const report = await withCleanup((cleanup) =>
    bench.run({
      quick: flags.quick ?? false,
      seconds: flags.seconds,
      rounds: flags.rounds,
      connections: flags.connections,
      targets: flags.targets,
      profileDir: flags.profile,
      cleanup,
      say: (line) => say(`  ${line}`),
    }),
  );
  console.log(`\n## ${bench.name}\n\n${renderMachine(machine)}`);
  print(report);
  const { figures, notes } = report;
  const seconds = (performance.now() - started) / 1000;
  return { name: bench.name, machine, seconds, figures, notes };
};

const run = async (name: string | undefined, flags: Flags): Promise<void> => {
  const chosen = name === undefined ? benches : benches.filter((bench) => bench.name === name);
  if (chosen.length === 0) {
    throw new Error(`There is no bench ${name}: ${benches.map((bench) => bench.name).join(', ')}.`);
  }
  const results: Result[] = [];
  for (const bench of chosen) {
    results.push(await measure(bench, flags));
    // After each, so that a later one's failure loses nothing.
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ benches: results }, null, 2)}\n`);
  }
};

const list = benches.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n');

const program = new Command('bench')
  .description('Measures Kopilka on this machine, each thing beside what it is compared with.')
  .argument('[name]', 'which benchmark; all of them where left out')
  .option('--json <file>', 'write the figures, with the facts of the machine')
  .option('--quick', 'small sizes: proves that the bench works, its figures mean nothing')
  .option('--seconds <n>', 'measured seconds of one sample', positive)
  .option('--rounds <n>', 'samples of each kind', positive)
  .option('--connections <list>', 'for instance 1,16,64', numbers)
  .option(
    '--targets <list>',
    'confirm: product,echo,append,crud,tuned; dispatch: batches,singly,graphile-worker,pg-boss',
    words,
  )
  .option('--profile <folder>', 'have the product write CPU profiles there')
  .addHelpText(
    'after',
    `\nBenchmarks:\n${list}\n\nnpm run bench profile <folder> sums such profiles up.`,
  )
  .action(run);

program
  .command('list')
  .description('the benchmarks')
  .action(() => console.log(list));

program
  .command('profile <folder>')
  .description('functions by the time spent in themselves, for each thread that was profiled')
  .option('--top <n>', 'how many functions', positive, 30)
  .action((folder: string, options: { top: number }) => printProfiles(folder, options.top));

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
