/** Calls of endpoints as spans that go on from what is delivered. Where an endpoint is, and what it was told, is no part of them. */
import { continuing, type Tracing } from '../../commands/tracing.js';
import type { Dialler } from './dial.js';

export const traceDialler = (dialler: Dialler, tracing: Tracing): Dialler => ({
  close: () => dialler.close(),
  call: (request) => {
    const { traceparents = [], headers } = request;
    const attributes = {
      'http.request.method': 'POST',
      'kopilka.publications': traceparents.length,
    };
    const options = { kind: 'client', ...continuing(traceparents), attributes } as const;
    return tracing.within('deliver webhook', options, async (span) => {
      const outcome = await dialler.call({
        ...request,
        headers: { ...headers, traceparent: span.traceparent },
      });
      span.set({
        'kopilka.outcome': outcome.kind,
        'http.response.status_code': outcome.kind === 'answered' ? outcome.status : undefined,
        'error.type': outcome.kind === 'failed' ? outcome.code : undefined,
      });
      return outcome;
    });
  },
});
