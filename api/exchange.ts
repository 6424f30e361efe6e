/**
 * One request and its answer, from the first header to the line in the log. A plain record, so that the hot path makes one object
 * and no closures; render.ts writes the answer, requestLog.ts the line.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from './auth/caller.js';
import type { Route } from './route.js';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly correlationId: string;
  /** performance.now() */
  readonly started: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Among the requests in flight. */
  place: number;
  route: Route | null;
  caller: Caller | null;
  position: bigint | null;
  /** The process is stopping: the client is told to open its next connection elsewhere. */
  readonly last: boolean;
  /** Of the problem it was answered with. */
  code: string | null;
  /** Only of a bug or an outage. */
  error: unknown;
}

const requestIdGrammar = /^[A-Za-z0-9._:-]{1,128}$/;
const traceGrammar = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

const correlationIdOf = (request: IncomingMessage): string => {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && requestIdGrammar.test(given)) return given;
  const trace = request.headers['traceparent'];
  const [, id] = typeof trace === 'string' ? (traceGrammar.exec(trace) ?? []) : [];
  return id ?? randomUUID();
};

export const newExchange = (
  request: IncomingMessage,
  response: ServerResponse,
  now: number,
  last: boolean,
): Exchange => ({
  request,
  response,
  correlationId: correlationIdOf(request),
  started: performance.now(),
  now,
  place: -1,
  route: null,
  caller: null,
  position: null,
  last,
  code: null,
  error: null,
});
