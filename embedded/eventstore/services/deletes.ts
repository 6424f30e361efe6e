/**
 * Streams/Delete hides a stream until it is written to again; Streams/Tombstone closes it for ever. Both are writes
 * judged by an expected revision like any other.
 */
import type { DeleteReq, TombstoneReq } from '@eventstore/db-client/generated/streams_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { GrpcCall } from '../grpc/call.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import type { ExpectedRevision } from '../log/append.js';
import type { Writes } from '../log/eventLog.js';
import { bytesField, message, uintField } from '../wire/fields.js';
import { decodeName } from '../wire/names.js';
import { MalformedMessage } from '../wire/reader.js';
import { DEFAULT_DEADLINE_MS, resultFailure } from './results.js';

type Options = DeleteReq.Options | TombstoneReq.Options | undefined;

export const serveDelete = (call: GrpcCall, log: Writes): void => {
  call.onMessage = (bytes) =>
    submit(call, log, 'delete', streamsPb.DeleteReq.deserializeBinary(bytes).getOptions());
};

export const serveTombstone = (call: GrpcCall, log: Writes): void => {
  call.onMessage = (bytes) =>
    submit(call, log, 'tombstone', streamsPb.TombstoneReq.deserializeBinary(bytes).getOptions());
};

const submit = (
  call: GrpcCall,
  log: Writes,
  kind: 'delete' | 'tombstone',
  options: Options,
): void => {
  if (!options) throw new GrpcFailure(GrpcCode.invalidArgument, 'the request has no options');
  const streamBytes = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []);
  const now = Date.now();
  const stream = streamName(streamBytes);
  log.submit({
    kind,
    stream,
    streamBytes,
    expected: expectedOf(options),
    events: [],
    bytes: 0,
    deadline: call.deadline(now) ?? now + DEFAULT_DEADLINE_MS,
    answer: (result) => {
      if (result.kind !== 'stored') return call.fail(resultFailure(result, stream));
      const position = result.position ?? 0;
      call.finish(message(bytesField(1, message(uintField(1, position), uintField(2, position)))));
    },
  });
};

const streamName = (bytes: Buffer): string => {
  try {
    return decodeName(bytes, 0, bytes.length, 'the stream name');
  } catch (error) {
    if (error instanceof MalformedMessage)
      throw new GrpcFailure(GrpcCode.invalidArgument, error.message);
    throw error;
  }
};

const expectedOf = (options: NonNullable<Options>): ExpectedRevision => {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasRevision() ? Number(options.getRevision()) : 'any';
};
