/**
 * How a call ends in failure: a gRPC status and trailers. EventStoreDB's client tells errors apart by the trailer
 * `exception` before it looks at the code.
 */
import type { OutgoingHttpHeaders } from 'node:http2';

export const GrpcCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Ends the call it is thrown or passed into with this code, message and trailers. */
export class GrpcFailure extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly trailers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Header values are ASCII; anything else travels percent-encoded, `%` itself included. */
const percentEncode = (text: string): string =>
  Array.from(text, (char) =>
    /[\x20-\x24\x26-\x7e]/.test(char) ? char : encodeURIComponent(char),
  ).join('');

/** Names stay readable: only what a header cannot hold is encoded. */
const encodeValue = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : percentEncode(text);

export const okTrailers: OutgoingHttpHeaders = { 'grpc-status': '0' };

export const failureTrailers = (failure: GrpcFailure): OutgoingHttpHeaders => {
  const trailers: OutgoingHttpHeaders = {
    'grpc-status': String(failure.code),
    'grpc-message': percentEncode(failure.message),
  };
  for (const [name, value] of Object.entries(failure.trailers)) trailers[name] = encodeValue(value);
  return trailers;
};
