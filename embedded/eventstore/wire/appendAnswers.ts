/**
 * Encodes the answers of Streams/BatchAppend and Streams/Append.
 *
 * Success is the hot path and is written straight into the call's outgoing buffer, framed for gRPC. It leaves out the
 * optional echo of stream and expectation, which the client does not read; errors carry the stream, which it needs.
 */
import type { AppendResult, ExpectedRevision } from '../log/append.js';
import { FRAME_HEADER_BYTES, writeFrameHeader } from '../grpc/frames.js';
import { type ByteBuffer, copyBytes, varintLength, writeVarint } from './bytes.js';
import { bytesField, message, stringField, uintField } from './fields.js';

export type StoredResult = Extract<AppendResult, { kind: 'stored' }>;
/** What an answer of its own says; that the node is unavailable is said to the whole call. */
export type RefusedResult = Exclude<AppendResult, StoredResult | { kind: 'unavailable' }>;

const EMPTY_NO_STREAM = 0x12; // field 2 of Success, google.protobuf.Empty
const EMPTY_NO_POSITION = 0x22; // field 4

const successLength = (result: StoredResult): number => {
  const revision = result.revision < 0 ? 2 : 1 + varintLength(result.revision);
  if (result.position === undefined) return revision + 2;
  return revision + 4 + 2 * varintLength(result.position);
};

const writeSuccess = (target: Buffer, at: number, result: StoredResult): number => {
  if (result.revision < 0) {
    target[at++] = EMPTY_NO_STREAM;
    target[at++] = 0;
  } else {
    target[at++] = 0x08;
    at = writeVarint(target, at, result.revision);
  }
  if (result.position === undefined) {
    target[at++] = EMPTY_NO_POSITION;
    target[at++] = 0;
    return at;
  }
  target[at++] = 0x1a;
  target[at++] = 2 + 2 * varintLength(result.position);
  target[at++] = 0x08;
  at = writeVarint(target, at, result.position);
  target[at++] = 0x10;
  return writeVarint(target, at, result.position);
};

/** Writes the framed BatchAppendResp of an append that is stored. */
export const writeBatchStored = (
  out: ByteBuffer,
  correlation: Buffer,
  result: StoredResult,
): void => {
  const success = successLength(result);
  const length = 1 + varintLength(correlation.length) + correlation.length + 2 + success;
  let at = out.reserve(FRAME_HEADER_BYTES + length);
  const target = out.bytes;
  at = writeFrameHeader(target, at, length);
  target[at++] = 0x0a;
  at = writeVarint(target, at, correlation.length);
  at = copyBytes(correlation, 0, correlation.length, target, at);
  target[at++] = 0x1a;
  target[at++] = success;
  out.length = writeSuccess(target, at, result);
};

/** The BatchAppendResp of an append that is refused. */
export const batchRefusal = (correlation: Buffer, stream: string, refusal: Refusal): Buffer =>
  message(
    bytesField(1, correlation),
    bytesField(
      2,
      message(
        uintField(1, refusal.code),
        stringField(2, refusal.message),
        bytesField(
          3,
          message(
            stringField(1, `type.googleapis.com/event_store.client.${refusal.detail}`),
            bytesField(2, refusal.value),
          ),
        ),
      ),
    ),
    bytesField(4, message(stringField(3, stream))),
  );

/** A google.rpc.Status with one detail, a message of event_store.client. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly detail: string;
  readonly value: Buffer;
}

const NOTHING = message();

const expectedField = (expected: ExpectedRevision): Buffer => {
  if (typeof expected === 'number') return uintField(3, expected);
  return bytesField(expected === 'any' ? 4 : expected === 'stream_exists' ? 5 : 6, NOTHING);
};

/** How a refusal of the log reads in the error model of batch appends (codes are google.rpc.Code). */
export const refusalOf = (result: RefusedResult, stream: string): Refusal => {
  switch (result.kind) {
    case 'wrongRevision':
      return {
        code: 6,
        message: `WrongExpectedVersion: expected ${result.expected}, the stream is at ${result.current}`,
        detail: 'WrongExpectedVersion',
        value: message(
          result.current < 0 ? bytesField(2, NOTHING) : uintField(1, result.current),
          expectedField(result.expected),
        ),
      };
    case 'streamDeleted':
      return {
        code: 5,
        message: `stream ${stream} is deleted`,
        detail: 'StreamDeleted',
        value: message(bytesField(1, message(stringField(3, stream)))),
      };
    case 'accessDenied':
      return { code: 7, message: 'Access Denied', detail: 'AccessDenied', value: NOTHING };
    case 'timedOut':
      return {
        code: 4,
        message:
          'the deadline passed before it was known to be stored: repeat it with the same ids',
        detail: 'Timeout',
        value: NOTHING,
      };
    case 'failed':
      // The client shows no message with a detail that it knows. And no UNAVAILABLE of the call: that ends its subscriptions too.
      return { code: 2, message: result.reason, detail: 'NotStored', value: NOTHING };
  }
};

export const tooLarge = (limit: number): Refusal => ({
  code: 3,
  message: `the append is larger than ${limit} bytes: split it`,
  detail: 'MaximumAppendSizeExceeded',
  value: message(uintField(1, limit)),
});

export const badRequest = (reason: string): Refusal => ({
  code: 3,
  message: reason,
  detail: 'BadRequest',
  value: message(stringField(1, reason)),
});

/** The AppendResp of a unary append that is stored. */
export const appendStored = (result: StoredResult): Buffer => {
  const success = Buffer.alloc(successLength(result));
  writeSuccess(success, 0, result);
  return message(bytesField(1, success));
};

/** The AppendResp of a unary append with a wrong expectation: a message there, not an error. */
export const appendWrongRevision = (expected: ExpectedRevision, current: number): Buffer =>
  message(
    bytesField(
      2,
      message(
        current < 0 ? bytesField(7, NOTHING) : uintField(6, current),
        typeof expected === 'number'
          ? uintField(8, expected)
          : bytesField(expected === 'any' ? 9 : expected === 'stream_exists' ? 10 : 11, NOTHING),
      ),
    ),
  );
