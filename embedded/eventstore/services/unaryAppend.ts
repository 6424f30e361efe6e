/**
 * Streams/Append: options, then one event a message, then one answer. The client takes this way when an append
 * carries credentials of its own.
 */
import type { GrpcCall } from '../grpc/call.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import {
  APPEND_BYTES_MAX,
  type AppendResult,
  chargedBytes,
  type ProposedEvent,
} from '../log/append.js';
import type { Writes } from '../log/eventLog.js';
import { appendTooLarge, streamDeleted } from '../read/failures.js';
import { appendStored, appendWrongRevision } from '../wire/appendAnswers.js';
import { type AppendOptions, decodeAppend } from '../wire/appendRequests.js';
import { MalformedMessage } from '../wire/reader.js';
import { DEFAULT_DEADLINE_MS, resultFailure } from './results.js';

export const serveAppend = (call: GrpcCall, log: Writes): void => {
  let options: AppendOptions | undefined;
  const events: ProposedEvent[] = [];
  let bytes = 0;
  call.onMessage = (message) => {
    const part = decode(message);
    if ('stream' in part) {
      options = part;
      return;
    }
    events.push(part);
    bytes += chargedBytes(part);
    if (bytes > APPEND_BYTES_MAX) throw appendTooLarge(APPEND_BYTES_MAX);
  };
  call.onHalfClose = () => {
    if (!options) throw new GrpcFailure(GrpcCode.invalidArgument, 'the append has no options');
    const now = Date.now();
    const { stream, streamBytes, expected } = options;
    const deadline = call.deadline(now) ?? now + DEFAULT_DEADLINE_MS;
    const answer = (result: AppendResult): void => {
      if (result.kind === 'stored') call.finish(appendStored(result));
      else if (result.kind === 'wrongRevision')
        call.finish(appendWrongRevision(expected, result.current));
      else
        call.fail(
          result.kind === 'streamDeleted' ? streamDeleted(stream) : resultFailure(result, stream),
        );
    };
    log.submit({ kind: 'append', stream, streamBytes, expected, events, bytes, deadline, answer });
  };
};

const decode = (message: Buffer): AppendOptions | ProposedEvent => {
  try {
    return decodeAppend(message);
  } catch (error) {
    if (error instanceof MalformedMessage)
      throw new GrpcFailure(GrpcCode.invalidArgument, error.message);
    throw error;
  }
};
