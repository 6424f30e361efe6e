/**
 * OpenAPI 3.1 out of the routes: the same TypeBox schemas that ajv validates with, the same access rules that `authorise` applies.
 * Nothing is written by hand here, so the document cannot say what the server does not do.
 */
import type { TObject, TSchema } from '@sinclair/typebox';
import type { Access } from './auth/access.js';
import { type ProblemCode, problemStatuses, problemTitles } from './problemCodes.js';
import type { Example, Route } from './route.js';

type Json = Record<string, unknown>;

export interface ApiInfo {
  readonly version: string;
  /** Where clients reach the API; empty: where the document came from. */
  readonly publicUrl: string;
}

const securitySchemes = {
  till: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'kpt.<tenant>.<till>.<secret>',
    description: 'The token of one till: bound to one merchant and one point of sale for life.',
  },
  app: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'kpa.<tenant>.<app>.<secret>',
    description: 'The token of an app. It acts for a till only together with `tillOfApp`.',
  },
  tillOfApp: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Till-Token',
    description: 'The token of the till that an app acts for.',
  },
  partner: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'kpp.<tenant>.<credential>.<secret>',
    description: 'The token of a program of a partner: it sees the exchange and nothing else.',
  },
  partnerToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'What `POST /auth/logon` answers to a user of a partner, and `POST /auth/token` to a program.',
  },
  operator: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'What `POST /pos/v1/logon` answers to a login and a password.',
  },
  monitoring: {
    type: 'http',
    scheme: 'bearer',
    description: 'The monitoring token; not needed from the machine itself.',
  },
};

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'correlationId'],
  properties: {
    type: { type: 'string', description: 'Where the code is explained' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What to do next' },
    code: { type: 'string', description: 'Stable: program against it' },
    correlationId: { type: 'string' },
    faults: {
      type: 'array',
      description: 'Of `invalid-input`: every fault, at most 50',
      items: {
        type: 'object',
        required: ['in', 'pointer', 'reason'],
        properties: {
          in: { enum: ['body', 'path', 'query', 'header'] },
          pointer: { type: 'string', description: 'JSON pointer into that part' },
          reason: { type: 'string' },
        },
      },
    },
  },
};

const securityOf = (access: Access): Json[] => {
  if (access.kind === 'public') return [];
  if (access.kind === 'monitoring') return [{}, { monitoring: [] }];
  return [
    ...(access.till ? [{ till: [] }, { app: [], tillOfApp: [] }] : []),
    ...(access.app ? [{ app: [] }] : []),
    ...(access.partner ? [{ partner: [] }, { partnerToken: [] }] : []),
    ...(access.operator.length > 0 ? [{ operator: [] }] : []),
  ];
};

/** One sentence for people. */
export const describeAccess = (access: Access): string => {
  if (access.kind === 'public') return 'Open to everybody.';
  if (access.kind === 'monitoring') return 'From the machine itself, or with the monitoring token.';
  const parts = [
    ...(access.till ? ['tills, and apps acting for one'] : []),
    ...(access.app ? ['apps by themselves'] : []),
    ...(access.partner ? [`partners (${access.partner.join(', ')})`] : []),
    ...(access.operator.length > 0 ? [`operators (${access.operator.join(', ')})`] : []),
  ];
  return `Open to ${parts.join('; ')}.`;
};

const problemsOf = (route: Route): readonly ProblemCode[] => {
  const { access, body, paramNames, query, idempotencyKey } = route;
  const takesInput =
    body !== null || paramNames.length > 0 || Object.keys(query.properties).length > 0;
  return [
    ...(takesInput ? (['invalid-input'] as const) : []),
    ...(body
      ? (['broken-json', 'body-too-deep', 'body-too-large', 'unsupported-media-type'] as const)
      : []),
    ...(idempotencyKey === 'required' ? (['idempotency-key-missing'] as const) : []),
    ...(idempotencyKey === 'none' ? [] : (['idempotency-key-reused', 'log-unavailable'] as const)),
    ...(access.kind === 'credentials'
      ? ([
          'credentials-missing',
          'credentials-invalid',
          'token-revoked',
          'forbidden',
          'rate-limited',
        ] as const)
      : []),
    ...('minPosition' in query.properties ? (['position-not-reached'] as const) : []),
    ...route.problems,
  ];
};

const problemResponses = (route: Route): Json => {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(problemsOf(route))) {
    const status = problemStatuses[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses: Json = {};
  for (const [status, codes] of [...byStatus].sort(([a], [b]) => a - b)) {
    responses[String(status)] = {
      description: codes.map((code) => `\`${code}\`: ${problemTitles[code]}`).join('\n\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return responses;
};

const parameters = (place: 'path' | 'query' | 'header', schema: TObject): Json[] =>
  Object.entries(schema.properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (schema.required ?? []).includes(name),
    ...(property.description === undefined ? {} : { description: property.description }),
    schema: property,
    ...(property['type'] === 'array' ? { style: 'form', explode: false } : {}),
  }));

const idempotencyParameter = (route: Route): Json[] =>
  route.idempotencyKey === 'none'
    ? []
    : [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: route.idempotencyKey === 'required',
          description:
            'A request repeated under its key is carried out once and gets the first answer again.' +
            (route.idempotencyKey === 'optional'
              ? ' Left out, the id in the body serves as the key.'
              : ''),
          schema: { type: 'string', minLength: 1, maxLength: 200 },
          ...(route.idempotencyKey === 'required'
            ? { example: '7f0c2a6e-0d0a-4a39-9d7c-0b1f6d3c9f11' }
            : {}),
        },
      ];

const content = (type: string, schema: TSchema, examples: readonly Example[]): Json => ({
  [type]: {
    schema,
    ...(examples.length === 0
      ? {}
      : {
          examples: Object.fromEntries(
            examples.map((example, i) => [`example${i + 1}`, { ...example }]),
          ),
        }),
  },
});

const bodyContent = ({ upload, examples }: Route, body: TSchema): Json =>
  Object.assign(
    {},
    ...(upload?.contentTypes ?? ['application/json']).map((type) =>
      content(type, body, examples.body),
    ),
  ) as Json;

const answerHeaders = (route: Route): Json => ({
  'X-Request-Id': { description: 'The correlation id', schema: { type: 'string' } },
  ...(route.command
    ? {
        'Kopilka-Position': {
          description: 'Place of the fact in the log: give it to queries as `minPosition`',
          schema: { type: 'string' },
        },
      }
    : {}),
});

const operationOf = (route: Route): Json => ({
  summary: route.summary,
  description: [route.description, describeAccess(route.access)].filter(Boolean).join('\n\n'),
  operationId: operationIdOf(route),
  tags: route.tags,
  security: securityOf(route.access),
  parameters: [
    ...parameters('path', route.params),
    ...parameters('query', route.query),
    ...parameters('header', route.headers),
    ...idempotencyParameter(route),
  ],
  ...(route.body
    ? {
        requestBody: {
          required: true,
          content: bodyContent(route, route.body),
        },
      }
    : {}),
  responses: {
    [String(route.status)]: {
      description: route.summary,
      headers: answerHeaders(route),
      ...(route.status === 204
        ? {}
        : { content: content(route.contentType, route.response, route.examples.response) }),
    },
    ...(route.status === 201 && route.command
      ? { '200': { description: 'The same request was carried out before: its first answer' } }
      : {}),
    ...problemResponses(route),
  },
});

/** `postUsersByUserIdPurchases`: unique because method and path are. */
const operationIdOf = ({ method, path }: Route): string =>
  method.toLowerCase() +
  path
    .split('/')
    .filter((part) => part !== '' && part !== 'pos' && part !== 'v1')
    .map((part) =>
      part
        .replace(/^\{(.+)\}$/, 'by-$1')
        .replace(/(?:^|[-._])(\w)/g, (_, c: string) => c.toUpperCase()),
    )
    .join('');

/**
 * Schemas with a title move to components, once each; two that share a title but differ stay where they are. Those with an id move
 * by it: they refer to themselves.
 */
const shareTitled = (document: Json): Json => {
  const seen = new Map<string, string>();
  const clashes = new Set<string>();
  const visit = (value: unknown, act: (schema: Json) => unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item, act));
    if (typeof value !== 'object' || value === null) return value;
    const inner = Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === 'examples' ? item : visit(item, act),
      ]),
    );
    return act(inner);
  };
  const isTitled = (schema: Json): schema is Json & { title: string } =>
    typeof schema['title'] === 'string' && schema['type'] === 'object';
  // First without references, to learn which titles clash …
  const plain = JSON.parse(JSON.stringify(document)) as Json;
  visit(plain, (schema) => {
    if (!isTitled(schema)) return schema;
    const text = JSON.stringify(schema);
    if ((seen.get(schema.title) ?? text) !== text) clashes.add(schema.title);
    seen.set(schema.title, text);
    return schema;
  });
  // … then bottom-up, so that what moves already refers to what moved before.
  const schemas: Json = {};
  const shared = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const paths = visit(plain['paths'], (schema) => {
    const { $id: id, $ref: reference, ...rest } = schema;
    if (typeof reference === 'string')
      return reference.startsWith('#') ? schema : shared(reference);
    if (typeof id === 'string') {
      schemas[id] = rest;
      return shared(id);
    }
    if (!isTitled(schema) || clashes.has(schema.title)) return schema;
    schemas[schema.title] = schema;
    return shared(schema.title);
  });
  const components = plain['components'] as Json;
  return {
    ...plain,
    paths,
    components: { ...components, schemas: { ...(components['schemas'] as Json), ...schemas } },
  };
};

export const openApiOf = (routes: readonly Route[], info: ApiInfo): Json => {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return shareTitled({
    openapi: '3.1.0',
    info: {
      title: 'Kopilka',
      version: info.version,
      summary: 'Loyalty over one log of facts',
      description:
        'Money is in minor units, points in hundredths, quantities are numbers with up to 3 decimals, times are ISO 8601 in UTC. ' +
        'Errors are `application/problem+json`: program against their `code`. A slash at the end of a path may be left out.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: info.publicUrl === '' ? '/' : info.publicUrl }],
    tags: [...new Set(routes.flatMap(({ tags }) => tags))].map((name) => ({ name })),
    paths,
    components: { securitySchemes, schemas: { Problem: problemSchema } },
  });
};
