/** Tracing of this process, where it is on: what the parts are wrapped in, and what their threads are told. */
import type { Handler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import { traceAppends, traceCommands, type Tracing } from '../../commands/tracing.js';
import type { Config } from '../config.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import { openTracing } from '../tracing/open.js';
import { type TracingSettings, tracingSettings } from '../tracing/settings.js';

export interface Traces {
  /** For threads; null: off. */
  readonly settings: TracingSettings | null;
  /** Undefined: off. */
  readonly tracing: Tracing | undefined;
  /** As it was where tracing is off. */
  log(log: Log): Log;
  handler(handler: Handler): Handler;
  close(): Promise<void>;
}

export const openTraces = async (
  config: Config,
  version: string,
  logger: Logger,
  metrics: Metrics,
): Promise<Traces> => {
  const settings = tracingSettings(config, version);
  const opened = await openTracing(settings, 'main', {
    away: (error) => logger.warn({ err: error }, 'the collector of traces is away: spans are lost'),
    spans: settings ? countSpans(metrics) : undefined,
  });
  const tracing = opened?.tracing;
  return {
    settings,
    tracing,
    log: (log) => (tracing ? traceAppends(log, tracing) : log),
    handler: (handler) => (tracing ? traceCommands(handler, tracing) : handler),
    close: async () => opened?.close(),
  };
};

const countSpans = (metrics: Metrics) => {
  const spans = metrics.counter({
    name: 'kopilka_trace_spans_total',
    help: 'Spans of the main thread, by whether the collector took them.',
    labelNames: ['outcome'],
  });
  return (outcome: 'exported' | 'lost', count: number): void => spans.inc({ outcome }, count);
};
