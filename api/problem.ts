/**
 * Errors as application/problem+json (RFC 9457): which code an error becomes, and what its answer says.
 *
 * What is not known here is a bug: 500, a body that tells nothing but the correlation id, and the whole error in the log.
 */
import { DeadlineExceeded } from '../commands/directory.js';
import { LogRefused, LogUnavailable, VersionConflict } from '../commands/log.js';
import { PasswordsBusy } from '../commands/passwords.js';
import { KeyDestroyed } from '../commands/personalData.js';
import { PublishedTooFast } from '../commands/publication/rates.js';
import { type Fault, InvalidInput } from '../commands/validation.js';
import { Rejected } from '../domain/rejected.js';
import { DocumentsNotReady, SearchTooCostly } from '../projections/documents/reading.js';
import { ProjectionBehind } from '../projections/waiting.js';
import { advice } from './advice.js';
import { type ProblemCode, problemStatuses, problemTitles } from './problemCodes.js';
import { Refused } from './refused.js';

/** Of a fault in a request: where it is, as a JSON pointer into the part of the request that `in` names. */
export interface RequestFault extends Fault {
  readonly in: 'body' | 'path' | 'query' | 'header';
}

export interface Problem {
  readonly status: number;
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** A bug or an outage: the whole error belongs into the log. */
  readonly unexpected: boolean;
}

const retryAfter = { 'retry-after': '1' } as const;
const challenge = { 'www-authenticate': 'Bearer realm="kopilka"' } as const;

interface Told {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Errors of sockets and of PostgreSQL that mean "not there at the moment", not "wrong". */
const outage = /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|57P0[1-3]|53300|08[0-9A-Z]{3})$/;
/** Errors of MongoDB's driver that mean the same. */
const mongoOutage =
  /^Mongo(Network|ServerSelection|PoolCleared|PoolClosed|WaitQueue|NotConnected|ServerClosed|TopologyClosed)/;
const isOutage = (error: unknown): boolean => {
  const { code, message, name } = (error ?? {}) as Record<'code' | 'message' | 'name', unknown>;
  return (
    (typeof name === 'string' && mongoOutage.test(name)) ||
    (typeof code === 'string' && outage.test(code)) ||
    (typeof message === 'string' &&
      /^(timeout exceeded when trying to connect|Connection terminated)/.test(message))
  );
};

const tell = (error: unknown): Told => {
  if (error instanceof Rejected) {
    const detail = `${error.message}. ${advice[error.code]}`;
    return { code: error.code, detail, details: error.details };
  }
  if (error instanceof Refused) {
    return {
      code: error.code,
      detail: error.advice,
      details: error.details,
      headers: error.headers,
    };
  }
  if (error instanceof InvalidInput) {
    const count = error.faults.length;
    const detail = `${count} ${count === 1 ? 'fault' : 'faults'}: mend what \`faults\` names and send the request again.`;
    return { code: 'invalid-input', detail, details: { faults: error.faults } };
  }
  if (error instanceof VersionConflict) {
    return { code: 'version-conflict', detail: 'Send the request again with the same key.' };
  }
  // The other refusals of the log are faults of the installation.
  if (error instanceof LogRefused && error.reason === 'too-large') {
    return {
      code: 'body-too-large',
      detail: 'What it records is more than the log takes at once.',
    };
  }
  if (error instanceof LogUnavailable) {
    const detail = 'Send the request again with the same key: it is carried out once.';
    return { code: 'log-unavailable', detail, headers: retryAfter };
  }
  if (error instanceof DeadlineExceeded || error instanceof ProjectionBehind) {
    const why = error instanceof ProjectionBehind ? error.why : null;
    const detail = `Position ${error.position} was not reached within ${error.deadlineMs} ms: ${why ?? 'send the request again.'}`;
    return { code: 'position-not-reached', detail, headers: retryAfter };
  }
  if (error instanceof PublishedTooFast) {
    const { message: detail, limitedBy, eventsPerSecond, waitMs } = error;
    const headers = { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) };
    return { code: 'rate-limited', detail, details: { limitedBy, eventsPerSecond }, headers };
  }
  if (error instanceof PasswordsBusy) {
    return { code: 'rate-limited', detail: error.message, headers: { 'retry-after': '3' } };
  }
  if (error instanceof SearchTooCostly) {
    const detail = `It was not done within ${error.deadlineMs} ms. Narrow it: by an attribute, a shorter time, words, fewer \`ne\` and \`not\`.`;
    return { code: 'search-too-costly', detail };
  }
  if (error instanceof DocumentsNotReady) {
    const { message: detail, outlook, projection: readModel } = error;
    const headers = { 'retry-after': String(outlook?.retryAfterSeconds ?? 1) };
    const details = outlook === null ? {} : { readModel, percent: outlook.percent };
    return { code: 'read-model-unavailable', detail, details, headers };
  }
  if (error instanceof KeyDestroyed) return { code: 'account-closed', detail: error.message };
  if (isOutage(error)) {
    return {
      code: 'read-model-unavailable',
      detail: 'Send the request again.',
      headers: retryAfter,
    };
  }
  return { code: 'internal-error', detail: 'Tell the operators the correlation id.' };
};

/** Told to whoever asks, and nothing to look after. */
const isExpected = (error: unknown): boolean =>
  error instanceof Refused || error instanceof DocumentsNotReady;

/** The error as it leaves the house. */
export const problemOf = (error: unknown, correlationId: string): Problem => {
  const { code, detail, details, headers } = tell(error);
  const status = problemStatuses[code];
  return {
    status,
    code,
    headers: status === 401 ? { ...challenge, ...headers } : (headers ?? {}),
    unexpected: status >= 500 && !isExpected(error) && code !== 'position-not-reached',
    body: {
      // First, so that no detail of an error can stand in for what follows.
      ...details,
      type: `/docs/errors#${code}`,
      title: problemTitles[code],
      status,
      detail,
      code,
      correlationId,
    },
  };
};
