/** /admin/v1/outreach/providers: the accounts at those who carry messages. What they are made of is described by their kinds, for forms. */
import { randomBytes } from 'node:crypto';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import type { ProviderRecord } from '../../commands/carriers.js';
import { changeProvider } from '../../commands/provider/changeProvider.js';
import { disableProvider } from '../../commands/provider/disableProvider.js';
import { enableProvider } from '../../commands/provider/enableProvider.js';
import type { ProviderKinds } from '../../commands/provider/kinds.js';
import { ProviderChange, ProviderOrder } from '../../commands/provider/order.js';
import { createRegistering } from '../../commands/provider/registering.js';
import { registerProvider } from '../../commands/provider/registerProvider.js';
import type { ProviderSecrets } from '../../commands/provider/secrets.js';
import { ProviderId } from '../../domain/ids.js';
import { addressKindOf, Channel, ErrorClass } from '../../domain/message/kinds.js';
import { providerTerms } from '../../domain/provider/events.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import type { ProviderDesk } from '../outreach/providerDesk.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import { contextOf, created, done, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

export interface ProviderRoutes extends Registry {
  readonly providerKinds: ProviderKinds;
  readonly providerSecrets: ProviderSecrets;
  readonly providerDesk: ProviderDesk;
}

const tags = ['Outreach'] as const;
const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const JsonSchema = Type.Unsafe<TSchema>(Type.Object({}, { additionalProperties: true }));
const Kind = Type.Object(
  {
    kind: Type.String(),
    title: Type.String(),
    summary: Type.String(),
    channels: Type.Array(Channel),
    settings: JsonSchema,
    secrets: JsonSchema,
    receipts: Type.Union(
      ['none', 'connection', 'callback', 'both'].map((one) => Type.Literal(one)),
      {
        description: 'How it reports what became of a message',
      },
    ),
    reconciles: Type.Boolean({
      description:
        'Whether it can be asked what became of a message whose answer was lost, where settings say how; such a message is not sent again else',
    }),
  },
  { title: 'ProviderKind' },
);

const Shown = Type.Object(
  {
    providerId: ProviderId,
    ...providerTerms,
    hasSecrets: Type.Boolean(),
    status: Type.Union([Type.Literal('active'), Type.Literal('disabled')]),
    disabled: orNull(Type.Object({ reason: Type.String(), since: Instant })),
    breaker: orNull(
      Type.Object(
        {
          reason: Type.String(),
          since: Instant,
          until: Instant,
          openings: Type.Integer({ description: 'In a row' }),
          code: orNull(Type.String()),
        },
        { description: 'Null while it is closed; past `until` one message finds out' },
      ),
    ),
    handicap: Type.Integer({ description: 'Points of a hundred of its weight taken away' }),
    registeredAt: Instant,
  },
  { title: 'Provider' },
);

export const providerShown = (record: ProviderRecord): Static<typeof Shown> => {
  const { tenant: _tenant, sealedSecrets, generation: _generation, ...rest } = record;
  const { shiftedAt: _shiftedAt, disabled, breaker, registeredAt, ...plain } = rest;
  return {
    ...plain,
    hasSecrets: sealedSecrets !== undefined,
    disabled: disabled && { reason: disabled.reason, since: instantOf(disabled.since) },
    breaker: breaker && {
      ...breaker,
      since: instantOf(breaker.since),
      until: instantOf(breaker.until),
    },
    registeredAt: instantOf(registeredAt),
  };
};

const TestSend = Type.Object(
  {
    to: Type.Union([
      Type.Object(
        { kind: Type.Literal('email'), email: Type.String({ format: 'email', maxLength: 254 }) },
        closed,
      ),
      Type.Object(
        { kind: Type.Literal('phone'), phone: Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$' }) },
        closed,
      ),
      Type.Object(
        {
          kind: Type.Literal('push'),
          endpoint: Type.String({ maxLength: 2_048 }),
          keys: Type.Object(
            { p256dh: Type.String({ maxLength: 200 }), auth: Type.String({ maxLength: 100 }) },
            closed,
          ),
        },
        closed,
      ),
      Type.Object(
        { kind: Type.Literal('telegram'), chatId: Type.String({ maxLength: 64 }) },
        closed,
      ),
    ]),
    content: Type.Object(
      {
        subject: optional(Type.String({ maxLength: 500 })),
        text: Type.String({ minLength: 1, maxLength: 10_000 }),
        html: optional(Type.String({ maxLength: 50_000 })),
        link: optional(Type.String({ maxLength: 2_048 })),
      },
      closed,
    ),
  },
  { ...closed, title: 'ProviderTest' },
);
const Tested = Type.Object(
  {
    outcome: Type.Union([Type.Literal('submitted'), Type.Literal('refused')]),
    clientReference: Type.String(),
    providerReference: optional(Type.String()),
    errorClass: optional(ErrorClass),
    code: optional(Type.String()),
    text: optional(Type.String()),
    response: optional(Type.String()),
    milliseconds: Type.Integer(),
  },
  { title: 'ProviderTested' },
);

const sandboxOrder = {
  providerId: 'try_out',
  kind: 'sandbox',
  channel: 'sms',
  description: 'Carries nothing',
  settings: { delayMs: 20, receipts: { afterMs: 1_000, status: 'delivered' } },
};

export const outreachProviderRoutes = (services: ProviderRoutes): Route[] => {
  const { handler, providerKinds, providerSecrets, providerDesk } = services;
  const { carriers } = handler.directory;
  const registering = createRegistering({
    handler,
    kinds: providerKinds,
    secrets: providerSecrets,
  });
  const found = (tenant: ProviderRecord['tenant'], providerId: ProviderId): ProviderRecord => {
    const record = carriers.provider(tenant, providerId);
    if (!record) throw rejected('provider-not-found', { providerId });
    return record;
  };
  return [
    route({
      method: 'GET',
      path: '/admin/v1/outreach/provider-kinds',
      summary: 'Describes the kinds of providers there are, with the schemas of their settings.',
      tags,
      access: readersOnly,
      response: Type.Object({ items: Type.Array(Kind) }, { title: 'ProviderKinds' }),
      handle: (request) => {
        wholeTenant(request);
        const items = [...providerKinds].map(
          ({ kind, title, summary, channels, settings, secrets, receipts, reconciles }) => ({
            kind,
            title,
            summary,
            channels: [...channels],
            settings,
            secrets,
            receipts,
            reconciles: reconciles ?? false,
          }),
        );
        return { body: { items } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/outreach/providers',
      summary: 'Lists who carries messages, and how each does.',
      tags,
      access: readersOnly,
      query: pageQuery,
      response: pageOf(Shown),
      handle: (request) => {
        const { tenant } = wholeTenant(request);
        const records = carriers.providers(tenant);
        return {
          body: page(records, ({ providerId }) => providerId, request.query, providerShown),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/outreach/providers/{providerId}',
      summary: 'Shows one provider; of its secrets only whether there are any.',
      tags,
      access: readersOnly,
      params: { providerId: ProviderId },
      response: Shown,
      problems: ['provider-not-found'],
      handle: (request) => {
        const { tenant } = wholeTenant(request);
        return { body: providerShown(found(tenant, request.params.providerId)) };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/outreach/providers',
      summary: 'Registers an account at somebody who carries messages.',
      description:
        'Settings and secrets are checked by the schemas of the kind. Secrets are sealed, stay readable to the dispatcher alone and are never ' +
        'shown again. Until routing rules are set, providers of a channel share its messages.',
      tags,
      access: editorsOnly,
      body: ProviderOrder,
      idempotencyKey: 'optional',
      command: registerProvider.name,
      response: Shown,
      status: 201,
      problems: [
        'provider-kind-unknown',
        'provider-cannot-carry',
        'already-registered',
        'too-many-providers',
      ],
      examples: { body: [{ summary: 'A sandbox to try things out with', value: sandboxOrder }] },
      handle: async (request) => {
        wholeTenant(request);
        const handled = await registering.register(request.body, contextOf(request));
        return created({ ...handled, answer: providerShown(handled.answer) });
      },
    }),
    route({
      method: 'PATCH',
      path: '/admin/v1/outreach/providers/{providerId}',
      summary: 'Changes what is named of a provider; null takes away.',
      description:
        'Settings, and secrets where they are given, take the place of all that were there. Its kind and channel are for life.',
      tags,
      access: editorsOnly,
      params: { providerId: ProviderId },
      body: ProviderChange,
      idempotencyKey: 'optional',
      command: changeProvider.name,
      response: Shown,
      problems: ['provider-not-found', 'provider-kind-unknown'],
      examples: {
        body: [{ summary: 'A slower pace', value: { pace: { perSecond: 20, burst: 5 } } }],
      },
      handle: async (request) => {
        wholeTenant(request);
        const { providerId } = request.params;
        const handled = await registering.change(providerId, request.body, contextOf(request));
        return done({ ...handled, answer: providerShown(handled.answer) });
      },
    }),
    stepRoute(handler, {
      path: '/admin/v1/outreach/providers/{providerId}/disable',
      summary: 'Sends nothing by this provider until it is enabled; receipts are still taken.',
      tags,
      access: editorsOnly,
      params: { providerId: ProviderId },
      command: disableProvider,
      response: Type.Object({ providerId: ProviderId }),
      problems: ['provider-not-found'],
    }),
    route({
      method: 'POST',
      path: '/admin/v1/outreach/providers/{providerId}/enable',
      summary: 'Sends by this provider again, and closes its breaker.',
      tags,
      access: editorsOnly,
      params: { providerId: ProviderId },
      idempotencyKey: 'optional',
      command: enableProvider.name,
      response: Type.Object({ providerId: ProviderId }),
      problems: ['provider-not-found'],
      handle: async (request) => {
        wholeTenant(request);
        return done(await handler.handle(enableProvider, request.params, contextOf(request)));
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/outreach/providers/{providerId}/test',
      summary:
        'Sends one message by this provider now, past queue and routing, and tells its answer.',
      description:
        'For a registration that is new or was changed. The message is a real one: name an address of your own. Nothing is recorded of it, ' +
        'and its receipts are about nothing that is known.',
      tags,
      access: editorsOnly,
      params: { providerId: ProviderId },
      body: TestSend,
      response: Tested,
      problems: ['provider-not-found'],
      examples: {
        body: [
          {
            summary: 'A text to a phone of your own',
            value: { to: { kind: 'phone', phone: '+4915112345678' }, content: { text: 'A test.' } },
          },
        ],
      },
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const record = found(tenant, request.params.providerId);
        const { to, content } = request.body;
        const wanted = addressKindOf[record.channel];
        if (to.kind !== wanted) throw faulty('body', '/to/kind', `must be ${wanted}`);
        return { body: await providerDesk.tryOut(record, to, content) };
      },
    }),
  ];
};

/** Unlike that of any message. */
export const testReference = (): string => `test.${randomBytes(12).toString('hex')}`;
