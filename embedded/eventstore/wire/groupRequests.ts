/** The requests of PersistentSubscriptions that define groups, in our words. Settings have three ways to name a start. */
import type {
  CreateReq,
  DeleteReq,
  GetInfoReq,
  ReplayParkedReq,
  UpdateReq,
} from '@eventstore/db-client/generated/persistent_pb.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import {
  ALL,
  type ConsumerStrategy,
  consumerStrategies,
  type GroupSettings,
  type StartFrom,
} from '../persistent/definition.js';
import { groupFailed } from '../persistent/failures.js';
import type { FilterExpression } from '../read/filter.js';

const invalid = (reason: string): GrpcFailure => new GrpcFailure(GrpcCode.invalidArgument, reason);

/** The largest uint64, which means the end of a stream. */
const END_REVISION = '18446744073709551615';
const TICKS_PER_MS = 10_000;

/** 64-bit numbers come as strings; beyond 2^53 there is nothing, so they mean "past the end". */
const toNumber = (text: string): number => Math.min(Number(text), Number.MAX_SAFE_INTEGER);

const fromRevision = (revision: string): StartFrom =>
  revision === END_REVISION ? 'end' : revision === '0' ? 'start' : toNumber(revision);

type Identifier = { getStreamName_asU8(): Uint8Array } | undefined;

const nameOf = (identifier: Identifier): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

/** The source and name of the group that a request is about. */
export const groupNamed = (
  options: DeleteReq.Options | GetInfoReq.Options | ReplayParkedReq.Options | undefined,
): { source: string; group: string } => {
  if (!options) throw invalid('the request has no options');
  const source = options.hasAll() ? ALL : streamNamed(options.getStreamIdentifier());
  return { source, group: options.getGroupName() };
};

/** The stream a request names. */
export const streamNamed = (identifier: Identifier): string => nameOf(identifier);

export interface GroupRequest {
  readonly source: string;
  readonly group: string;
  readonly settings: GroupSettings;
  readonly startFrom: StartFrom;
}

export const readCreate = (
  request: CreateReq,
): GroupRequest & { filter: FilterExpression | undefined } => {
  const options = request.getOptions();
  const common = readDefinition(options, options?.getSettings()?.getConsumerStrategy());
  return { ...common, filter: filterOf(options?.getAll()?.getFilter()) };
};

export const readUpdate = (request: UpdateReq): GroupRequest =>
  readDefinition(request.getOptions(), undefined);

type Options = CreateReq.Options | UpdateReq.Options | undefined;
type Settings = CreateReq.Settings | UpdateReq.Settings;

const readDefinition = (options: Options, strategyName: string | undefined): GroupRequest => {
  const settings = options?.getSettings();
  if (!options || !settings) throw invalid('the request has no settings');
  const group = options.getGroupName();
  const all = options.getAll();
  const stream = options.getStream();
  if (!all && nameOf(options.getStreamIdentifier() ?? stream?.getStreamIdentifier()) === ALL)
    throw groupFailed(ALL, group, 'A group to $all is made by a request that says so.');
  const source = all ? ALL : nameOf(stream?.getStreamIdentifier() ?? options.getStreamIdentifier());
  const startFrom = all ? startOfAll(all) : startOfStream(stream, settings);
  return {
    source,
    group,
    startFrom,
    settings: readSettings(settings, source, group, strategyName),
  };
};

type AllOptions = CreateReq.AllOptions | UpdateReq.AllOptions;

const startOfAll = (all: AllOptions): StartFrom => {
  const position = all.getPosition();
  if (position) {
    const commit = toNumber(position.getCommitPosition());
    return commit === 0 ? 'start' : commit;
  }
  return all.hasEnd() ? 'end' : 'start';
};

type StreamOptions = CreateReq.StreamOptions | UpdateReq.StreamOptions | undefined;

const startOfStream = (stream: StreamOptions, settings: Settings): StartFrom => {
  if (!stream) return fromRevision(settings.getRevision());
  if (stream.hasRevision()) return fromRevision(stream.getRevision());
  return stream.hasEnd() ? 'end' : 'start';
};

const readSettings = (
  settings: Settings,
  source: string,
  group: string,
  strategyName: string | undefined,
): GroupSettings => ({
  resolveLinks: settings.getResolveLinks(),
  extraStatistics: settings.getExtraStatistics(),
  messageTimeoutMs: settings.hasMessageTimeoutTicks()
    ? Number(settings.getMessageTimeoutTicks()) / TICKS_PER_MS
    : settings.getMessageTimeoutMs(),
  maxRetryCount: settings.getMaxRetryCount(),
  checkpointAfterMs: settings.hasCheckpointAfterTicks()
    ? Number(settings.getCheckpointAfterTicks()) / TICKS_PER_MS
    : settings.getCheckpointAfterMs(),
  minCheckpointCount: settings.getMinCheckpointCount(),
  maxCheckpointCount: settings.getMaxCheckpointCount(),
  maxSubscriberCount: settings.getMaxSubscriberCount(),
  liveBufferSize: settings.getLiveBufferSize(),
  readBatchSize: settings.getReadBatchSize(),
  historyBufferSize: settings.getHistoryBufferSize(),
  strategy: strategyNamed(settings.getNamedConsumerStrategy(), strategyName, source, group),
});

const strategyNamed = (
  number: number,
  name: string | undefined,
  source: string,
  group: string,
): ConsumerStrategy => {
  const strategy = name
    ? consumerStrategies.find((known) => known === name)
    : consumerStrategies[number]; // listed by the numbers they have on the wire
  if (!strategy)
    throw groupFailed(source, group, `Consumer strategy ${name || number} does not exist.`);
  return strategy;
};

const filterOf = (
  filter: CreateReq.AllOptions.FilterOptions | undefined,
): FilterExpression | undefined => {
  if (!filter) return undefined;
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  if (!expression) throw invalid('the filter names neither stream nor event type');
  return {
    on: filter.hasStreamIdentifier() ? 'stream' : 'type',
    prefixes: expression.getPrefixList(),
    regex: expression.getRegex(),
  };
};
