/**
 * `kopilka query`: one SELECT over the read models, for machines without psql.
 *
 * Straight to PostgreSQL, in a transaction that cannot write, through a cursor, so that a question without a limit does not fill the
 * memory.
 */
import type { Command } from 'commander';
import pg from 'pg';
import { exitCodes, Failure } from './failure.js';
import { readReady } from './http/ready.js';
import { count } from './output/numbers.js';
import { table } from './output/table.js';
import { limitArgument } from './when.js';

interface Options {
  readonly data: string;
  readonly limit: number;
  readonly json: boolean;
}

export const addQueryCommand = (program: Command): void => {
  program
    .command('query')
    .argument('<sql>', 'one SELECT')
    .description('ask the read models in SQL')
    .option(
      '--data <dir>',
      'data directory whose ready.json names the database',
      process.env['KOPILKA_DATA'] || './data',
    )
    .option('--limit <n>', 'at most so many rows', limitArgument, 100)
    .option('--json', 'print one JSON object a line', false)
    .addHelpText(
      'after',
      `
The live read models are the views of the schema read; replays are schemas of
their own (kopilka replays). KOPILKA_POSTGRES_URL names another database than
that of ready.json.

Examples:
  kopilka query "select * from read.balances order by active desc limit 5"
  kopilka query "select day, sum(net_amount) from read.daily_sales group by day order by day" --json
  kopilka query "select table_name from information_schema.views where table_schema = 'read'"`,
    )
    .action(query);
};

const timeoutMs = 60_000;

/** Days and times as PostgreSQL writes them: as dates of JavaScript they would move to the zone of this machine. */
const timeTypes: ReadonlySet<number> = new Set([
  pg.types.builtins.DATE,
  pg.types.builtins.TIMESTAMP,
  pg.types.builtins.TIMESTAMPTZ,
]);
const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  timeTypes.has(oid)
    ? (text: string) => text
    : (pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown);

const query = async (sql: string, options: Options): Promise<void> => {
  const url = process.env['KOPILKA_POSTGRES_URL'] || readReady(options.data)?.postgresUrl;
  if (!url) {
    throw new Failure(`No database is named in ${options.data}/ready.json.`, {
      exitCode: exitCodes.unreachable,
      advice: `Start the server (npm start -- --data ${options.data}), or set KOPILKA_POSTGRES_URL.`,
    });
  }
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser: parserOf },
  });
  try {
    await client.connect();
  } catch (error) {
    throw new Failure(`The database does not answer: ${(error as Error).message}`, {
      exitCode: exitCodes.unreachable,
      advice: `Is the server running? npm start -- --data ${options.data}`,
    });
  }
  try {
    const rows = await fetch(client, sql, options.limit + 1);
    show(rows.slice(0, options.limit), options.json);
    if (rows.length > options.limit && !options.json) {
      process.stdout.write(`… and more than ${count(options.limit)} rows: add --limit.\n`);
    }
  } catch (error) {
    throw new Failure(`PostgreSQL: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
      advice: adviceOn((error as pg.DatabaseError).code),
    });
  } finally {
    await client.end();
  }
};

/** By SQLSTATE: what is misspelt is most often the name of a view, or not a SELECT at all. */
const adviceOn = (code: string | undefined): string => {
  const views = `See what there is: kopilka query "select table_name from information_schema.views where table_schema = 'read'"`;
  if (code === '42P01' || code === '3F000') return views;
  if (code === '57014') return `A question may take ${timeoutMs / 1_000} seconds: ask for less.`;
  return 'Give one SELECT; nothing can be changed here. Examples: kopilka query --help';
};

type Row = Readonly<Record<string, unknown>>;

const fetch = async (client: pg.Client, sql: string, limit: number): Promise<Row[]> => {
  await client.query('begin transaction read only');
  await client.query("set local time zone 'UTC'");
  await client.query(`set local statement_timeout = ${timeoutMs}`);
  await client.query(`declare answer no scroll cursor for ${sql.replace(/;\s*$/, '')}`);
  const { rows } = await client.query<Row>(`fetch forward ${limit} from answer`);
  await client.query('rollback');
  return rows;
};

const show = (rows: readonly Row[], json: boolean): void => {
  if (json) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
    return;
  }
  const [first] = rows;
  if (!first) {
    process.stdout.write('No rows.\n');
    return;
  }
  const columns = Object.entries(first).map(([title, value]) => ({
    title,
    align: isNumber(value) ? ('right' as const) : ('left' as const),
  }));
  process.stdout.write(
    `${table(
      columns,
      rows.map((row) => Object.values(row).map(cell)),
    )}\n`,
  );
};

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
