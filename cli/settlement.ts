/** `kopilka settlement`: a month's statement between merchants, and the debts behind it as CSV. */
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes, Failure } from './failure.js';
import {
  type ConnectionOptions,
  openSession,
  type Session,
  withConnection,
} from './http/session.js';
import { count, money } from './output/numbers.js';
import { table } from './output/table.js';

interface Options extends ConnectionOptions {
  readonly month: string;
  readonly merchant?: number;
  readonly csv?: string;
  readonly json: boolean;
}

const monthArgument = (text: string): string => {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError('Must be a month such as 2011-11');
};
const merchantArgument = (text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Must be the number of a merchant');
};

export const addSettlementCommand = (program: Command): void => {
  withConnection(program.command('settlement'))
    .description('show what merchants owe each other for points in a month')
    .requiredOption('--month <month>', 'such as 2011-11', monthArgument)
    .option('--merchant <id>', 'what this one owes and is owed', merchantArgument)
    .option('--csv <file>', 'write the single debts of the month there')
    .option('--json', 'print one JSON object a line', false)
    .addHelpText(
      'after',
      `
The issuer of points owes the merchant who took them what they paid. Merchant 0
is the programme itself: points given by hand.

Examples:
  kopilka settlement --month 2011-11
  kopilka settlement --month 2011-11 --merchant 2 --csv debts.csv`,
    )
    .action(showSettlement);
};

interface Pair {
  readonly issuerId: number;
  readonly takerId: number;
  readonly opening: number;
  readonly redeemed: number;
  readonly restored: number;
  readonly clawedBack: number;
  readonly giftCards: number;
  readonly closing: number;
  readonly points: number;
}

const showSettlement = async (options: Options): Promise<void> => {
  const session = await openSession(options);
  try {
    const pairs = await statement(session, options);
    if (options.json) {
      for (const pair of pairs) process.stdout.write(`${JSON.stringify(pair)}\n`);
    } else {
      process.stdout.write(pairs.length === 0 ? 'Nobody owes anything.\n' : statementText(pairs));
    }
    if (options.csv !== undefined) await writeCsv(session, options, options.csv);
  } finally {
    session.close();
  }
};

const statement = async (session: Session, { month, merchant }: Options): Promise<Pair[]> => {
  const pairs: Pair[] = [];
  for (let after: string | undefined; ;) {
    const query = { merchantId: merchant, limit: 1_000, after };
    const page = await session.get<{ items: Pair[]; next: string | null }>(
      `/admin/v1/settlement/${month}`,
      query,
    );
    pairs.push(...page.items);
    if (page.next === null) return pairs;
    after = page.next;
  }
};

const titles = [
  'opening',
  'redeemed',
  'restored',
  'clawed back',
  'gift cards',
  'closing',
  'points',
];

const statementText = (pairs: readonly Pair[]): string => {
  const columns = [
    { title: 'issuer' },
    { title: 'owes' },
    ...titles.map((title) => ({ title, align: 'right' as const })),
  ];
  const rows = pairs.map((pair) => [
    count(pair.issuerId),
    count(pair.takerId),
    ...[pair.opening, pair.redeemed, pair.restored, pair.clawedBack, pair.giftCards].map(money),
    money(pair.closing),
    money(pair.points),
  ]);
  return `${table(columns, rows)}\n`;
};

const writeCsv = async (session: Session, options: Options, file: string): Promise<void> => {
  const { month, merchant } = options;
  const path = `/admin/v1/settlement/${month}/entries.csv`;
  const body = await session.get<string>(path, { merchantId: merchant });
  try {
    writeFileSync(file, body, { mode: 0o600 });
  } catch (error) {
    throw new Failure(`${file} cannot be written: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
    });
  }
  const lines = body.split('\n').length - 2;
  process.stderr.write(`${count(lines)} debts written to ${file}.\n`);
};
