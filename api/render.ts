/**
 * Writes answers: each is turned into bytes once and leaves in one write, with headers that were computed beforehand. A file that
 * is made while it is sent leaves piece by piece, no faster than the client takes it.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Exchange } from './exchange.js';
import { answerHeaders, type FlatHeaders, pageHeaders } from './headers.js';
import { problemOf } from './problem.js';
import type { Reply, Route } from './route.js';

const jsonType = 'application/json; charset=utf-8';

const headersOf = (
  exchange: Exchange,
  base: FlatHeaders,
  contentType: string,
  extra: Readonly<Record<string, string>> | undefined,
): string[] => {
  const flat = [...base, 'Content-Type', contentType, 'X-Request-Id', exchange.correlationId];
  if (exchange.last) flat.push('Connection', 'close');
  if (exchange.position !== null) flat.push('Kopilka-Position', String(exchange.position));
  for (const name in extra) {
    // What a route says itself takes the place of the usual.
    const at = flat.findIndex((own, i) => i % 2 === 0 && own.toLowerCase() === name);
    if (at >= 0) flat.splice(at, 2);
    flat.push(name, extra[name] as string);
  }
  return flat;
};

interface Ready {
  readonly response: ServerResponse;
  readonly body: string | Buffer | undefined;
}

let ready: Ready[] = [];

/** Those of this turn so far, at once: before work that others would wait for. */
export const sendReady = (): void => {
  const answers = ready;
  ready = [];
  for (const { response, body } of answers) response.end(body);
};

/**
 * Answers that come of one turn of the loop leave together at its end. One commit of the log settles many requests at once, and
 * were each answer sent while the next is being made, its reader would be woken, and take the processor, once for each.
 */
const sendSoon = (answer: Ready): void => {
  if (ready.push(answer) === 1) setImmediate(sendReady);
};

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
  const flat = headersOf(exchange, base, contentType, extra);
  if (status !== 204) {
    flat.push(
      'Content-Length',
      String(typeof body === 'string' ? Buffer.byteLength(body) : body.length),
    );
  }
  response.writeHead(status, flat);
  sendSoon({ response, body: status === 204 ? undefined : body });
};

/** Resolves when the client took what it was sent. @throws when it went away, or took nothing for too long. */
const taken = async (response: ServerResponse, gone: AbortSignal, stalledMs: number) => {
  const patience = setTimeout(() => response.destroy(), stalledMs);
  try {
    await once(response, 'drain', { signal: gone });
  } finally {
    clearTimeout(patience);
  }
};

/** Ends early where the client went away. */
const stream = async (
  exchange: Exchange,
  status: number,
  contentType: string,
  pieces: AsyncIterable<string | Buffer>,
  extra: Readonly<Record<string, string>> | undefined,
  stalledMs: number,
): Promise<void> => {
  const { request, response } = exchange;
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, headersOf(exchange, answerHeaders, contentType, extra));
  if (request.method === 'HEAD') return void response.end();
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(piece)) await taken(response, gone.signal, stalledMs);
    }
    response.end();
  } catch (error) {
    // The status is out: a body that ends too early is all that can be told.
    if (!gone.signal.aborted) exchange.error = error;
    response.destroy();
  }
};

const isPieces = (body: unknown): body is AsyncIterable<string | Buffer> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

/** A promise only where the answer is made while it is sent. */
export const renderReply = (
  exchange: Exchange,
  route: Route,
  reply: Reply,
  stalledMs: number,
): void | Promise<void> => {
  exchange.position = reply.position ?? null;
  const { body, headers } = reply;
  const status = reply.status ?? route.status;
  const contentType = reply.contentType ?? route.contentType;
  if (contentType === 'application/json') {
    return write(exchange, status, answerHeaders, jsonType, JSON.stringify(body ?? null), headers);
  }
  if (isPieces(body)) {
    return stream(exchange, status, contentType, body, headers, stalledMs);
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
