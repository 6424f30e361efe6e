/**
 * What machines ask: is it alive, is it ready, what does it measure, with which keys are its tokens signed. And the front door.
 */
import { Type } from '@sinclair/typebox';
import { everybody, monitoring } from '../auth/access.js';
import { header, page } from '../docs/page.js';
import { refused } from '../refused.js';
import { route, type Route } from '../route.js';

interface Health {
  readonly ok: boolean;
  /** By component: 'ok', or why not. */
  readonly components: Readonly<Record<string, string>>;
  /** What else the process does, and in which state that is. */
  readonly parts?: Readonly<Record<string, string>>;
}

export interface SystemOptions {
  readonly version: string;
  readonly live: () => Promise<Health>;
  readonly ready: () => Promise<Health>;
  /** Null where metrics are switched off. */
  readonly metrics: { readonly contentType: string; render(): Promise<string> } | null;
  readonly publicKeys: () => { readonly keys: readonly object[] };
}

const HealthAnswer = Type.Object(
  {
    ok: Type.Boolean(),
    components: Type.Record(Type.String(), Type.String(), {
      description: 'What requests depend on: `ok`, or why not',
    }),
    parts: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'What else this process does: `off`, `asleep` (nothing to do yet), `starting`, `running`, `restarting`',
      }),
    ),
  },
  { title: 'Health' },
);

const links = {
  documentation: '/docs',
  errors: '/docs/errors',
  openapi: '/openapi.json',
  live: '/health/live',
  ready: '/health/ready',
  keys: '/.well-known/jwks.json',
} as const;

const front = page(
  'Kopilka',
  '',
  `${header}
<main>
<h1>Kopilka is running</h1>
<ul>
<li><a href="/docs">The API</a>, to read and to try out</li>
<li><a href="/docs/errors">Error codes</a></li>
<li><a href="/health/ready">Health</a>: may requests come?</li>
</ul>
</main>`,
);

const healthRoute = (path: string, summary: string, check: () => Promise<Health>): Route =>
  route({
    method: 'GET',
    path,
    summary,
    description: 'Status 503 where it is not.',
    tags: ['Monitoring'],
    access: everybody,
    response: HealthAnswer,
    handle: async () => {
      const health = await check();
      return { body: { ...health }, status: health.ok ? 200 : 503 };
    },
  });

export const systemRoutes = (options: SystemOptions): readonly Route[] => [
  route({
    method: 'GET',
    path: '/',
    summary: 'The front door: a page for people, links for programs',
    tags: ['Documentation'],
    access: everybody,
    response: Type.Object({
      name: Type.String(),
      version: Type.String(),
      links: Type.Record(Type.String(), Type.String()),
    }),
    handle: ({ headers }) =>
      String(headers['accept'] ?? '').includes('text/html')
        ? { body: front as never, contentType: 'text/html; charset=utf-8' }
        : { body: { name: 'Kopilka', version: options.version, links } },
  }),
  healthRoute('/health/live', 'Whether the process works at all', options.live),
  healthRoute('/health/ready', 'Whether requests may come', options.ready),
  route({
    method: 'GET',
    path: '/metrics',
    summary: 'Measurements for Prometheus',
    tags: ['Monitoring'],
    access: monitoring,
    contentType: 'text/plain',
    response: Type.String(),
    handle: async () => {
      const { metrics } = options;
      if (!metrics) throw refused('not-found', 'Metrics are switched off.');
      return { body: await metrics.render(), contentType: metrics.contentType };
    },
  }),
  route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'The public keys that JWTs are signed with',
    tags: ['Monitoring'],
    access: everybody,
    response: Type.Object({ keys: Type.Array(Type.Unknown()) }, { title: 'Jwks' }),
    handle: () => ({
      body: { keys: [...options.publicKeys().keys] },
      // A new key signs a minute after it is published, and another process learns of it within half of that.
      headers: { 'cache-control': 'public, max-age=30' },
    }),
  }),
];
