/**
 * The documentation in the browser: Swagger UI over the generated document, where requests can be tried out, and the table of
 * errors. All assets are served from here: it works without any network.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { everybody } from '../auth/access.js';
import { type ProblemCode, problemStatuses, problemTitles } from '../problemCodes.js';
import { refused } from '../refused.js';
import { type Reply, route, type Route } from '../route.js';
import { escaped, header, page, pageStyle, themeScript } from './page.js';

const swaggerFolder = dirname(
  createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'),
);
const fromSwagger = (file: string) => (): Buffer => readFileSync(join(swaggerFolder, file));
const ours = (text: string) => (): Buffer => Buffer.from(text);

const startScript = `'use strict';
window.addEventListener('DOMContentLoaded', () => {
  window.ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
`;

interface Asset {
  readonly contentType: string;
  readonly read: () => Buffer;
}
const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';
const assets: Readonly<Record<string, Asset>> = {
  'swagger-ui.css': { contentType: style, read: fromSwagger('swagger-ui.css') },
  'swagger-ui.js': { contentType: script, read: fromSwagger('swagger-ui-bundle.js') },
  'favicon.png': { contentType: 'image/png', read: fromSwagger('favicon-32x32.png') },
  'start.js': { contentType: script, read: ours(startScript) },
  'theme.js': { contentType: script, read: ours(themeScript) },
  'page.css': { contentType: style, read: ours(pageStyle) },
};

const apiPage = page(
  'Kopilka API',
  '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">\n<script src="/docs/assets/swagger-ui.js"></script>\n<script src="/docs/assets/start.js"></script>',
  `${header}\n<div id="swagger-ui"></div>`,
);

const errorRow = ([code, title]: [string, string]): string =>
  `<tr id="${code}"><td><code>${code}</code></td><td>${problemStatuses[code as ProblemCode]}</td><td>${escaped(title)}</td></tr>`;
const errorsPage = page(
  'Kopilka errors',
  '',
  `${header}
<main>
<h1>Errors</h1>
<p>Every error is <code>application/problem+json</code>. Program against <code>code</code>; <code>detail</code> says what to do next.</p>
<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>
${Object.entries(problemTitles).sort().map(errorRow).join('\n')}
</tbody></table>
</main>`,
);

const html = 'text/html; charset=utf-8';

/** `document` is asked once, at the first request: it is made of all routes, these among them. */
export const docsRoutes = (document: () => unknown): readonly Route[] => {
  let described: string | undefined;
  const read = new Map<string, Buffer>();

  const asset = (name: string): Reply<string | Buffer> => {
    const known = Object.hasOwn(assets, name) ? assets[name] : undefined;
    if (!known) throw refused('not-found', 'See /docs.');
    let body = read.get(name);
    if (!body) read.set(name, (body = known.read()));
    return {
      body,
      contentType: known.contentType,
      headers: { 'cache-control': 'public, max-age=3600' },
    };
  };

  return [
    route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This API as an OpenAPI 3.1 document',
      tags: ['Documentation'],
      access: everybody,
      contentType: 'application/openapi+json',
      response: Type.Unknown(),
      handle: () => ({
        body: (described ??= JSON.stringify(document())),
        contentType: 'application/json; charset=utf-8',
      }),
    }),
    route({
      method: 'GET',
      path: '/docs',
      summary: 'The documentation, where requests can be tried out',
      tags: ['Documentation'],
      access: everybody,
      contentType: html,
      response: Type.String(),
      handle: () => ({ body: apiPage }),
    }),
    route({
      method: 'GET',
      path: '/docs/errors',
      summary: 'Every error code with its status and meaning',
      tags: ['Documentation'],
      access: everybody,
      contentType: html,
      response: Type.String(),
      handle: () => ({ body: errorsPage }),
    }),
    route({
      method: 'GET',
      path: '/docs/assets/{name}',
      summary: 'Scripts and styles of the documentation',
      tags: ['Documentation'],
      access: everybody,
      params: { name: Type.String({ maxLength: 40 }) },
      contentType: 'application/octet-stream',
      response: Type.Unsafe<string | Buffer>(Type.String()),
      handle: ({ params }) => asset(params.name),
    }),
  ];
};
