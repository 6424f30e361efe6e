/**
 * What the write side and the workers ask of tracing: run something as a span. Nothing here knows OpenTelemetry; platform/tracing
 * implements it, and where tracing is off there is no Tracing at all, so that nothing is asked.
 *
 * A trace is carried from process to process as a W3C `traceparent`: in headers of HTTP and Kafka, and in the metadata of facts. Attributes
 * hold names, numbers and outcomes; a customer, an address or a key is never one.
 */
import type { Fact, NewFact } from '../domain/fact.js';
import type { Handler } from './handle.js';
import type { Log } from './log.js';

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** A traceparent to go on from; left out, or none: whatever is under way. */
  readonly parent?: string | undefined;
  /** It came from a stranger, whose word on what is sampled is not taken. */
  readonly isForeign?: true;
  /** Traceparents that this has to do with, such as those of a batch. */
  readonly links?: readonly (string | undefined)[];
  readonly attributes?: Attributes;
}

export interface Span {
  readonly traceparent: string;
  rename(name: string): void;
  set(attributes: Attributes): void;
}

export interface Tracing {
  /** Ends the span when the work has ended; a promise is waited for. Answers and throws what the work does. */
  within<T>(name: string, options: SpanOptions, work: (span: Span) => T): T;
  /** Of what is under way; undefined outside of everything. */
  traceparent(): string | undefined;
}

/** One goes on, several are linked: a batch belongs to none of its traces alone. */
export const continuing = (
  traceparents: readonly (string | undefined)[],
): Pick<SpanOptions, 'parent' | 'links'> => {
  const found = [...new Set(traceparents.filter((one) => one !== undefined))];
  return found.length === 1 ? { parent: found[0] } : { links: found.slice(0, linksMax) };
};
const linksMax = 100;

export const traceparentOf = ({ metadata }: Pick<Fact, 'metadata'>): string | undefined =>
  metadata.traceparent;

const traceGrammar = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Undefined where it is none. */
export const asTraceparent = (given: unknown): string | undefined =>
  typeof given === 'string' && traceGrammar.test(given) ? given : undefined;

/** Every command is a span, within the request, or after the fact, that it answers. */
export const traceCommands = (handler: Handler, tracing: Tracing): Handler => {
  const handle: Handler['handle'] = (command, input, context) => {
    const attributes = {
      'kopilka.tenant': context.tenant,
      'kopilka.command': command.name,
      'kopilka.actor': context.actor.kind,
      'kopilka.correlation_id': context.correlationId,
    };
    const options = { parent: context.traceparent, attributes };
    return tracing.within(command.name, options, async (span) => {
      const handled = await handler.handle(command, input, context);
      span.set({ 'kopilka.repeated': handled.repeated });
      return handled;
    });
  };
  return { ...handler, handle };
};

const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));

/** An append within something that is traced is a span, and its facts say of which: whoever reacts to them goes on from there. */
export const traceAppends = (log: Log, tracing: Tracing): Log => ({
  read: log.read,
  append: (stream, expected, facts) => {
    if (tracing.traceparent() === undefined) return log.append(stream, expected, facts);
    const category = categoryOf(stream);
    const attributes = {
      'db.system.name': 'eventstoredb',
      'db.operation.name': 'append',
      'db.collection.name': category,
      'kopilka.events': facts.length,
      'kopilka.event_type': facts[0]?.type,
    };
    return tracing.within(`append ${category}`, { kind: 'producer', attributes }, (span) =>
      log.append(stream, expected, facts.map(withTraceparent(span.traceparent))),
    );
  },
});

const withTraceparent =
  (traceparent: string) =>
  (fact: NewFact): NewFact => ({ ...fact, metadata: { ...fact.metadata, traceparent } });
