/**
 * The definitions of all groups as the JSON a real server keeps them in, and back. Beside its fields there is `begin`,
 * where a group without a checkpoint begins.
 */
import {
  ALL,
  type ConsumerStrategy,
  consumerStrategies,
  type GroupDefinition,
} from './definition.js';
import { formatPlace, formatStart, parsePlace } from './places.js';
import { compileFilter, type FilterExpression } from '../read/filter.js';

interface Entry {
  stream: string;
  group: string;
  resolveLinkTos: boolean;
  extraStatistics: boolean;
  messageTimeout: number;
  maxRetryCount: number;
  checkPointAfter: number;
  minCheckPointCount: number;
  maxCheckPointCount: number;
  maxSubscriberCount: number;
  liveBufferSize: number;
  readBatchSize: number;
  historyBufferSize: number;
  namedConsumerStrategy: string;
  startPosition: string;
  begin: string;
  filter?: FilterExpression;
}

const entryOf = ({
  source,
  group,
  settings,
  startFrom,
  begin,
  filter,
}: GroupDefinition): Entry => ({
  stream: source,
  group,
  resolveLinkTos: settings.resolveLinks,
  extraStatistics: settings.extraStatistics,
  messageTimeout: settings.messageTimeoutMs,
  maxRetryCount: settings.maxRetryCount,
  checkPointAfter: settings.checkpointAfterMs,
  minCheckPointCount: settings.minCheckpointCount,
  maxCheckPointCount: settings.maxCheckpointCount,
  maxSubscriberCount: settings.maxSubscriberCount,
  liveBufferSize: settings.liveBufferSize,
  readBatchSize: settings.readBatchSize,
  historyBufferSize: settings.historyBufferSize,
  namedConsumerStrategy: settings.strategy,
  startPosition: formatStart(startFrom, source === ALL),
  begin: formatPlace(begin, source === ALL),
  ...(filter && { filter }),
});

const definitionOf = (entry: Entry): GroupDefinition => {
  const isAll = entry.stream === ALL;
  const start = parsePlace(entry.startPosition, isAll);
  const begin = parsePlace(entry.begin, isAll);
  const strategy = consumerStrategies.find((name) => name === entry.namedConsumerStrategy);
  if (begin === undefined || strategy === undefined)
    throw new Error(`the definition of ${entry.stream}::${entry.group} cannot be read`);
  if (entry.filter) compileFilter(entry.filter);
  return {
    source: entry.stream,
    group: entry.group,
    settings: settingsOf(entry, strategy),
    startFrom: start === undefined ? 'end' : start === 0 ? 'start' : start,
    begin,
    filter: entry.filter,
  };
};

const settingsOf = (entry: Entry, strategy: ConsumerStrategy): GroupDefinition['settings'] => ({
  resolveLinks: entry.resolveLinkTos,
  extraStatistics: entry.extraStatistics,
  messageTimeoutMs: entry.messageTimeout,
  maxRetryCount: entry.maxRetryCount,
  checkpointAfterMs: entry.checkPointAfter,
  minCheckpointCount: entry.minCheckPointCount,
  maxCheckpointCount: entry.maxCheckPointCount,
  maxSubscriberCount: entry.maxSubscriberCount,
  liveBufferSize: entry.liveBufferSize,
  readBatchSize: entry.readBatchSize,
  historyBufferSize: entry.historyBufferSize,
  strategy,
});

export const formatConfig = (definitions: Iterable<GroupDefinition>, now: Date): string =>
  JSON.stringify({
    version: '2',
    updated: now.toISOString(),
    updatedBy: 'anonymous',
    entries: [...definitions].map(entryOf),
  });

/** Throws for a definition that cannot be read: a group must not vanish, and its events be lost, unseen. */
export const parseConfig = (json: string): GroupDefinition[] =>
  (JSON.parse(json) as { entries: Entry[] }).entries.map(definitionOf);
