/** `kopilka simulate campaign`: what a draft would have cost on the receipts that were recorded. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { JobShown } from '../api/admin/jobRoutes.js';
import type { SimulatedPart, SimulationReport } from '../domain/simulation/report.js';
import { exitCodes, Failure } from './failure.js';
import { type ConnectionOptions, openSession, withConnection } from './http/session.js';
import { count, duration, money } from './output/numbers.js';
import { table } from './output/table.js';
import { watchJob } from './watchJob.js';
import { timeArgument } from './when.js';

interface Options extends ConnectionOptions {
  readonly since?: string;
  readonly until?: string;
  readonly json: boolean;
}

export const addSimulateCommand = (program: Command): void => {
  const simulate = program
    .command('simulate')
    .description('try a draft out on the receipts of the past');
  withConnection(
    simulate.command('campaign').argument('<file>', 'a campaign in JSON, as it would be drafted'),
  )
    .description('price the recorded receipts once more with a draft campaign, and compare')
    .option('--since <time>', 'receipts from then on', timeArgument(false))
    .option('--until <time>', 'receipts before then; a day means its end', timeArgument(true))
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Nothing is recorded and nobody notices. Times are those of the receipts, in UTC.
People are taken to have bought the same, and goods that came back later are not
taken off.

Examples:
  kopilka simulate campaign dairy-week.json --since 2011-11-01 --until 2011-11-30
  kopilka simulate campaign dairy-week.json --json | jq .totals`,
    )
    .action(simulateCampaign);
};

const simulateCampaign = async (file: string, options: Options): Promise<void> => {
  const campaign = readCampaign(file);
  const { since, until } = options;
  const session = await openSession(options);
  const startedAt = performance.now();
  try {
    const body = { campaign, ...(since && { since }), ...(until && { until }) };
    const path = '/admin/v1/simulations';
    const begun = await session.send<JobShown>({ method: 'POST', path, body });
    const { result } = await watchJob(session, begun.body);
    const report = result as unknown as SimulationReport;
    const seconds = (performance.now() - startedAt) / 1000;
    process.stdout.write(
      options.json ? `${JSON.stringify(report)}\n` : simulationText(report, seconds),
    );
  } finally {
    session.close();
  }
};

/** What is wrong inside of the campaign, the server says, with its place. */
const readCampaign = (file: string): unknown => {
  const usage = (message: string): Failure =>
    new Failure(message, { exitCode: exitCodes.usage, advice: 'Give a file with one campaign.' });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw usage(`${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usage(`${file} is not JSON: ${(error as Error).message}`);
  }
};

const rowsMax = 15;

const columns = (title: string) =>
  [
    { title },
    { title: 'receipts', align: 'right' },
    { title: 'touched', align: 'right' },
    { title: 'cost', align: 'right' },
    { title: 'points', align: 'right' },
    { title: 'they would pay', align: 'right' },
  ] as const;

const rowOf = (part: SimulatedPart): string[] => [
  part.key,
  count(part.receipts),
  count(part.touched),
  money(part.discount),
  money(part.points),
  money(part.liability),
];

/** The dearest first, a limited number of them. */
const partsText = (title: string, parts: readonly SimulatedPart[]): string => {
  if (parts.length === 0) return '';
  const dearest = [...parts].sort(
    (a, b) => b.discount + b.liability - a.discount - a.liability || b.touched - a.touched,
  );
  const left = parts.length - rowsMax;
  const more = left > 0 ? `\n… and ${count(left)} more: --json shows all` : '';
  return `\n${table(columns(title), dearest.slice(0, rowsMax).map(rowOf))}${more}\n`;
};

const named = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, times]) => `${name} ${count(times)}`)
    .join(', ');

export const simulationText = (report: SimulationReport, seconds: number): string => {
  const { totals, recorded, effects, refused, unpriced } = report;
  const perSecond = count(Math.round(totals.receipts / Math.max(seconds, 0.001)));
  const facts = [
    ['receipts', `${count(totals.receipts)} in ${duration(seconds)} (${perSecond}/s)`],
    ['touched', count(totals.touched)],
    ['cost', money(totals.discount)],
    ['points', `${money(totals.points)}, which would pay ${money(totals.liability)}`],
    [
      'all discounts',
      `${money(recorded.discount)} recorded, change ${money(totals.discountChange)}`,
    ],
    [
      'all points',
      `${money(recorded.pointsEarned)} recorded, change ${money(totals.pointsChange)}`,
    ],
    ['effects', named(effects)],
    ['did not apply', named(refused)],
    ['could not be priced', named(unpriced)],
  ].filter(([, text]) => text !== '');
  return [
    `${report.campaignId} version ${report.version}\n`,
    `${table([{ title: '' }, { title: '' }], facts as [string, string][]).trimStart()}\n`,
    partsText('merchant', report.byMerchant),
    partsText('tier', report.byTier),
    partsText('segment', report.bySegment),
    partsText('day', report.byDay),
  ].join('');
};
