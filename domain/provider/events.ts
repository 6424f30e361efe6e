/**
 * What is recorded of providers: accounts at those who carry messages. Credentials are sealed before they come here; the settings are plain
 * and are checked against the schema of their kind by whoever registers them. What the dispatcher noticed of a provider's health is
 * recorded beside it, so that a restart and the console know it.
 */
import { type TSchema, Type } from '@sinclair/typebox';
import { event, type EventOf } from '../event.js';
import { ProviderId, type TenantId } from '../ids.js';
import { Channel } from '../message/kinds.js';
import { streamName } from '../stream.js';

export const providerStream = (tenant: TenantId, id: ProviderId) =>
  streamName('provider', tenant, id);

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const orNull = <T extends TSchema>(schema: T) => optional(Type.Union([schema, Type.Null()]));

const description = Type.String({ maxLength: 500, description: 'For people' });

export const ProviderSettings = Type.Record(Type.String({ maxLength: 80 }), Type.Unknown(), {
  maxProperties: 60,
  description: 'As the kind describes them',
});

/** Of one call, with time left to record its answer: see answerWithinMs of domain/message, after which others ask what became of it. */
export const callMostMs = 50_000;

/** How fast it may be spoken to. Of SMS, segments count. */
const pace = Type.Object(
  {
    perSecond: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
    burst: optional(
      Type.Integer({ minimum: 1, maximum: 100_000, description: 'At once after a pause' }),
    ),
  },
  { ...closed, description: 'Messages a second, of SMS segments; no limit unless told' },
);
const concurrency = Type.Integer({ minimum: 1, maximum: 100, description: 'Calls at one time' });
const batch = Type.Object(
  {
    max: Type.Integer({ minimum: 1, maximum: 1_000, description: 'Messages in one call' }),
    waitMs: Type.Integer({ minimum: 0, maximum: 5_000, description: 'For a batch to fill' }),
  },
  { ...closed, description: 'Left out: as many as its kind takes, after 50 ms' },
);
const timeoutMs = Type.Integer({
  minimum: 500,
  maximum: callMostMs,
  description: 'For one call; 10 s unless told',
});

/** Millionths of the currency's unit, for a message or an SMS segment. */
export const Cost = Type.Object(
  {
    micros: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  },
  { ...closed, description: 'Millionths of the unit for a message, of SMS for a segment' },
);

/** AES-256-GCM, base64url. */
const SealedSecrets = Type.String({ maxLength: 40_000 });

/** As an operator gives them, without credentials. */
export const providerTerms = {
  kind: Type.String({ pattern: '^[a-z][a-z0-9]{1,39}$', examples: ['smtp'] }),
  channel: Channel,
  description: optional(description),
  settings: ProviderSettings,
  pace: optional(pace),
  concurrency,
  batch: optional(batch),
  timeoutMs: optional(timeoutMs),
  cost: optional(Cost),
} as const;

/** Each may be left out; null takes away. Its kind and channel are for life. */
export const providerChanges = {
  description: orNull(description),
  settings: optional(ProviderSettings),
  pace: orNull(pace),
  concurrency: optional(concurrency),
  batch: orNull(batch),
  timeoutMs: orNull(timeoutMs),
  cost: orNull(Cost),
} as const;

const reason = Type.String({ maxLength: 500 });
const time = Type.String({ format: 'date-time' });

// These names are the storage format: proof-read, version with care.
export const ProviderRegistered = event('ProviderRegistered', {
  providerId: ProviderId,
  ...providerTerms,
  sealedSecrets: optional(SealedSecrets),
});
/** What it says takes the place of what was said before; null takes it away. */
export const ProviderChanged = event('ProviderChanged', {
  ...providerChanges,
  sealedSecrets: optional(SealedSecrets),
});
export const ProviderDisabled = event('ProviderDisabled', { reason });
export const ProviderEnabled = event('ProviderEnabled', {});

export const BreakerReason = Type.Union([
  /** Too many calls failed. */
  Type.Literal('failing'),
  /** It refuses the account: credentials, balance. */
  Type.Literal('account'),
  /** What was sent to find out whether it is well again failed too. */
  Type.Literal('probe-failed'),
]);
export const ProviderBreakerOpened = event('ProviderBreakerOpened', {
  reason: BreakerReason,
  /** Nothing is sent until then; afterwards one message finds out. */
  until: time,
  /** Of the last minutes. */
  attempts: Type.Integer({ minimum: 0 }),
  failures: Type.Integer({ minimum: 0 }),
  /** The provider's, of the last failure. */
  code: optional(Type.String({ maxLength: 80 })),
});
export const ProviderBreakerClosed = event('ProviderBreakerClosed', {});
export const ProviderWeightShifted = event('ProviderWeightShifted', {
  /** Points of a hundred of its weight that are taken away now. */
  handicap: Type.Integer({ minimum: 0, maximum: 90 }),
  reason: Type.Union([Type.Literal('slow'), Type.Literal('failing'), Type.Literal('calm')]),
});

export const providerEvents = [
  ProviderRegistered,
  ProviderChanged,
  ProviderDisabled,
  ProviderEnabled,
  ProviderBreakerOpened,
  ProviderBreakerClosed,
  ProviderWeightShifted,
] as const;
export type ProviderEvent = EventOf<(typeof providerEvents)[number]>;
export type ProviderTerms = EventOf<typeof ProviderRegistered>['data'];
export type ProviderChanges = EventOf<typeof ProviderChanged>['data'];
