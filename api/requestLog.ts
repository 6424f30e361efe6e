/**
 * What is kept of a request: one wide line in the log and one observation by route template. Never a path with ids in it as a
 * label, never a query, a body or a credential.
 */
import type { Histogram } from 'prom-client';
import type { Exchange } from './exchange.js';

export interface RequestLogger {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type Label = 'method' | 'route' | 'status';
/** Of platform/metrics.ts. */
export interface RequestMetrics {
  histogram(definition: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: Label[];
  }): Histogram<Label>;
}

/** To be called once for each request, when its answer has been handed over. */
export const createRequestLog = (options: {
  readonly logger: RequestLogger;
  readonly metrics: RequestMetrics;
}): ((exchange: Exchange) => void) => {
  const seconds = options.metrics.histogram({
    name: 'kopilka_http_request_seconds',
    help: 'Time from the headers of a request to its answer, by route template.',
    labelNames: ['method', 'route', 'status'],
  });
  // The labels of a series are hashed once, not on every request.
  const series = new Map<string, { observe(value: number): void }>();
  const seriesOf = (method: string, route: string, status: number) => {
    const key = `${method} ${route} ${status}`;
    let found = series.get(key);
    if (!found) series.set(key, (found = seconds.labels(method, route, String(status))));
    return found;
  };

  return (exchange) => {
    const { request, response, route, caller } = exchange;
    const elapsedMs = performance.now() - exchange.started;
    const template = route?.path ?? '(none)';
    const method = route ? (request.method ?? '') : '(any)';
    // How long an answer that goes on went on says nothing of how soon it was there.
    const wentOn = route?.live === true && response.statusCode === route.status;
    if (!wentOn) seriesOf(method, template, response.statusCode).observe(elapsedMs / 1000);
    const line = {
      method: request.method,
      route: template,
      status: response.statusCode,
      ms: Math.round(elapsedMs * 100) / 100,
      correlationId: exchange.correlationId,
      tenant: caller?.tenant,
      actor: caller ? `${caller.actor.kind}:${caller.actor.id}` : undefined,
      command: route?.command ?? undefined,
      position: exchange.position === null ? undefined : String(exchange.position),
      code: exchange.code ?? undefined,
    };
    if (exchange.error === null) options.logger.info(line, 'request');
    else options.logger.error({ ...line, err: exchange.error }, 'request failed');
  };
};
