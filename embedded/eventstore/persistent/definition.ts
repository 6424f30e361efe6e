/**
 * What a group is defined by: its source, where it begins and its settings, and the names of the streams it keeps
 * its state in. The names and the limits are those of a real server, so that tools which know them find the same.
 */
import type { FilterExpression } from '../read/filter.js';

export const ALL = '$all';

export type ConsumerStrategy = 'RoundRobin' | 'Pinned' | 'DispatchToSingle';

export const consumerStrategies: readonly ConsumerStrategy[] = [
  'DispatchToSingle',
  'RoundRobin',
  'Pinned',
];

export interface GroupSettings {
  readonly resolveLinks: boolean;
  readonly extraStatistics: boolean;
  /** How long a consumer may take to answer before the message goes to another; 0 for ever, ms. */
  readonly messageTimeoutMs: number;
  /** A message is parked when it has failed after this many repeats. */
  readonly maxRetryCount: number;
  /** Least time between checkpoints that are due by time; 0 for none that are, ms. */
  readonly checkpointAfterMs: number;
  readonly minCheckpointCount: number;
  readonly maxCheckpointCount: number;
  /** 0 for any number. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  readonly historyBufferSize: number;
  readonly strategy: ConsumerStrategy;
}

/** Where a group begins when it has no checkpoint; a number is the first revision or position wanted. */
export type StartFrom = 'start' | 'end' | number;

export interface GroupDefinition {
  /** A stream's name or `$all`. */
  readonly source: string;
  readonly group: string;
  readonly settings: GroupSettings;
  readonly startFrom: StartFrom;
  /**
   * The first revision or position wanted, as it was when the group was defined. Written down so that a group that
   * begins at the end begins at the same end after a restart.
   */
  readonly begin: number;
  /** Only with `$all`. */
  readonly filter: FilterExpression | undefined;
}

export const CONFIG_STREAM = '$persistentSubscriptionConfig';
const STATE_STREAM_PREFIX = '$persistentsubscription-';

/** Names a group among all. */
export const groupKey = (source: string, group: string): string => `${source}::${group}`;

export const checkpointStream = (key: string): string => `${STATE_STREAM_PREFIX}${key}-checkpoint`;

export const parkedStream = (key: string): string => `${STATE_STREAM_PREFIX}${key}-parked`;

/**
 * True for streams groups keep their state in, and their metadata. Groups to $all pass over them: a checkpoint that
 * is an event of the log it is a checkpoint of would otherwise never come to rest.
 */
export const isStateStream = (stream: string): boolean =>
  stream.startsWith(STATE_STREAM_PREFIX) || stream.startsWith(`$$${STATE_STREAM_PREFIX}`);
