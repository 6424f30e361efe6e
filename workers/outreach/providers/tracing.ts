/**
 * Calls of providers as spans that go on from the requests for their messages. A message that is alone in its call hands the span on;
 * those of a batch hand on what they came with. To whom they go, and what they say, is no part of it.
 */
import { continuing, type Tracing } from '../../../commands/tracing.js';
import type { openProvider } from './open.js';
import type { Outgoing, SendResult } from './port.js';

export const traceProviders =
  (open: typeof openProvider, tracing: Tracing): typeof openProvider =>
  (record, secrets, ports) => {
    const { provider, batchMax } = open(record, secrets, ports);
    const send = (
      messages: readonly Outgoing[],
      deadline: AbortSignal,
    ): Promise<readonly SendResult[]> => {
      const attributes = {
        'kopilka.tenant': record.tenant,
        'kopilka.provider': record.providerId,
        'kopilka.provider_kind': record.kind,
        'kopilka.message_class': messages[0]?.class,
        'kopilka.messages': messages.length,
      };
      const from = continuing(messages.map(({ traceparent }) => traceparent));
      const options = { kind: 'client', ...from, attributes } as const;
      return tracing.within(`send ${record.kind}`, options, async (span) => {
        const { traceparent } = span;
        const isAlone = messages.length === 1 && messages[0]?.traceparent !== undefined;
        const sent = isAlone ? messages.map((one) => ({ ...one, traceparent })) : messages;
        const results = await provider.send(sent, deadline);
        const refused = results.filter(({ outcome }) => outcome === 'refused').length;
        span.set({ 'kopilka.refused_messages': refused });
        return results;
      });
    };
    return { provider: { ...provider, send }, batchMax };
  };
