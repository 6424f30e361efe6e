/** `kopilka store export`: the log into a file, and the keys into another. */
import { existsSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { partOf } from '../../embedded/eventstore/archive/archiveFile.js';
import {
  exportLog,
  type ExportResult,
  type LogSource,
  openTableSource,
} from '../../embedded/eventstore/tools/exportLog.js';
import { openRemoteSource } from '../../platform/compose/remoteLog.js';
import { exportKeys, type KeyCounts } from '../../platform/postgres/keyBackup.js';
import { exitCodes, Failure } from '../failure.js';
import { onInterrupt } from '../interrupt.js';
import { count, duration } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import { inWords, type StorePlace, withStorePlace, type StoreOptions } from './place.js';

interface Options extends StoreOptions {
  readonly gzip: boolean;
  readonly after?: number;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly keys?: string;
  readonly from?: string;
}

export const exportStore = async (file: string, options: Options): Promise<void> => {
  const path = resolve(file);
  refuseToReplace(path, options);
  const url = options.from ?? remoteUrl(options);
  const startedAt = performance.now();
  if (url === undefined) {
    return withStorePlace(options, false, async (place) => {
      const result = await writeArchive(path, options, await openTableSource(place.log));
      await report(path, options, result, startedAt, await writeKeys(options, place));
    });
  }
  const result = await writeArchive(path, options, openRemoteSource(url)).catch(
    (error: unknown) => {
      throw inWords(error, url);
    },
  );
  const keys = options.keys === undefined ? undefined : await keysBeside(options);
  await report(path, options, result, startedAt, keys);
};

/** An EventStoreDB named in the environment is the log of this installation, unless another is asked for. */
const remoteUrl = ({ postgres }: Options): string | undefined =>
  postgres === undefined ? process.env['KOPILKA_EVENTSTORE_URL'] || undefined : undefined;

const refuseToReplace = (path: string, { resume, overwrite }: Options): void => {
  if (existsSync(path) && !overwrite) {
    throw new Failure(`${path} is there already.`, {
      exitCode: exitCodes.usage,
      advice: 'Name another file, or give --overwrite.',
    });
  }
  const isBegun = existsSync(partOf(path));
  if (isBegun && !resume && !overwrite) {
    throw new Failure(`${partOf(path)} is there: an export was broken off, or is still at work.`, {
      exitCode: exitCodes.usage,
      advice: 'Go on with it with --resume, or begin anew with --overwrite.',
    });
  }
  if (isBegun && !resume) rmSync(partOf(path));
};

/** @throws Failure where it was stopped on the way */
const writeArchive = async (
  path: string,
  { gzip, after, resume }: Options,
  source: LogSource,
): Promise<ExportResult> => {
  const interrupt = onInterrupt();
  const progress = showProgress({ label: basename(path), unit: 'events' });
  try {
    const result = await exportLog(source, {
      path,
      gzipped: gzip || path.endsWith('.gz'),
      resume,
      after,
      signal: interrupt.signal,
      onProgress: progress.update,
    });
    progress.stop();
    if (result.complete) return result;
    throw new Failure(`Stopped after ${count(result.events)} events.`, {
      exitCode: exitCodes.interrupted,
      advice: 'Go on with the same command and --resume.',
    });
  } finally {
    progress.stop();
    interrupt.release();
    await source.close();
  }
};

/** After the log: every person in it has a key by then. */
const writeKeys = async (
  { keys }: Options,
  place: Pick<StorePlace, 'keys'>,
): Promise<KeyCounts | undefined> => {
  if (keys === undefined) return undefined;
  if (!place.keys) {
    throw new Failure('Where are the keys?', {
      exitCode: exitCodes.usage,
      advice: 'Name the database of the read models in KOPILKA_POSTGRES_URL.',
    });
  }
  return exportKeys(place.keys, resolve(keys));
};

const keysBeside = (options: Options): Promise<KeyCounts | undefined> => {
  const connectionString = process.env['KOPILKA_POSTGRES_URL'];
  if (connectionString) return writeKeys(options, { keys: { connectionString } });
  return withStorePlace(options, false, (place) => writeKeys(options, place));
};

const report = async (
  path: string,
  options: Options,
  { header, events }: ExportResult,
  startedAt: number,
  keys: KeyCounts | undefined,
): Promise<void> => {
  const seconds = (performance.now() - startedAt) / 1000;
  const lastPosition = header.last.position;
  if (options.json) {
    const result = { file: path, events, after: header.after?.position ?? null, lastPosition };
    process.stdout.write(`${JSON.stringify({ ...result, keys: keys ?? null, seconds })}\n`);
    return;
  }
  const lines = [
    `Exported ${count(events)} events up to position ${count(lastPosition)} into ${path} in ${duration(seconds)}.`,
    keys
      ? `Keys of ${count(keys.personal)} people and ${count(keys.tenants)} programmes are in ${resolve(options.keys!)}: keep it apart, and secret.`
      : 'The keys of personal data are not in it: back them up with --keys FILE.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};
