/**
 * What a standing order may say, and what can happen to it. A subscription belongs to one partner and one topic for life; everything
 * else about it can be changed. Its secrets are nowhere in here: they are derived (commands/subscription/secrets.ts), and the headers
 * that a partner wants sent along are sealed before they come here.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { event, type EventOf } from '../event.js';
import { PartnerId, SubscriptionId, type TenantId, TopicId } from '../ids.js';
import { streamName } from '../stream.js';
import { EventFilter } from './filter.js';

export const subscriptionStream = (tenant: TenantId, id: SubscriptionId) =>
  streamName('subscription', tenant, id);

const closed = { additionalProperties: false } as const;

export const EndpointUrl = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: 'Where deliveries are posted',
  examples: ['https://bank.example/hooks/cars'],
});

export const Endpoint = Type.Object({ url: EndpointUrl }, closed);

export const Mode = Type.Union([Type.Literal('structured'), Type.Literal('binary')], {
  description: 'How CloudEvents are written where each has a request of its own',
});

export const Batch = Type.Object(
  {
    max: Type.Integer({ minimum: 1, maximum: 100, description: 'Events in one request' }),
    waitMs: Type.Integer({ minimum: 0, maximum: 5_000, description: 'For a batch to fill' }),
  },
  {
    ...closed,
    description: 'Several events in one request, as application/cloudevents-batch+json',
  },
);

export const SignatureScheme = Type.Union([Type.Literal('v1'), Type.Literal('v1a')], {
  description: 'Of Standard Webhooks: v1 HMAC-SHA256, v1a Ed25519',
});

export const Order = Type.Union(
  [
    Type.Object({ by: Type.Literal('none') }, closed),
    Type.Object(
      {
        by: Type.Literal('key'),
        onFailure: Type.Union([Type.Literal('block'), Type.Literal('skip')]),
      },
      closed,
    ),
  ],
  {
    description:
      'key: what has the same key is delivered in order, and what fails blocks its key or is skipped',
  },
);

const Place = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]);

/** Delivered is what lies beyond `after`; null: everything. */
export const From = Type.Object(
  { kind: Type.Union([Type.Literal('now'), Type.Literal('place')]), after: Place },
  closed,
);

const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const ratePerSecond = Type.Integer({
  minimum: 1,
  maximum: 10_000,
  description: 'Requests; no limit unless told',
});
const timeoutMs = Type.Integer({
  minimum: 1_000,
  maximum: 15_000,
  description: 'For one attempt; 15 s unless told',
});
const description = Type.String({ maxLength: 500, description: 'For people' });

/** As a partner gives them; `sealedHeaders` is what became of its headers. */
export const terms = {
  endpoint: Endpoint,
  filter: Type.Optional(EventFilter),
  mode: Mode,
  batch: Type.Optional(Batch),
  signing: Type.Array(SignatureScheme, { minItems: 1, maxItems: 2, uniqueItems: true }),
  order: Order,
  ratePerSecond: Type.Optional(ratePerSecond),
  concurrency: Type.Integer({ minimum: 1, maximum: 50, description: 'Requests at one time' }),
  timeoutMs: Type.Optional(timeoutMs),
  description: Type.Optional(description),
} as const;

/** Each may be left out; null takes away. */
export const changes = {
  endpoint: Type.Optional(Endpoint),
  filter: orNull(EventFilter),
  mode: Type.Optional(Mode),
  batch: orNull(Batch),
  signing: Type.Optional(terms.signing),
  order: Type.Optional(Order),
  ratePerSecond: orNull(ratePerSecond),
  concurrency: Type.Optional(terms.concurrency),
  timeoutMs: orNull(timeoutMs),
  description: orNull(description),
} as const;

/** Extra headers of its requests, sealed: twice as long where every character has to be escaped, and a third more as base64. */
const SealedHeaders = Type.String({ maxLength: 24_000 });

const time = Type.String({ format: 'date-time' });
const reason = Type.String({ maxLength: 500 });

export const DisablingReason = Type.Union([
  Type.Literal('gone'),
  Type.Literal('failing'),
  Type.Literal('operator'),
  Type.Literal('partner-revoked'),
  Type.Literal('access-revoked'),
]);
export type DisablingReason = Static<typeof DisablingReason>;

// These names are the storage format: proof-read, version with care.
export const SubscriptionCreated = event('SubscriptionCreated', {
  subscriptionId: SubscriptionId,
  partnerId: PartnerId,
  topicId: TopicId,
  ...terms,
  from: From,
  sealedHeaders: Type.Optional(SealedHeaders),
  /** none: the endpoint is not asked whether it wants to be called, where the installation allows that. */
  verification: Type.Union([Type.Literal('handshake'), Type.Literal('none')]),
});
/** What it says takes the place of what was said before; null takes it away. */
export const SubscriptionChanged = event('SubscriptionChanged', {
  ...changes,
  sealedHeaders: orNull(SealedHeaders),
});
export const SubscriptionPaused = event('SubscriptionPaused', { reason });
export const SubscriptionResumed = event('SubscriptionResumed', {});
export const SubscriptionDisabled = event('SubscriptionDisabled', {
  reason: DisablingReason,
  /** When what led to it began: the first failure, the revocation. */
  since: time,
  /** For people: what happened and what to do. */
  explanation: Type.String({ maxLength: 1_000 }),
});
export const SubscriptionEnabled = event('SubscriptionEnabled', {});
export const SubscriptionSecretRotated = event('SubscriptionSecretRotated', {
  /** The newest; the first is 1. */
  version: Type.Integer({ minimum: 2 }),
  /** Until then the version before signs too. */
  overlapUntil: time,
});
export const EndpointVerified = event('EndpointVerified', {
  url: EndpointUrl,
  /** Requests a minute; null: as many as there are. */
  allowedRate: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
});
export const EndpointVerificationFailed = event('EndpointVerificationFailed', {
  url: EndpointUrl,
  /** What the endpoint answered and what it should. */
  reason: Type.String({ maxLength: 1_000 }),
});
export const SubscriptionEnded = event('SubscriptionEnded', { reason });

export const subscriptionEvents = [
  SubscriptionCreated,
  SubscriptionChanged,
  SubscriptionPaused,
  SubscriptionResumed,
  SubscriptionDisabled,
  SubscriptionEnabled,
  SubscriptionSecretRotated,
  EndpointVerified,
  EndpointVerificationFailed,
  SubscriptionEnded,
] as const;
export type SubscriptionEvent = EventOf<(typeof subscriptionEvents)[number]>;
export type SubscriptionTerms = EventOf<typeof SubscriptionCreated>['data'];
export type SubscriptionChanges = EventOf<typeof SubscriptionChanged>['data'];
