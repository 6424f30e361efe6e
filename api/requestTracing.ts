/**
 * A request as a span: named by its route's template, with what became of it. A query, a path with ids in it, a body or a credential is
 * never part of it.
 */
import type { IncomingMessage } from 'node:http';
import { asTraceparent, type Tracing } from '../commands/tracing.js';
import type { Exchange } from './exchange.js';

/** Asked every few seconds by machines, which nobody wants to see. */
const ignored = /^\/(?:health\/|metrics$)/;

export const traceRequests =
  (tracing: Tracing) =>
  (request: IncomingMessage, serve: () => Promise<Exchange>): Promise<unknown> => {
    const { method = '', url = '/', headers } = request;
    if (ignored.test(url)) return serve();
    const parent = asTraceparent(headers['traceparent']);
    const options = { kind: 'server', parent, isForeign: true } as const;
    return tracing.within(method, options, async (span) => {
      // As if a gateway in front had traced it: the correlation, and whatever is passed on, go on from here.
      headers['traceparent'] = span.traceparent;
      const { route, response, caller, code, error, correlationId } = await serve();
      span.rename(route ? `${method} ${route.path}` : method);
      span.set({
        'http.request.method': method,
        'http.route': route?.path,
        'http.response.status_code': response.statusCode,
        'kopilka.tenant': caller?.tenant,
        'kopilka.actor': caller?.actor.kind,
        'kopilka.code': code ?? undefined,
        'kopilka.correlation_id': correlationId,
        'error.type': error instanceof Error ? error.name : undefined,
      });
    });
  };
