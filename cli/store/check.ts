/** `kopilka store check`: whether an exported file is whole and unaltered. */
import { basename } from 'node:path';
import { checkArchive } from '../../embedded/eventstore/tools/importLog.js';
import { exitCodes, Failure } from '../failure.js';
import { onInterrupt } from '../interrupt.js';
import { count } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import { archiveIn, inWords } from './place.js';

export const checkFile = async (file: string, options: { json: boolean }): Promise<void> => {
  const path = archiveIn(file);
  const interrupt = onInterrupt();
  const progress = showProgress({ label: `checking ${basename(path)}`, unit: 'events' });
  try {
    const found = await checkArchive(path, {
      signal: interrupt.signal,
      onProgress: progress.update,
    });
    progress.stop();
    if (!found) throw new Failure('Stopped.', { exitCode: exitCodes.interrupted });
    const { header, events } = found;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ file: path, events, header })}\n`
        : `${path} is whole: ${count(events)} events, ${header.after ? `from after ${count(header.after.position)}` : 'from the beginning'} to position ${count(header.last.position)}.\n`,
    );
  } catch (error) {
    progress.stop();
    throw inWords(error, '');
  } finally {
    interrupt.release();
  }
};
