/** The last place that was heard of a topic, in a file, so that the next run goes on where this one ended. */
import { readFileSync } from 'node:fs';
import { exitCodes, Failure } from '../failure.js';
import { writePrivately } from '../http/ready.js';

interface Kept {
  readonly topicId: string;
  readonly place: number;
}

/** Null where nothing was kept yet. @throws Failure where it is of another topic. */
export const readPlace = (file: string, topicId: string): number | null => {
  let kept: Kept;
  try {
    kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure(`${file} cannot be read: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
    });
  }
  if (kept.topicId === topicId && Number.isSafeInteger(kept.place)) return kept.place;
  throw new Failure(`${file} is not of topic ${topicId}.`, {
    exitCode: exitCodes.usage,
    advice: 'Name another file with --state.',
  });
};

export const writePlace = (file: string, kept: Kept): void => writePrivately(file, kept);
