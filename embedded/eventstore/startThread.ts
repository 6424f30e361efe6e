/**
 * Starts the embedded event store in a thread of its own, so that a busy API does not delay commits nor commits the
 * API. Same shape as `startEventStore`.
 */
import { startThread } from '../thread/startThread.js';
import { type EventStoreOptions, type RunningEventStore, silentLogger } from './options.js';

export interface EventStoreThreadOptions extends EventStoreOptions {
  /** Called when the thread ends without having been stopped: nothing will answer any more. */
  readonly onCrash?: (error: Error) => void;
}

/**
 * Appends and pages live for one commit. What they hold is buffers outside of the heap, which are given back with the young objects: with
 * room for more of these, what is outside had the whole heap collected twice a second.
 */
const youngGenerationMb = 12;
const stopDeadlineMs = 10_000;

/** Throws what `startEventStore` throws, by name and message. */
export const startEventStoreThread = ({
  onCrash,
  logger = silentLogger,
  ...settings
}: EventStoreThreadOptions): Promise<RunningEventStore> =>
  startThread({
    file: new URL('./thread.js', import.meta.url),
    name: 'eventstore',
    settings,
    logger,
    calledBy: 'event store',
    stopDeadlineMs,
    onCrash,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
