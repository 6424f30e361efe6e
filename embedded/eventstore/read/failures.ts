/** Failures of calls that the client knows by the trailer `exception`. */
import type { ExpectedRevision } from '../log/append.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';

export const streamDeleted = (stream: string): GrpcFailure =>
  new GrpcFailure(GrpcCode.failedPrecondition, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const accessDenied = (): GrpcFailure =>
  new GrpcFailure(GrpcCode.permissionDenied, 'Access Denied', { exception: 'access-denied' });

const EXPECTED_NUMBER = { any: -2, no_stream: -1, stream_exists: -4 } as const;

/** Of a delete or a tombstone; appends answer a wrong expectation by a message. */
export const wrongExpectedVersion = (
  stream: string,
  expected: ExpectedRevision,
  current: number,
): GrpcFailure => {
  const number = typeof expected === 'number' ? expected : EXPECTED_NUMBER[expected];
  return new GrpcFailure(
    GrpcCode.failedPrecondition,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${number}, Actual version: ${current}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(number),
      'actual-version': String(current),
    },
  );
};

export const appendTooLarge = (limit: number): GrpcFailure =>
  new GrpcFailure(GrpcCode.invalidArgument, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });
