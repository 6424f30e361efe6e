/**
 * The HTTP server's application: finds the route, checks the caller, the limits and the input, lets the route answer, writes the
 * answer or the problem, keeps one line of it. One path for every route, so that none can forget a check.
 *
 * Express carries the application and whatever middleware a deployment adds; the path from a request to its route is a tree of
 * our own (router.ts), since the hot path would pay for every pattern that Express tries before it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TSchema } from '@sinclair/typebox';
import type { Tracing } from '../commands/tracing.js';
import { assertValid, InvalidInput } from '../commands/validation.js';
import { type Application, createApplication } from './application.js';
import { authorise } from './auth/access.js';
import type { Authenticator } from './auth/authenticate.js';
import { mustAgree } from './auth/identity.js';
import { mayMonitor } from './auth/monitoring.js';
import type { RateLimit } from './auth/rateLimit.js';
import { type BodyLimits, hasBody, readJson } from './body.js';
import { createEntry } from './entry.js';
import { type Exchange, newExchange } from './exchange.js';
import { checkPart, faulty, inRequestTerms, isRecord, paramsOf, queryOf } from './input.js';
import { createInFlight, type InFlight } from './inFlight.js';
import { liveOf } from './live.js';
import { refused } from './refused.js';
import { renderProblem, renderReply, sendReady } from './render.js';
import { traceRequests } from './requestTracing.js';
import { createRequestLog, type RequestLogger, type RequestMetrics } from './requestLog.js';
import type { ApiRequest, Reply, Route } from './route.js';
import { createRouter } from './router.js';
import { openUpload } from './upload.js';

export interface ApiLimits extends BodyLimits {
  /** From the headers of a request to its answer. */
  readonly requestTimeoutMs: number;
  /** A client that takes nothing of an answer for so long is left. */
  readonly stalledMs: number;
}

export interface ApiOptions {
  readonly routes: readonly Route[];
  readonly authenticator: Authenticator;
  readonly rateLimit: RateLimit;
  readonly limits: ApiLimits;
  readonly logger: RequestLogger;
  readonly metrics: RequestMetrics;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Lets /metrics be read from other machines; empty: only from this one. */
  readonly monitoringToken?: string;
  /** Gateways in front whose X-Forwarded-For is believed. */
  readonly trustedProxies?: number;
  /** For tests: an answer that is not what the route's schema says becomes an error. */
  readonly checkAnswers?: boolean;
  readonly tracing?: Tracing | undefined;
}

export interface Api extends Application {
  readonly inFlight: InFlight;
}

/** Nobody reads it but those who read the log. */
const goneAdvice = 'The connection ended before the request was carried out.';

export const limitsDefault: ApiLimits = {
  bodyBytesMax: 262_144,
  jsonDepthMax: 32,
  requestTimeoutMs: 30_000,
  stalledMs: 120_000,
};

export const createApi = (options: ApiOptions): Api => {
  const { authenticator, rateLimit, limits } = options;
  const router = createRouter(options.routes);
  const log = createRequestLog(options);
  const inFlight = createInFlight(limits.requestTimeoutMs);
  const entry = createEntry({ before: sendReady });
  const { app, classes } = createApplication({ trustedProxies: options.trustedProxies ?? 0 });

  const addressOf = (request: IncomingMessage): string =>
    (request as unknown as { ip?: string }).ip ?? '';

  /** Finds the route; a path that is not there and a method it does not know are different answers. */
  const routeOf = (exchange: Exchange, path: string) => {
    const found = router.find(exchange.request.method ?? '', path);
    if ('route' in found) return found;
    if (found.length === 0) throw refused('not-found', 'See /docs for what there is.');
    const allow = found.join(', ');
    throw refused('method-not-allowed', `Use ${allow}.`, { allow: found }, { allow });
  };

  const admit = (exchange: Exchange, route: Route): void => {
    const { request, now } = exchange;
    const { access } = route;
    if (access.kind === 'public') return;
    if (access.kind === 'monitoring') return mayMonitor(request, options.monitoringToken ?? '');
    const caller = authenticator.authenticate(request.headers, now);
    exchange.caller = caller;
    if (caller.kind === 'partner') mustAgree(request.headers, caller);
    if (route.isMetered) {
      rateLimit.take(`${caller.tenant}/${caller.actor.kind}/${caller.actor.id}`, now);
    }
    authorise(access, caller);
  };

  /** For an answer that outlives the check at its beginning. */
  const admitAgain = ({ request }: Exchange, { access }: Route): void => {
    if (access.kind !== 'credentials') return;
    authorise(access, authenticator.authenticate(request.headers, options.now()));
  };

  const bodyOf = async (request: IncomingMessage, route: Route): Promise<unknown> => {
    if (!route.body) {
      if (hasBody(request)) throw refused('body-unexpected', 'Leave the body out.');
      return undefined;
    }
    if (!hasBody(request)) throw bodyMissing(route.body);
    if (route.upload) return openUpload(request, route.upload);
    const bodyBytesMax = Math.max(limits.bodyBytesMax, route.bodyBytesMax);
    const body = await readJson(request, { ...limits, bodyBytesMax });
    if (route.checkedBy === 'route') checkPart('body', route.body, body);
    else if (!isRecord(body)) throw faulty('body', '', 'must be object');
    return body;
  };

  const answer = async (exchange: Exchange): Promise<void> => {
    const { request } = exchange;
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const { route, values } = routeOf(exchange, mark < 0 ? url : url.slice(0, mark));
    exchange.route = route;
    admit(exchange, route);
    const params = paramsOf(route, values);
    if (route.checkedBy === 'route') checkPart('path', route.params, params);
    const query =
      mark < 0 && !route.query.required ? {} : queryOf(route.query, url.slice(mark + 1));
    const idempotencyKey = idempotencyKeyOf(request, route);
    const body = await bodyOf(request, route);
    const reply = await route.handle({
      // Only routes that are open to nobody in particular are called without a caller, and they do not look at it.
      caller: exchange.caller as ApiRequest<unknown, unknown, unknown>['caller'],
      params,
      query,
      body,
      idempotencyKey,
      correlationId: exchange.correlationId,
      now: exchange.now,
      headers: request.headers,
      isHead: request.method === 'HEAD',
      address: addressOf(request),
      live: route.live ? liveOf(exchange.response, () => admitAgain(exchange, route)) : null,
    });
    if (options.checkAnswers) assertAnswer(route, reply);
    const rendering = renderReply(exchange, route, reply, limits.stalledMs);
    if (rendering) await rendering;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<Exchange> => {
    const exchange = newExchange(request, response, options.now(), inFlight.stopping());
    inFlight.add(exchange);
    try {
      await entry.turn();
      if (request.destroyed) throw refused('malformed-request', goneAdvice);
      await answer(exchange);
    } catch (error) {
      renderProblem(exchange, inTermsOf(exchange.route, error));
    } finally {
      inFlight.remove(exchange);
      log(exchange);
    }
    return exchange;
  };

  const traced = options.tracing && traceRequests(options.tracing);
  app.use((request, response) => {
    void (traced ? traced(request, () => serve(request, response)) : serve(request, response));
  });
  return { app, classes, inFlight };
};

const inTermsOf = (route: Route | null, error: unknown): unknown => {
  if (!route) return error;
  const translated = route.translate?.(error) ?? error;
  return translated instanceof InvalidInput ? inRequestTerms(route, translated) : translated;
};

const bodyMissing = (body: TSchema & { readonly required?: readonly string[] }) => {
  const { required = [], type } = body;
  const needs = `; it needs ${required.map((name) => `\`${name}\``).join(', ')}`;
  const least = type === 'object' ? ': `{}` will do' : '';
  return refused('body-missing', `Send a JSON body${required.length > 0 ? needs : least}.`);
};

const keyGrammar = /^[\x21-\x7e]{1,200}$/;

const idempotencyKeyOf = (request: IncomingMessage, route: Route): string => {
  if (route.idempotencyKey === 'none') return '';
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    if (route.idempotencyKey === 'optional') return '';
    throw refused(
      'idempotency-key-missing',
      'Send a new key (a UUID, say) for a new request, and the same one when you repeat it.',
    );
  }
  if (typeof key === 'string' && keyGrammar.test(key)) return key;
  throw faulty('header', '/Idempotency-Key', 'must be 1 to 200 visible ASCII characters');
};

const assertAnswer = (route: Route, { body, contentType }: Reply): void => {
  if ((contentType ?? route.contentType) !== 'application/json') return;
  try {
    // Through JSON, as a client sees it.
    assertValid(route.response, JSON.parse(JSON.stringify(body ?? null)));
  } catch (error) {
    throw new Error(
      `${route.method} ${route.path} answers what it does not declare: ${String(error)}`,
    );
  }
};
