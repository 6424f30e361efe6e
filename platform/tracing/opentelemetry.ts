/**
 * Tracing by OpenTelemetry's SDK, exported by OTLP over HTTP. The provider and the context are made and handed on, never the library's
 * global ones, so that two Kopilkas in one process do not meet.
 *
 * Spans wait for export in a queue of fixed size; beyond it, and while the collector is away, they are lost and counted. A trace is sampled
 * or not by its id, in every process alike, unless what it goes on from was decided within Kopilka.
 */
import {
  type Context,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { Attributes, Span, SpanOptions, Tracing } from '../../commands/tracing.js';
import { InvalidInput } from '../../commands/validation.js';
import { Rejected } from '../../domain/rejected.js';
import { endsWithin } from '../lifecycle/deadline.js';
import type { OpenTracing, TracingNews, TracingSettings } from './settings.js';

const queueMax = 4_096;
const batchMax = 512;
const everyMs = 1_000;
const exportDeadlineMs = 5_000;
const closeDeadlineMs = 2_000;

export const startTracing = (
  settings: TracingSettings,
  part: string,
  news: TracingNews,
): OpenTracing => {
  const { url, headers, share, version, roles } = settings;
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: exportDeadlineMs });
  const bySample = new TraceIdRatioBasedSampler(share);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'kopilka',
      'service.version': version,
      'kopilka.roles': roles,
      'kopilka.part': part,
      'process.pid': process.pid,
    }),
    sampler: new ParentBasedSampler({ root: bySample, remoteParentSampled: bySample }),
    spanProcessors: [
      new BatchSpanProcessor(watched(exporter, news), {
        maxQueueSize: queueMax,
        maxExportBatchSize: batchMax,
        scheduledDelayMillis: everyMs,
        exportTimeoutMillis: exportDeadlineMs,
      }),
    ],
  });
  const contexts = new AsyncLocalStorageContextManager().enable();
  const tracer = provider.getTracer('kopilka', version);

  const within: Tracing['within'] = (name, options, work) => {
    const parent = parentOf(options, contexts.active());
    const links = (options.links ?? []).flatMap((link) => {
      const context = contextOf(link, false);
      return context ? [{ context }] : [];
    });
    const attributes = present(options.attributes);
    const span = tracer.startSpan(name, { kind: kindOf(options), attributes, links }, parent);
    return contexts.with(trace.setSpan(parent, span), () => ended(span, () => work(asSpan(span))));
  };

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await endsWithin(provider.shutdown(), closeDeadlineMs).catch(() => undefined);
    contexts.disable();
  };
  return {
    tracing: {
      within,
      traceparent: () => {
        const span = trace.getSpan(contexts.active());
        return span && traceparentOf(span.spanContext());
      },
    },
    close: () => (closed ??= close()),
  };
};

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;
const kindOf = ({ kind }: SpanOptions): SpanKind => (kind ? kinds[kind] : SpanKind.INTERNAL);

const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${(traceFlags & 1).toString().padStart(2, '0')}`;

/** Null where it is none. */
const contextOf = (traceparent: string | undefined, isRemote: boolean): SpanContext | null => {
  const [, traceId, spanId, flags] = /^00-(\w{32})-(\w{16})-(\w{2})$/.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || !flags) return null;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote };
};

const parentOf = ({ parent, isForeign }: SpanOptions, active: Context): Context => {
  const given = contextOf(parent, isForeign === true);
  return given ? trace.setSpanContext(ROOT_CONTEXT, given) : active;
};

const present = (attributes: Attributes = {}): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );

const asSpan = (span: OtelSpan): Span => ({
  traceparent: traceparentOf(span.spanContext()),
  rename: (name) => void span.updateName(name),
  set: (attributes) => void span.setAttributes(present(attributes)),
});

/** What is thrown is told by its name or code: its words may be of a person. A refusal is an answer, not a failure. */
const fail = (span: OtelSpan, error: unknown): void => {
  if (error instanceof Rejected) return void span.setAttribute('kopilka.refused', error.code);
  if (error instanceof InvalidInput) {
    return void span.setAttribute('kopilka.refused', 'invalid-input');
  }
  const name = error instanceof Error ? error.name : typeof error;
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

const ended = <T>(span: OtelSpan, work: () => T): T => {
  try {
    const result = work();
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    return result.then(
      (value: unknown) => {
        span.end();
        return value;
      },
      (error: unknown) => {
        fail(span, error);
        span.end();
        throw error;
      },
    ) as T;
  } catch (error) {
    fail(span, error);
    span.end();
    throw error;
  }
};

/** Tells what becomes of spans; the SDK itself keeps it to a logger that nobody set. */
const watched = (exporter: SpanExporter, news: TracingNews): SpanExporter => {
  let isAway = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const isSent = result.code === ExportResultCode.SUCCESS;
        news.spans?.(isSent ? 'exported' : 'lost', spans.length);
        if (!isSent && !isAway) news.away(result.error ?? new Error('spans could not be exported'));
        isAway = !isSent;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
};
