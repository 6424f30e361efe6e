/**
 * `npm test`: every test of the project, in one lane more than there are processors: a third of its time is spent waiting, for disks,
 * for retries, for what was killed to be found out. KOPILKA_TEST_LANES says another number.
 *
 * A group is what shares servers through its modules: a folder, or a file that starts its own. Each group is a mocha process, its
 * output is shown whole when it ends, and the last lines add them up. Options are handed to mocha: `npm test -- --grep receipts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';

interface Group {
  readonly name: string;
  /** What mocha is given. */
  readonly files: string;
}

interface Outcome {
  readonly name: string;
  readonly output: string;
  readonly ok: boolean;
  readonly seconds: number;
}

const root = fileURLToPath(new URL('.', import.meta.url));
const mocha = createRequire(import.meta.url).resolve('mocha/lib/cli/cli.js');
const lanes = Number(process.env['KOPILKA_TEST_LANES'] || Math.min(availableParallelism() + 1, 4));
/** One that takes so long hangs: on a busy machine the longest have taken six minutes. */
const groupDeadlineMs = 12 * 60_000;
const options = process.argv.slice(2);

const testsBelow = '**/*.test.js';

/** The subfolders of a folder that have tests, and its files, each a group of its own. */
const groupsIn = (folder: string): Group[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry): Group[] => {
    const name = join(folder, entry.name);
    if (!entry.isDirectory()) {
      return entry.name.endsWith('.test.js') ? [{ name, files: join(root, name) }] : [];
    }
    const within = readdirSync(join(root, name), { recursive: true, encoding: 'utf8' });
    const hasTests = within.some((file) => file.endsWith('.test.js'));
    return hasTests ? [{ name, files: join(root, name, testsBelow) }] : [];
  });

const isFolder = ({ files }: Group): boolean => files.endsWith(testsBelow);

/** Those of more than half a minute, longest first: the order costs time if it is out of date, nothing else. */
const longest = [
  ...['integration/outreach', 'unit', 'integration/kafka', 'integration/eventstore'],
  ...['conformance/ferretdb', 'e2e/command-line.test.js', 'integration/eventstore-tools'],
  ...['conformance/eventstore', 'integration/embedded-postgres', 'integration/delivery'],
  ...['integration/projections', 'e2e/documentation.test.js', 'e2e/kill-under-load.test.js'],
  ...['integration/exchange', 'e2e/start.test.js', 'e2e/partners.test.js'],
];

/** What is known to be long first, then folders, then files: what is left over at the end is short. */
const groups = (): Group[] => {
  const unit: Group = { name: 'unit', files: join(root, 'unit', testsBelow) };
  const all = [unit, ...['e2e', 'conformance', 'integration'].flatMap(groupsIn)];
  const rank = (group: Group): number => {
    const known = longest.indexOf(group.name);
    if (known >= 0) return known;
    return longest.length + (isFolder(group) ? 0 : 1);
  };
  return all.sort((one, other) => rank(one) - rank(other));
};

const running = new Set<ChildProcess>();

const run = ({ name, files }: Group): Promise<Outcome> =>
  new Promise((resolve) => {
    const started = performance.now();
    const colour = pc.isColorSupported ? '--color' : '--no-color';
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', mocha, files, colour, ...options],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const overdue = setTimeout(() => {
      output += `\nIt did not end within ${groupDeadlineMs / 60_000} minutes and was killed.\n`;
      child.kill('SIGKILL');
    }, groupDeadlineMs);
    child.once('close', (code) => {
      clearTimeout(overdue);
      running.delete(child);
      const seconds = Math.round((performance.now() - started) / 1_000);
      resolve({ name, output, ok: code === 0, seconds });
    });
  });

const show = ({ name, output, ok, seconds }: Outcome): void => {
  const mark = ok ? pc.green('ok') : pc.red('failed');
  process.stdout.write(`\n${pc.bold(name)} ${mark} (${seconds} s)\n${output.trimEnd()}\n`);
};

const plainOf = (output: string): string => output.replace(/\x1b\[[0-9;]*m/g, '');

const counted = (outcomes: readonly Outcome[], what: 'passing' | 'pending' | 'failing'): number =>
  outcomes.reduce((sum, { output }) => {
    const count = new RegExp(`^ {2}(\\d+) ${what}\\b`, 'm').exec(plainOf(output))?.[1];
    return sum + Number(count ?? 0);
  }, 0);

/** What mocha tells of failures below its counts; of a process that ended otherwise, its last words. */
const faultsOf = (output: string): string => {
  const lines = output.trimEnd().split('\n');
  const from = lines.findIndex((line) => /^ {2}\d+ failing\b/.test(plainOf(line)));
  return (from < 0 ? lines.slice(-40) : lines.slice(from, from + 200)).join('\n');
};

const waiting = groups();
const outcomes: Outcome[] = [];
const lane = async (): Promise<void> => {
  for (let group = waiting.shift(); group; group = waiting.shift()) {
    const outcome = await run(group);
    outcomes.push(outcome);
    show(outcome);
  }
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    waiting.length = 0;
    for (const child of running) child.kill(signal);
  });
}

await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));

const failed = outcomes.filter(({ ok }) => !ok);
const minutes = (performance.now() / 60_000).toFixed(1);
process.stdout.write(`\n${pc.bold('All together')}, ${lanes} lanes, ${minutes} minutes\n\n`);
process.stdout.write(`  ${counted(outcomes, 'passing')} passing\n`);
process.stdout.write(`  ${counted(outcomes, 'pending')} pending\n`);
process.stdout.write(`  ${counted(outcomes, 'failing')} failing\n`);
// Once more at the end, where it is found also when the middle of a long log is cut.
for (const { name, output } of failed) {
  process.stdout.write(`\n${pc.red('failed')}: ${pc.bold(name)}\n${faultsOf(output)}\n`);
}
process.exitCode = failed.length > 0 || outcomes.length === 0 ? 1 : 0;
