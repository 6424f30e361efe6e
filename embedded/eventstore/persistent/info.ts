/** What is told about a group: its settings, how far it is, what it holds and who its consumers are. */
import type { EventLog } from '../log/eventLog.js';
import type { Consumer } from './consumer.js';
import { ALL, type GroupSettings } from './definition.js';
import type { Measurement } from './latencies.js';
import { formatPlace, formatStart } from './places.js';
import type { GroupRunner } from './runner.js';

export interface ConnectionInfo {
  readonly from: string;
  readonly username: string;
  readonly connectionName: string;
  readonly averageItemsPerSecond: number;
  readonly totalItems: number;
  readonly countSinceLastMeasurement: number;
  readonly availableSlots: number;
  readonly inFlightMessages: number;
  readonly measurements: readonly Measurement[];
}

export interface GroupInfo {
  readonly source: string;
  readonly group: string;
  readonly status: string;
  readonly settings: GroupSettings;
  readonly startFrom: string;
  /** Empty when there is none. */
  readonly lastCheckpoint: string;
  readonly lastKnown: string;
  readonly averagePerSecond: number;
  readonly totalItems: number;
  readonly countSinceLastMeasurement: number;
  readonly readBufferCount: number;
  readonly liveBufferCount: number;
  readonly retryBufferCount: number;
  /** Messages with consumers. */
  readonly totalInFlightMessages: number;
  /** Messages sent and not done with. */
  readonly outstandingMessagesCount: number;
  readonly parkedMessageCount: number;
  readonly connections: readonly ConnectionInfo[];
}

/** Counts of items at the last measurement; a measurement is being asked. */
export class Rates {
  private readonly counts = new WeakMap<object, number>();
  private readonly times = new WeakMap<object, number>();

  /** Items since the last measurement of `what`, and how many that is a second. */
  measure(what: object, items: number, sinceMs: number, now: number) {
    const count = items - (this.counts.get(what) ?? 0);
    const elapsedMs = now - (this.times.get(what) ?? sinceMs);
    this.counts.set(what, items);
    this.times.set(what, now);
    return { count, perSecond: elapsedMs > 0 ? Math.floor((count * 1000) / elapsedMs) : 0 };
  }
}

export const describeGroup = async (
  runner: GroupRunner,
  log: EventLog,
  rates: Rates,
  now: number,
): Promise<GroupInfo> => {
  const { definition, group, replay, subscribers, startedAtMs } = runner;
  const { source, settings } = definition;
  const isAll = source === ALL;
  const [lastKnown, parkedMessageCount] = await Promise.all([
    lastPlace(source, log),
    replay.parkedCount(),
  ]);
  const { count, perSecond } = rates.measure(group, group.totalItems, startedAtMs, now);
  const checkpoint = group.checkpoints.last;
  return {
    source,
    group: definition.group,
    status: [
      ...(replay.isGoingOn ? ['ReplayingParkedMessages'] : []),
      group.isLive ? 'Live' : 'Behind',
    ].join(', '),
    settings,
    startFrom: formatStart(definition.startFrom, isAll),
    lastCheckpoint: checkpoint === undefined ? '' : formatPlace(checkpoint, isAll),
    lastKnown: lastKnown === undefined ? '' : formatPlace(lastKnown, isAll),
    averagePerSecond: perSecond,
    totalItems: group.totalItems,
    countSinceLastMeasurement: count,
    readBufferCount: group.freshCount,
    liveBufferCount: group.isLive ? Math.min(group.freshCount, settings.liveBufferSize) : 0,
    retryBufferCount: group.retryCount,
    totalInFlightMessages: sumOf(group.consumers, ({ inFlight }) => inFlight),
    outstandingMessagesCount: group.outstandingCount,
    parkedMessageCount,
    connections: [...subscribers].map(([consumer, { from, username, connectionName }]) => {
      const items = rates.measure(consumer, consumer.totalItems, startedAtMs, now);
      return {
        from,
        username,
        connectionName,
        averageItemsPerSecond: items.perSecond,
        totalItems: consumer.totalItems,
        countSinceLastMeasurement: items.count,
        availableSlots: consumer.availableSlots,
        inFlightMessages: consumer.inFlight,
        measurements: consumer.latencies?.measurements() ?? [],
      };
    }),
  };
};

const sumOf = (consumers: Iterable<Consumer>, value: (consumer: Consumer) => number): number =>
  [...consumers].reduce((sum, consumer) => sum + value(consumer), 0);

/** Revision or position of the last event of a source. */
const lastPlace = async (source: string, log: EventLog): Promise<number | undefined> => {
  if (source === ALL) return log.recent.head > 0 ? log.recent.head : undefined;
  const { revision, isTombstoned } = await log.head(source);
  return revision < 0 || isTombstoned ? undefined : revision;
};
