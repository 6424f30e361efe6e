/**
 * An import from the command line to the printed result: finds its place, runs with a progress bar, keeps how far it came, compares
 * the books with the read model.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { exitCodes, Failure } from '../failure.js';
import { asFailure, type Session } from '../http/session.js';
import { onInterrupt } from '../interrupt.js';
import { count } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import { openLines } from './fileLines.js';
import { formatNamed } from './formats/formats.js';
import { type Place, type PlaceOptions, preparePlace } from './place.js';
import { createPosReceiver } from './posReceiver.js';
import { asJson, asText } from './printed.js';
import {
  digestOf,
  importPath,
  type Key,
  otherImports,
  type Progress,
  readProgress,
  writeProgress,
} from './progressFile.js';
import { type BroughtIn, broughtIn, reconcile, type SalesTotals } from './reconcile.js';
import { openRejectReport } from './rejectReport.js';
import { type RunResult, type RunState, runImport } from './run.js';
import type { ReceiptFormat } from './sourceLine.js';

export interface ImportOptions extends Omit<PlaceOptions, 'say'> {
  readonly format: string;
  readonly concurrency: number;
  readonly report?: string;
  readonly restart: boolean;
  readonly json: boolean;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

export const importReceipts = async (file: string, options: ImportOptions): Promise<void> => {
  const format = formatNamed(options.format) as ReceiptFormat;
  if (!existsSync(file)) {
    throw new Failure(`There is no file ${file}.`, { exitCode: exitCodes.usage });
  }
  const startedAt = performance.now();
  const sha256 = await digestOf(file);
  const place = await preparePlace(format, { ...options, say }, options.concurrency);
  const { session } = place;
  const { tenant } = session;
  // A data directory is one server, whatever port it got this time.
  const key = { sha256, tenant, format: format.name, server: options.url ?? 'local' };
  try {
    const { run, report } = await send(file, key, place, options);
    const sales = await salesOf(session, place.merchantId, run.position);
    const reconciliation = reconcile(run.books, sales, earlierImports(options.data, key));
    const seconds = (performance.now() - startedAt) / 1000;
    const done = { file, format, tenant, run, reconciliation, report, seconds };
    process.stdout.write(options.json ? asJson(done) : asText(done));
    if (reconciliation.differences.length > 0) process.exitCode = exitCodes.failed;
  } finally {
    session.close();
  }
};

/** Runs to the end of the file and leaves the report. @throws Failure where it was stopped on the way. */
const send = async (
  file: string,
  key: Key,
  place: Place,
  options: ImportOptions,
): Promise<{ readonly run: RunResult; readonly report: string }> => {
  const format = formatNamed(options.format) as ReceiptFormat;
  const path = importPath(options.data, key.tenant, key.sha256);
  const before = options.restart ? null : readProgress(path, key);
  if (before && before.settled > 0) {
    say(`Going on after ${count(before.settled)} receipts and returns that are done.`);
  }
  const report = openRejectReport(options.report ?? `${path}.rejects.ndjson`);
  const keep = ({ settled, refusals, position }: RunState, imported?: BroughtIn): void =>
    writeProgress(path, {
      file,
      ...key,
      settled,
      refusals,
      position: position === null ? null : String(position),
      finished: imported !== undefined,
      ...(imported && { imported }),
    });
  const receiver = createPosReceiver({ ...place, http: place.session.http, format });
  const interrupt = onInterrupt();
  try {
    const run = await runWithProgress(file, format, options, {
      receiver,
      before,
      keep,
      reject: report.write,
      signal: interrupt.signal,
    });
    if (!run.complete) throw stopped(run);
    await report.finish();
    keep(run, broughtIn(run.books));
    return { run, report: report.path };
  } catch (error) {
    report.abandon();
    throw asFailure(error, options.data);
  } finally {
    interrupt.release();
  }
};

const stopped = ({ settled }: RunResult): Failure =>
  new Failure(`Stopped after ${count(settled)} receipts and returns.`, {
    exitCode: exitCodes.interrupted,
    advice: `Go on with the same command: kopilka ${process.argv.slice(2).join(' ')}`,
  });

const behindMs = 120_000;

/** The read model may still be catching up with what was sent. */
const salesOf = async (
  session: Session,
  merchantId: number,
  position: bigint | null,
): Promise<SalesTotals> => {
  const query = {
    merchantId,
    limit: 0,
    minPosition: position === null ? undefined : String(position),
  };
  const { totals } = await session.get<{ totals: SalesTotals }>('/admin/v1/sales', query, behindMs);
  return totals;
};

const earlierImports = (dataDir: string, key: Key): BroughtIn => {
  const sum = { boughtMicros: 0, returnedMicros: 0 };
  for (const { imported, finished, file } of otherImports(dataDir, key)) {
    if (!finished || !imported)
      say(`The import of ${file} into the same merchant is not finished.`);
    sum.boughtMicros += imported?.boughtMicros ?? 0;
    sum.returnedMicros += imported?.returnedMicros ?? 0;
  }
  return sum;
};

interface Around extends Pick<Parameters<typeof runImport>[0], 'receiver' | 'reject' | 'signal'> {
  readonly before: Progress | null;
  readonly keep: (state: RunState) => void;
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
  let done = 0;
  let state: RunState = from;
  const show = (): void => progress.update(share, Math.max(0, done - from.settled));
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
      onProgress: (shareNow, doneNow, now) => {
        share = shareNow;
        done = doneNow;
        state = now;
      },
    });
  } finally {
    keep(state);
    clearInterval(ticking);
    clearInterval(keeping);
    show();
    progress.stop();
  }
};
