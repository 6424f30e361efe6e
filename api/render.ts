/**
 * Writes answers: each is turned into bytes once and leaves in one write, with headers that were computed beforehand.
 */
import type { Exchange } from './exchange.js';
import { answerHeaders, type FlatHeaders, pageHeaders } from './headers.js';
import { problemOf } from './problem.js';
import type { Reply, Route } from './route.js';

const jsonType = 'application/json; charset=utf-8';

const write = (
  exchange: Exchange,
  status: number,
  base: FlatHeaders,
  contentType: string,
  body: string | Buffer,
  extra: Readonly<Record<string, string>> | undefined,
): void => {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) return;
  const flat = [...base, 'Content-Type', contentType, 'X-Request-Id', exchange.correlationId];
  if (exchange.last) flat.push('Connection', 'close');
  if (exchange.position !== null) flat.push('Kopilka-Position', String(exchange.position));
  for (const name in extra) {
    // What a route says itself takes the place of the usual.
    const at = flat.findIndex((own, i) => i % 2 === 0 && own.toLowerCase() === name);
    if (at >= 0) flat.splice(at, 2);
    flat.push(name, extra[name] as string);
  }
  if (status !== 204) {
    flat.push(
      'Content-Length',
      String(typeof body === 'string' ? Buffer.byteLength(body) : body.length),
    );
  }
  response.writeHead(status, flat);
  response.end(status === 204 ? undefined : body);
};

export const renderReply = (exchange: Exchange, route: Route, reply: Reply): void => {
  exchange.position = reply.position ?? null;
  const { body, headers } = reply;
  const status = reply.status ?? route.status;
  const contentType = reply.contentType ?? route.contentType;
  if (contentType === 'application/json') {
    return write(exchange, status, answerHeaders, jsonType, JSON.stringify(body ?? null), headers);
  }
  const base = contentType.startsWith('text/html') ? pageHeaders : answerHeaders;
  const bytes = Buffer.isBuffer(body)
    ? body
    : typeof body === 'string'
      ? body
      : JSON.stringify(body);
  write(exchange, status, base, contentType, bytes, headers);
};

export const renderProblem = (exchange: Exchange, error: unknown): void => {
  const problem = problemOf(error, exchange.correlationId);
  exchange.code = problem.code;
  if (problem.unexpected) exchange.error = error;
  const { status, headers, body } = problem;
  write(exchange, status, answerHeaders, 'application/problem+json', JSON.stringify(body), headers);
};
