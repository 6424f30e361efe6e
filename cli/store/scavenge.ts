/** `kopilka store scavenge`: removes what nobody may read any more. */
import { compact } from '../../embedded/eventstore/tools/compact.js';
import { scavenge, type ScavengeResult } from '../../embedded/eventstore/tools/scavenge.js';
import { storeInfo } from '../../embedded/eventstore/tools/storeInfo.js';
import { exitCodes, Failure } from '../failure.js';
import { onInterrupt } from '../interrupt.js';
import { count } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import { type StorePlace, withStorePlace, type StoreOptions } from './place.js';

interface Options extends StoreOptions {
  readonly dryRun: boolean;
  readonly compact: boolean;
}

export const scavengeStore = async (options: Options): Promise<void> => {
  if (options.postgres === undefined && process.env['KOPILKA_EVENTSTORE_URL']) {
    throw new Failure('The log is an EventStoreDB, which scavenges itself.', {
      exitCode: exitCodes.usage,
      advice: 'Start it there: POST /admin/scavenge, or its console.',
    });
  }
  await withStorePlace(options, false, async (place) => {
    if (options.compact && (await storeInfo(place.log)).isOpen) {
      throw new Failure('The log is open, and compacting it takes it away from its node.', {
        exitCode: exitCodes.refused,
        advice: 'Scavenge without --compact, or stop Kopilka first.',
      });
    }
    const result = await removeHidden(options, place);
    const freed = options.compact && !options.dryRun ? await compacted(place) : undefined;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...result, dryRun: options.dryRun, freedBytes: freed ?? null })}\n`
        : asText(options, result, freed),
    );
  });
};

/** @throws Failure where it was stopped on the way */
const removeHidden = async ({ dryRun }: Options, { log }: StorePlace): Promise<ScavengeResult> => {
  const interrupt = onInterrupt();
  const progress = showProgress({ label: 'scavenging', unit: 'events' });
  try {
    const result = await scavenge({
      postgres: log,
      dryRun,
      signal: interrupt.signal,
      onProgress: progress.update,
    });
    progress.stop();
    if (result.complete) return result;
    const done = dryRun ? 'found' : 'removed';
    throw new Failure(`Stopped: ${count(result.events)} events were ${done} so far.`, {
      exitCode: exitCodes.interrupted,
      advice: 'The same command goes on with the rest.',
    });
  } finally {
    progress.stop();
    interrupt.release();
  }
};

/** Bytes given back to the disk. */
const compacted = async ({ log }: StorePlace): Promise<number> => {
  const sizeOf = async (): Promise<number> => {
    const { tableBytes, indexBytes } = await storeInfo(log);
    return tableBytes + indexBytes;
  };
  const before = await sizeOf();
  await compact(log);
  return before - (await sizeOf());
};

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const asText = (
  { dryRun }: Options,
  { events, bytes, streams }: ScavengeResult,
  freed: number | undefined,
): string => {
  const what = `${count(events)} events (${mebibytes(bytes)} of data)`;
  const looked = `${count(streams)} streams with metadata or a tombstone were looked at.`;
  const lines = [dryRun ? `${what} would be removed. ${looked}` : `Removed ${what}. ${looked}`];
  if (freed !== undefined) lines.push(`${mebibytes(freed)} were given back to the disk.`);
  return `${lines.join('\n')}\n`;
};
