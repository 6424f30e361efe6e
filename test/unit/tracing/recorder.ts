/** A Tracing that writes down what it is asked for: spans by name, with what they go on from. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, SpanOptions, Tracing } from '../../../commands/tracing.js';

export interface Recorded {
  name: string;
  readonly parent: string | undefined;
  readonly options: SpanOptions;
  readonly traceparent: string;
  attributes: Attributes;
  failed: unknown;
}

export const traceparentNo = (number: number): string =>
  `00-${'a'.repeat(32)}-${String(number).padStart(16, '0')}-01`;

export const createRecorder = () => {
  const spans: Recorded[] = [];
  const active = new AsyncLocalStorage<Recorded>();
  const tracing: Tracing = {
    within: (name, options, work) => {
      const recorded: Recorded = {
        ...{ name, options, failed: null, attributes: options.attributes ?? {} },
        parent: options.parent ?? active.getStore()?.traceparent,
        traceparent: traceparentNo(spans.length + 1),
      };
      spans.push(recorded);
      const span = {
        traceparent: recorded.traceparent,
        rename: (to: string) => void (recorded.name = to),
        set: (more: Attributes) => void Object.assign(recorded.attributes, more),
      };
      return active.run(recorded, () => work(span));
    },
    traceparent: () => active.getStore()?.traceparent,
  };
  return { tracing, spans, names: () => spans.map(({ name }) => name) };
};
