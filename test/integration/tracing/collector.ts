/** A collector of OpenTelemetry on loopback: takes spans by OTLP/HTTP in JSON. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Collected {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
  /** Of the process or thread. */
  readonly part: unknown;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly links?: readonly { readonly traceId: string }[];
        readonly attributes: readonly Attribute[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

const attributesOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const spansOf = (sent: Sent): Collected[] =>
  sent.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...{ name: span.name, traceId: span.traceId, spanId: span.spanId },
        parentSpanId: span.parentSpanId ?? '',
        links: (span.links ?? []).map(({ traceId }) => traceId),
        attributes: attributesOf(span.attributes),
        failed: span.status?.code === 2,
        part: attributesOf(resource.attributes)['kopilka.part'],
      })),
    ),
  );

export interface Collector {
  readonly url: string;
  readonly spans: Collected[];
  /** What was sent, as text. */
  readonly raw: () => string;
  readonly authorizations: (string | undefined)[];
  close(): Promise<void>;
}

export const startCollector = async (status: () => number = () => 200): Promise<Collector> => {
  const spans: Collected[] = [];
  const bodies: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const code = request.url === '/v1/traces' ? status() : 404;
      authorizations.push(request.headers.authorization);
      if (code === 200) {
        const body = Buffer.concat(chunks).toString();
        bodies.push(body);
        spans.push(...spansOf(JSON.parse(body) as Sent));
      }
      response.writeHead(code, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spans, authorizations, raw: () => bodies.join('\n') },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
