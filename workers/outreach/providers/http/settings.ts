/** A provider that speaks JSON over HTTP, described as data: what it is sent, what its answers mean, how it reports and can be asked. */
import { type Static, Type } from '@sinclair/typebox';
import { ErrorClass } from '../../../../domain/message/kinds.js';
import { Pointer } from './pointer.js';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;

const Url = Type.String({
  minLength: 8,
  maxLength: 2_048,
  pattern: '^https?://',
  description: 'May have places: {{clientReference}}, {{secrets.account}}',
  examples: ['https://api.example.com/v1/sms'],
});
const Headers = Type.Record(
  Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$" }),
  Type.String({ maxLength: 2_000 }),
  { maxProperties: 20, examples: [{ authorization: 'Bearer {{secrets.token}}' }] },
);
const Statuses = Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
  minItems: 1,
  maxItems: 50,
});
const Code = Type.String({ minLength: 1, maxLength: 80 });
const RetryAfterMs = Type.Integer({ minimum: 0, maximum: 86_400_000 });

const Request = Type.Object(
  {
    method: optional(Type.Union([Type.Literal('POST'), Type.Literal('PUT')])),
    url: Url,
    headers: optional(Headers),
    body: Type.Unknown({
      description: 'JSON with places; in that of a batch {{items}} stands for the list',
      examples: [{ to: '{{to}}', text: '{{text}}', reference: '{{clientReference}}' }],
    }),
  },
  closed,
);

const Batch = Type.Object(
  {
    max: Type.Integer({ minimum: 2, maximum: 1_000 }),
    item: Type.Unknown({ description: 'One of {{items}}: JSON with places' }),
  },
  { ...closed, description: 'Several messages in one request' },
);

const Answer = Type.Object(
  {
    accepted: optional(Statuses),
    items: optional({
      ...Pointer,
      description: 'Of a batch: the list of what became of each; left out: all are as the whole',
    }),
    itemReference: optional({
      ...Pointer,
      description: 'Within one: our reference; left out: they come in our order',
    }),
    reference: optional({ ...Pointer, description: "The provider's own number" }),
    code: optional({ ...Pointer, description: 'What went wrong, or that nothing did' }),
    text: optional(Pointer),
    fine: optional(
      Type.Array(Code, {
        minItems: 1,
        maxItems: 20,
        description: 'Codes of what was taken; left out: it was where there is no code',
      }),
    ),
    errors: optional(
      Type.Array(
        Type.Object(
          { code: Code, class: ErrorClass, retryAfterMs: optional(RetryAfterMs) },
          closed,
        ),
        {
          maxItems: 200,
          description: 'What its codes mean; those that are not here are transient',
        },
      ),
    ),
    statuses: optional(
      Type.Array(
        Type.Object(
          { status: Type.Integer({ minimum: 100, maximum: 599 }), class: ErrorClass },
          closed,
        ),
        {
          maxItems: 50,
          description: 'What its HTTP statuses mean where it is not what they usually do',
        },
      ),
    ),
  },
  { ...closed, title: 'HttpAnswer' },
);
export type HttpAnswer = Static<typeof Answer>;

const Callback = Type.Object(
  {
    proof: Type.Union([
      Type.Object(
        {
          kind: Type.Literal('hmac'),
          header: Type.String({ pattern: '^[a-z0-9-]{1,100}$' }),
          algorithm: Type.Union([Type.Literal('sha256'), Type.Literal('sha512')]),
          encoding: Type.Union([Type.Literal('hex'), Type.Literal('base64')]),
          prefix: optional(Type.String({ maxLength: 20, examples: ['sha256='] })),
        },
        { ...closed, description: 'Of the bytes of the body under secrets.callback' },
      ),
      Type.Object(
        {
          kind: Type.Literal('token'),
          header: optional(
            Type.String({
              pattern: '^[a-z0-9-]{1,100}$',
              description: 'Left out: ?token= of the address',
            }),
          ),
        },
        { ...closed, description: 'It sends secrets.callback' },
      ),
    ]),
    receipts: optional({
      ...Pointer,
      description: 'The list of receipts; left out: the body is one, or a list',
    }),
    clientReference: optional(Pointer),
    providerReference: optional(Pointer),
    status: Pointer,
    statuses: Type.Array(
      Type.Object(
        {
          is: Code,
          means: Type.Union(
            ['deliveredToOperator', 'delivered', 'undelivered', 'seen', 'read', 'clicked'].map(
              (name) => Type.Literal(name),
            ),
          ),
          class: optional(ErrorClass),
        },
        closed,
      ),
      { minItems: 1, maxItems: 100, description: 'Those that are not here say nothing' },
    ),
    code: optional(Pointer),
    text: optional(Pointer),
    at: optional({ ...Pointer, description: 'A date, or seconds or milliseconds since 1970' }),
  },
  { ...closed, description: 'How it reports to /outreach/v1/callbacks' },
);
export type HttpCallback = Static<typeof Callback>;

const Reconciliation = Type.Object(
  {
    method: optional(Type.Union([Type.Literal('GET'), Type.Literal('POST')])),
    url: Url,
    headers: optional(Headers),
    body: optional(Type.Unknown()),
    never: Type.Object(
      {
        statuses: optional(Statuses),
        at: optional(Pointer),
        is: optional(Type.Array(Code, { minItems: 1, maxItems: 20 })),
      },
      {
        ...closed,
        description: 'How it says that it never had it: by status, or by what stands at',
      },
    ),
    reference: optional(Pointer),
  },
  { ...closed, description: 'How it is asked, by {{clientReference}}, what became of a request' },
);

export const HttpSettings = Type.Object(
  {
    request: Request,
    batch: optional(Batch),
    answer: optional(Answer),
    atOnce: optional(
      Type.Integer({ minimum: 1, maximum: 100, default: 8, description: 'Requests at one time' }),
    ),
    callback: optional(Callback),
    reconcile: optional(Reconciliation),
  },
  { ...closed, title: 'HttpSettings' },
);
export type HttpSettings = Static<typeof HttpSettings>;

export const HttpSecrets = Type.Record(
  Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,39}$' }),
  Type.String({ minLength: 1, maxLength: 4_000, format: 'password' }),
  {
    maxProperties: 10,
    title: 'HttpSecrets',
    // Whoever guesses it makes receipts up.
    properties: { callback: Type.String({ minLength: 16, maxLength: 4_000, format: 'password' }) },
    description:
      'For {{secrets.name}}; `callback` is what its calls are proved by: 16 characters at least',
  },
);
export type HttpSecrets = Static<typeof HttpSecrets>;
