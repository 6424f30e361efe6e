/**
 * Starts the embedded document store in a thread of its own, so that a search that looks at many documents delays no till. Same
 * shape as `startMongo`.
 *
 * Its memory has a bound of its own: a store that outgrows it ends its thread, never the process, and can be filled anew.
 */
import { startThread } from '../thread/startThread.js';
import { type MongoOptions, type RunningMongo, silentLogger } from './options.js';

export interface MongoThreadOptions extends MongoOptions {
  /** Called when the thread ends without having been stopped: nothing will answer any more. */
  readonly onCrash?: (error: Error) => void;
  /** Of the documents and their indexes; megabytes. */
  readonly memoryMaxMb?: number;
}

const memoryMaxMbDefault = 2_048;
const stopDeadlineMs = 5_000;

/** Throws what `startMongo` throws, by name and message. */
export const startMongoThread = ({
  onCrash,
  logger = silentLogger,
  memoryMaxMb = memoryMaxMbDefault,
  ...settings
}: MongoThreadOptions = {}): Promise<RunningMongo> =>
  startThread({
    file: new URL('./thread.js', import.meta.url),
    name: 'mongo',
    settings,
    logger,
    onCrash,
    calledBy: 'document store',
    stopDeadlineMs,
    resourceLimits: { maxOldGenerationSizeMb: memoryMaxMb },
  });
