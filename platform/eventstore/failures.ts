/**
 * From the errors of the official client to those of the log's port: what happened, and whether a repeat helps.
 *
 * The client rejects every pending append when its batch stream breaks, whatever became of them at the server. What it calls
 * unknown, unavailable, cancelled or timed out is therefore "outcome unknown", which a repeat with the same event ids settles.
 */
import {
  AccessDeniedError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { LogRefused, LogUnavailable, VersionConflict } from '../../commands/log.js';

const unknownOutcomes = new Set([
  'unknown',
  'unavailable',
  'cancelled',
  'timeout',
  'deadline-exceeded',
  'not-leader',
]);

/** The same as gRPC's own codes, which the client lets through while it is asking a server for its features. */
const unknownCodes = new Set([1, 2, 4, 8, 10, 13, 14]);

/** What gRPC says, as a plain error, to a call that was about to be made when the client gave its channel up. */
const channelGone = /channel has been (shut down|closed)/i;

export const isOutcomeUnknown = (error: unknown): boolean => {
  if (error instanceof LogUnavailable) return true;
  const { type, code, message } = (error ?? {}) as Partial<Record<string, unknown>>;
  if (typeof type === 'string') return unknownOutcomes.has(type);
  if (typeof code === 'number') return unknownCodes.has(code);
  return typeof message === 'string' && channelGone.test(message);
};

/** The error in the words of the port; one that it has no word for stays as it is. */
export const asLogError = (error: unknown, what: string, stream: string): unknown => {
  if (error instanceof WrongExpectedVersionError) return new VersionConflict(stream);
  if (isOutcomeUnknown(error)) {
    return error instanceof LogUnavailable
      ? error
      : new LogUnavailable(`${what} ${stream}: ${wordsOf(error)}`, { cause: error });
  }
  if (error instanceof StreamDeletedError) return new LogRefused('stream-deleted', stream);
  if (error instanceof AccessDeniedError) return new LogRefused('access-denied', stream);
  if (error instanceof MaxAppendSizeExceededError) return new LogRefused('too-large', stream);
  return error;
};

/** Errors of a batch append have no message: their type tells more. */
export const wordsOf = (error: unknown): string => {
  const { type, name, message } = (error ?? {}) as Partial<Record<string, string>>;
  return [type ?? name, message].filter(Boolean).join(': ');
};
