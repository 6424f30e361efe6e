/** How a refusal of the log ends a call that has no message for it. */
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import { accessDenied, streamDeleted, wrongExpectedVersion } from '../read/failures.js';
import type { AppendResult } from '../log/append.js';

/** How long a request without a deadline of its own may wait for the writer, ms. */
export const DEFAULT_DEADLINE_MS = 30_000;

export const resultFailure = (
  result: Exclude<AppendResult, { kind: 'stored' }>,
  stream: string,
): GrpcFailure => {
  switch (result.kind) {
    case 'wrongRevision':
      return wrongExpectedVersion(stream, result.expected, result.current);
    case 'streamDeleted':
      return streamDeleted(stream);
    case 'accessDenied':
      return accessDenied();
    case 'timedOut':
      return new GrpcFailure(
        GrpcCode.deadlineExceeded,
        'the deadline passed before it was known to be stored: repeat it with the same ids',
      );
    case 'unavailable':
      return new GrpcFailure(GrpcCode.unavailable, result.reason);
    case 'failed':
      return new GrpcFailure(GrpcCode.unknown, result.reason);
  }
};
