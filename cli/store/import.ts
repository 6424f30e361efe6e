/** `kopilka store import`: a log from a file, as it was. */
import { basename } from 'node:path';
import { importLog, type ImportResult } from '../../embedded/eventstore/tools/importLog.js';
import { importKeys, type KeyCounts } from '../../platform/postgres/keyBackup.js';
import { migrate } from '../../platform/postgres/migrate.js';
import { exitCodes, Failure } from '../failure.js';
import { onInterrupt } from '../interrupt.js';
import { count, duration } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import { archiveIn, type StorePlace, withStorePlace, type StoreOptions } from './place.js';

interface Options extends StoreOptions {
  readonly keys?: string;
}

export const importStore = (file: string, options: Options): Promise<void> => {
  const path = archiveIn(file);
  if (options.postgres === undefined && process.env['KOPILKA_EVENTSTORE_URL']) {
    throw new Failure('An EventStoreDB cannot be restored exactly: it gives positions itself.', {
      exitCode: exitCodes.usage,
      advice:
        'Use its own backup (docs/guides/store.md), or unset KOPILKA_EVENTSTORE_URL to import into the embedded log.',
    });
  }
  const startedAt = performance.now();
  return withStorePlace(options, true, async (place) => {
    if (place.runningPid !== undefined) {
      throw new Failure(`Kopilka runs on ${place.name} (pid ${place.runningPid}).`, {
        exitCode: exitCodes.refused,
        advice: 'Stop it first, or import into another directory with --data DIR.',
      });
    }
    const result = await restore(path, place);
    const keys = options.keys === undefined ? undefined : await restoreKeys(options.keys, place);
    const seconds = (performance.now() - startedAt) / 1000;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...asJson(path, result), keys: keys ?? null, seconds })}\n`
        : asText(place.name, result, keys, seconds),
    );
  });
};

/** @throws Failure where it was stopped on the way */
const restore = async (path: string, { log }: StorePlace): Promise<ImportResult> => {
  const interrupt = onInterrupt();
  const checking = showProgress({ label: 'checking', unit: 'events' });
  let importing: ReturnType<typeof showProgress> | undefined;
  try {
    const result = await importLog({
      path,
      postgres: log,
      signal: interrupt.signal,
      onChecked: checking.update,
      onProgress: (share, events) => {
        checking.stop();
        importing ??= showProgress({ label: basename(path), unit: 'events' });
        importing.update(share, events);
      },
    });
    if (result?.complete) return result;
    importing?.stop();
    const written = result?.written ?? 0;
    throw new Failure(
      written === 0 ? 'Stopped; nothing was written.' : `Stopped after ${count(written)} events.`,
      {
        exitCode: exitCodes.interrupted,
        advice:
          'The same command goes on from there. Kopilka does not start on a log that is half there.',
      },
    );
  } finally {
    checking.stop();
    importing?.stop();
    interrupt.release();
  }
};

const silent = { info: () => {}, warn: () => {}, error: () => {} };

const restoreKeys = async (file: string, { keys }: StorePlace): Promise<KeyCounts> => {
  if (!keys) {
    throw new Failure('Where do the keys go?', {
      exitCode: exitCodes.usage,
      advice: 'Name the database of the read models in KOPILKA_POSTGRES_URL.',
    });
  }
  const path = archiveIn(file);
  await migrate(keys, { logger: silent });
  return importKeys(keys, path);
};

const asJson = (file: string, { header, written, present }: ImportResult) => ({
  file,
  written,
  present,
  lastPosition: header.last.position,
});

const asText = (
  name: string,
  { header, written, present }: ImportResult,
  keys: KeyCounts | undefined,
  seconds: number,
): string => {
  const done =
    written === 0
      ? `All ${count(present)} events were there already; nothing was changed.`
      : `Imported ${count(written)} events up to position ${count(header.last.position)} into ${name} in ${duration(seconds)}.`;
  const there = written > 0 && present > 0 ? [`${count(present)} were there before.`] : [];
  const people = keys
    ? [`Keys of ${count(keys.personal)} people and ${count(keys.tenants)} programmes are back.`]
    : [];
  return `${[done, ...there, ...people].join('\n')}\n`;
};
