/**
 * What a ReadReq asks for, in our words.
 */
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import { compileFilter } from './filter.js';
import type { Selection } from './selector.js';

/** Where a read begins: an end of the log or stream, or a position or revision. */
export type ReadFrom = 'start' | 'end' | number;

export interface ReadPlan {
  /** Undefined for $all. */
  readonly stream: string | undefined;
  readonly from: ReadFrom;
  readonly backwards: boolean;
  /** Most events to send; undefined for a subscription, which has no end. */
  readonly limit: number | undefined;
  readonly selection: Selection;
  readonly resolveLinks: boolean;
}

const CONSIDERED_PER_CHECKPOINT = 32;

/** 64-bit numbers come as strings; beyond 2^53 there is nothing, so they mean "past the end". */
const toNumber = (text: string): number => Math.min(Number(text), Number.MAX_SAFE_INTEGER);

const invalid = (reason: string): GrpcFailure => new GrpcFailure(GrpcCode.invalidArgument, reason);

/** Throws `GrpcFailure` for a request that makes no sense. */
export const planRead = (request: ReadReq): ReadPlan => {
  const options = request.getOptions();
  if (!options) throw invalid('the read request has no options');
  const common = {
    backwards: options.getReadDirection() === 1,
    limit: options.hasSubscription() ? undefined : toNumber(options.getCount()),
    resolveLinks: options.getResolveLinks(),
  };
  const stream = options.getStream();
  if (stream) {
    const name = Buffer.from(stream.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(
      'utf8',
    );
    if (name === '') throw invalid('the stream name is missing');
    const from = stream.hasRevision()
      ? toNumber(stream.getRevision())
      : stream.hasEnd()
        ? 'end'
        : 'start';
    return {
      ...common,
      stream: name,
      from,
      selection: { filter: undefined, checkpointEvery: undefined },
    };
  }
  const all = options.getAll();
  if (!all) throw invalid('the read request names neither a stream nor $all');
  const position = all.getPosition();
  const from = position ? toNumber(position.getCommitPosition()) : all.hasEnd() ? 'end' : 'start';
  return { ...common, stream: undefined, from, selection: planSelection(options) };
};

const planSelection = (options: ReadReq.Options): Selection => {
  const filter = options.getFilter();
  if (!filter) return { filter: undefined, checkpointEvery: undefined };
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  if (!expression) throw invalid('the filter names neither stream nor event type');
  const window = filter.hasMax() ? filter.getMax() : CONSIDERED_PER_CHECKPOINT;
  const checkpointEvery =
    Math.max(1, filter.getCheckpointintervalmultiplier()) * Math.max(1, window);
  try {
    const compiled = compileFilter({
      on: filter.hasStreamIdentifier() ? 'stream' : 'type',
      prefixes: expression.getPrefixList(),
      regex: expression.getRegex(),
    });
    return {
      filter: compiled,
      checkpointEvery: options.hasSubscription() ? checkpointEvery : undefined,
    };
  } catch (error) {
    throw invalid(`the filter is not a regular expression: ${(error as Error).message}`);
  }
};
