/** `kopilka import receipts`: real receipts from a file, through the POS API of a running Kopilka. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCodes, Failure } from '../failure.js';
import { asFailure, withConnection } from '../http/session.js';
import { onInterrupt } from '../interrupt.js';
import { count, duration, money } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import { outcomes, type Outcome } from './accounting.js';
import { formatMicros } from './decimal.js';
import { openLines } from './fileLines.js';
import { formatNamed, formats } from './formats/formats.js';
import { type PlaceOptions, preparePlace } from './place.js';
import { createPosReceiver } from './posReceiver.js';
import {
  digestOf,
  importPath,
  readProgress,
  type Progress,
  writeProgress,
} from './progressFile.js';
import { outcomeTable, type Reconciliation, reconcile, type SalesTotals } from './reconcile.js';
import { openRejectReport } from './rejectReport.js';
import { type RunResult, runImport } from './run.js';
import type { ReceiptFormat } from './sourceLine.js';

interface ImportOptions extends Omit<PlaceOptions, 'say'> {
  readonly format: string;
  readonly concurrency: number;
  readonly report?: string;
  readonly restart: boolean;
  readonly json: boolean;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 256) {
    throw new InvalidArgumentError('must be a whole number from 1 to 256');
  }
  return value;
};

export const addImportCommand = (program: Command): void => {
  const receipts = program
    .command('import')
    .description('bring data in from files')
    .command('receipts')
    .argument('<file>', 'the file, plain or gzipped')
    .description('import real receipts through the POS API of a running Kopilka')
    .addOption(
      new Option('--format <format>', 'what the file is')
        .choices(formats.map(({ name }) => name))
        .makeOptionMandatory(),
    );
  withConnection(receipts)
    .option('--create-tenant', 'open the programme that --tenant names', false)
    .option('--till-token <token>', 'token of the till to import through, where it is not kept')
    .option('--concurrency <n>', 'requests on their way at once', positive, 32)
    .option('--report <file>', 'where to list the lines that were not imported')
    .option('--restart', 'send everything again; nothing is counted twice', false)
    .option('--json', 'print the result as JSON', false)
    .addHelpText('after', help)
    .action((file: string, options: ImportOptions) => importReceipts(resolve(file), options));
};

const help = `
Each customer is enrolled with a card, each product listed, each receipt confirmed with its own date as an offline receipt.
A cancellation becomes returns of the purchases it takes back. Lines that are not goods, or match nothing, go into the report.
The programme is one of the format's own (onlineretail in GBP, cdnow in USD) unless --tenant names another.

Ctrl-C stops cleanly; the same command goes on from there. Importing a file twice counts nothing twice.

Examples:
  kopilka import receipts online-retail.csv.gz --format online-retail
  kopilka import receipts cdnow-purchases.txt.gz --format cdnow --data ./data --json
  kopilka import receipts shop.csv --format online-retail --tenant shop --create-tenant

Exit codes: 0 imported and reconciled, 1 does not reconcile, 2 wrong command line, 3 no server, 4 refused, 130 stopped.`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const importReceipts = async (file: string, options: ImportOptions): Promise<void> => {
  const format = formatNamed(options.format) as ReceiptFormat;
  if (!existsSync(file))
    throw new Failure(`There is no file ${file}.`, { exitCode: exitCodes.usage });
  const sha256 = await digestOf(file);
  const place = await preparePlace(format, { ...options, say }, options.concurrency);
  const { session } = place;
  const interrupt = onInterrupt();
  const startedAt = performance.now();
  try {
    const { tenant } = session;
    const key = { sha256, tenant, format: format.name, server: session.http.url };
    const path = importPath(options.data, tenant, sha256);
    const before = options.restart ? null : readProgress(path, key);
    const saved = before?.settled ?? 0;
    if (saved > 0) say(`Going on after ${count(saved)} receipts and returns that are done.`);
    const report = openRejectReport(options.report ?? `${path}.rejects.ndjson`);
    const keep = (state: Pick<RunResult, 'settled' | 'refusals' | 'position'>, finished: boolean) =>
      writeProgress(path, {
        file,
        ...key,
        settled: state.settled,
        refusals: state.refusals,
        position: state.position === null ? null : String(state.position),
        finished,
      });
    const run = await runWithProgress(file, format, options, {
      receiver: createPosReceiver({
        http: session.http,
        tillToken: place.tillToken,
        format,
        gsrnPrefix: place.gsrnPrefix,
      }),
      before,
      reject: report.write,
      keep: (state) => keep(state, false),
      signal: interrupt.signal,
    }).catch((error: unknown) => {
      report.abandon();
      throw asFailure(error, options.data);
    });
    keep(run, run.complete);
    if (!run.complete) {
      report.abandon();
      throw new Failure(`Stopped after ${count(run.settled)} receipts and returns.`, {
        exitCode: exitCodes.interrupted,
        advice: `Go on with the same command: ${again()}`,
      });
    }
    await report.finish();
    const totals = await session.get<{ totals: SalesTotals }>('/admin/v1/sales', {
      merchantId: place.merchantId,
      minPosition: run.position === null ? undefined : String(run.position),
    });
    const reconciliation = reconcile(run.books, totals.totals);
    const seconds = (performance.now() - startedAt) / 1000;
    const outcome = { file, format, tenant, run, reconciliation, report: report.path, seconds };
    process.stdout.write(options.json ? asJson(outcome) : asText(outcome));
    if (reconciliation.differences.length > 0) process.exitCode = exitCodes.failed;
  } finally {
    interrupt.release();
    session.close();
  }
};

interface Around extends Pick<Parameters<typeof runImport>[0], 'receiver' | 'reject' | 'signal'> {
  readonly before: Progress | null;
  readonly keep: (state: Pick<RunResult, 'settled' | 'refusals' | 'position'>) => void;
}

const keepEveryMs = 1_000;

const runWithProgress = async (
  file: string,
  format: ReceiptFormat,
  options: ImportOptions,
  { before, keep, ...rest }: Around,
): Promise<RunResult> => {
  const from = {
    settled: before?.settled ?? 0,
    refusals: before?.refusals ?? [],
    position: before?.position == null ? null : BigInt(before.position),
  };
  const progress = showProgress({ label: basename(file), unit: 'receipts' });
  let share = 0;
  let state: Pick<RunResult, 'settled' | 'refusals' | 'position'> = from;
  const show = (): void => progress.update(share, state.settled - from.settled);
  const ticking = setInterval(show, 250);
  // What a crash may cost is time only, so a second's worth of receipts is let go of.
  const keeping = setInterval(() => keep(state), keepEveryMs);
  try {
    return await runImport({
      ...rest,
      lines: await openLines(file),
      format,
      from,
      concurrency: options.concurrency,
      onProgress: (done, now) => {
        share = done;
        state = now;
      },
    });
  } catch (error) {
    keep(state);
    throw error;
  } finally {
    clearInterval(ticking);
    clearInterval(keeping);
    show();
    progress.stop();
  }
};

const again = (): string => `kopilka ${process.argv.slice(2).join(' ')}`;

interface Done {
  readonly file: string;
  readonly format: ReceiptFormat;
  readonly tenant: string;
  readonly run: RunResult;
  readonly reconciliation: Reconciliation;
  readonly report: string;
  readonly seconds: number;
}

const asText = ({ format, tenant, run, reconciliation, report, seconds }: Done): string => {
  const { books, counts, customers, products } = run;
  const { sales, differences } = reconciliation;
  const verdict =
    differences.length === 0
      ? 'Reconciled: the read model says what the file says, every other line has its class.'
      : `DOES NOT RECONCILE:\n${differences.map((text) => `  ${text}`).join('\n')}`;
  return [
    '',
    outcomeTable(books, format.currency),
    '',
    `Programme ${tenant}: ${count(customers)} customers, ${count(products)} products, ` +
      `${count(counts.purchases)} receipts, ${count(counts.returns)} returns, ${count(counts.refused)} refused.`,
    `Sales of ${format.merchantName} in the read model: gross ${money(sales.gross)}, returned ${money(sales.returned)}, ` +
      `net ${money(sales.net)} ${format.currency}.`,
    verdict,
    `Lines that were not imported: ${report}`,
    `Done in ${duration(seconds)}.`,
    '',
  ].join('\n');
};

const asJson = ({ file, format, tenant, run, reconciliation, report, seconds }: Done): string => {
  const { books, counts, customers, products } = run;
  const decimal = (micros: number): string => formatMicros(micros).replaceAll(',', '');
  const shown = (name: Outcome) => {
    const { lines, amountMicros } = books.outcome(name);
    return { class: name, lines, amount: decimal(amountMicros), meaning: outcomes[name] };
  };
  const { lines, amountMicros } = books.file();
  return `${JSON.stringify(
    {
      file,
      format: format.name,
      tenant,
      currency: format.currency,
      fileTotals: { lines, amount: decimal(amountMicros) },
      classes: (Object.keys(outcomes) as Outcome[]).map(shown),
      receipts: counts.purchases,
      returns: counts.returns,
      refused: counts.refused,
      customers,
      products,
      position: run.position === null ? null : String(run.position),
      sales: reconciliation.sales,
      reconciled: reconciliation.differences.length === 0,
      differences: reconciliation.differences,
      report,
      seconds: Math.round(seconds * 10) / 10,
    },
    null,
    2,
  )}\n`;
};
