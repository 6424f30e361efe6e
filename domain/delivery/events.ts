/**
 * What became of a subscription's deliveries, in a stream of its own beside that of its terms. Deliveries are not rows: what is still to
 * do follows from a cursor in the topic and the exceptions to it (ledger.ts), and both follow from these events alone.
 *
 * One event tells of many attempts, since they are appended as the dispatcher finishes them, some ten times a second. What was sent
 * is not repeated: it is the publication's. A place is that of a publication in its topic.
 */
import { type Static, Type } from '@sinclair/typebox';
import { event, type EventOf } from '../event.js';
import { ReplayId, type SubscriptionId, type TenantId } from '../ids.js';
import { streamName } from '../stream.js';
import { EventFilter } from '../subscription/filter.js';

export const deliveriesStream = (tenant: TenantId, id: SubscriptionId) =>
  streamName('deliveries', tenant, id);

const closed = { additionalProperties: false } as const;
const place = Type.Integer({ minimum: 0 });
/** In a batch several, else one. */
const places = Type.Array(place, { minItems: 1, maxItems: 100 });
const milliseconds = Type.Integer({ minimum: 0, description: 'Since the epoch' });

/** Under which the receiver knows it: the same on every repeat. */
const webhookId = Type.String({ pattern: '^msg_[0-9A-Za-z]{22}$' });

export const AttemptCause = Type.Union([
  Type.Literal('first'),
  Type.Literal('retry'),
  /** Whether an endpoint that failed is back: counts for nothing else. */
  Type.Literal('probe'),
  Type.Literal('manual'),
  Type.Literal('replay'),
]);
export type AttemptCause = Static<typeof AttemptCause>;

const AttemptResponse = Type.Object(
  {
    /** At most 2 KB of them. */
    headers: Type.Record(Type.String(), Type.String()),
    /** The first 20 KB; left out where there is none. */
    body: Type.Optional(Type.String()),
    encoding: Type.Optional(Type.Literal('base64')),
    truncated: Type.Optional(Type.Literal(true)),
  },
  closed,
);

export const Attempt = Type.Object(
  {
    webhookId,
    places,
    /** The events' own ids, in the order of the places. */
    ids: Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 100 }),
    attempt: Type.Integer({ minimum: 1 }),
    cause: AttemptCause,
    job: Type.Optional(ReplayId),
    startedAt: milliseconds,
    ms: Type.Integer({ minimum: 0 }),
    /** retry: it is tried again at `next`. failed: it is not, unless somebody asks for it. */
    outcome: Type.Union([Type.Literal('delivered'), Type.Literal('retry'), Type.Literal('failed')]),
    next: Type.Optional(milliseconds),
    /** The receiver itself asked not to be called before. */
    notBefore: Type.Optional(milliseconds),
    /** A digest of the key that it is in order with. */
    lane: Type.Optional(Type.String({ maxLength: 40 })),
    status: Type.Optional(Type.Integer({ minimum: 100, maximum: 999 })),
    error: Type.Optional(
      Type.Object(
        {
          code: Type.Union([
            Type.Literal('dns'),
            Type.Literal('refused-address'),
            Type.Literal('connect'),
            Type.Literal('timeout'),
            Type.Literal('tls'),
            Type.Literal('closed'),
            Type.Literal('redirect'),
            Type.Literal('status'),
          ]),
          text: Type.String({ maxLength: 500 }),
        },
        closed,
      ),
    ),
    request: Type.Object(
      {
        url: Type.String({ maxLength: 2_048 }),
        /** Their names: some values are secret, and the rest follows from the publication. */
        headers: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }),
        bytes: Type.Integer({ minimum: 0 }),
      },
      closed,
    ),
    response: Type.Optional(AttemptResponse),
  },
  closed,
);
export type Attempt = Static<typeof Attempt>;

/** One that was delivered as the one before it in its event was, but for what is said here (attempts.ts). */
export const AttemptAlike = Type.Object(
  {
    webhookId,
    places,
    ids: Attempt.properties.ids,
    startedAt: milliseconds,
    ms: Type.Integer({ minimum: 0 }),
    /** Of the request. */
    bytes: Type.Integer({ minimum: 0 }),
    lane: Attempt.properties.lane,
    /** Where it is another than before. */
    response: Type.Optional(AttemptResponse),
  },
  closed,
);
export type AttemptAlike = Static<typeof AttemptAlike>;

/** Why something was not delivered and never will be by itself. */
export const PassedReason = Type.Union([
  Type.Literal('filtered'),
  /** Published before a grant that opens no history. */
  Type.Literal('hidden'),
  Type.Literal('expired'),
  /** Access ended before it was delivered. */
  Type.Literal('revoked'),
  /** The subscription ended before it was delivered. */
  Type.Literal('ended'),
]);
export type PassedReason = Static<typeof PassedReason>;

/** Both included. */
export interface Span {
  first: number;
  last: number;
}

// These names are the storage format: proof-read, version with care.
/** In version 1 each attempt is told in full. */
export const DeliveriesAttempted = event(
  'DeliveriesAttempted',
  { attempts: Type.Array(Type.Union([AttemptAlike, Attempt]), { minItems: 1 }) },
  { schemaVersion: 2, upcast: (data) => data },
);
export const DeliveriesPassed = event('DeliveriesPassed', {
  ranges: Type.Array(Type.Object({ first: place, last: place, reason: PassedReason }, closed), {
    minItems: 1,
  }),
});
/** Given up: kept aside until somebody asks for it or replays it. */
export const DeliveriesParked = event('DeliveriesParked', {
  webhookId,
  places,
  reason: Type.Union([
    /** Every attempt of the schedule failed. */
    Type.Literal('attempts-used'),
    /** So many wait for another attempt that no more are kept. */
    Type.Literal('too-many'),
    /** The attempt that somebody asked for failed. */
    Type.Literal('manual-failed'),
  ]),
  lane: Type.Optional(Type.String({ maxLength: 40 })),
});
/** Somebody wants it delivered now. */
export const DeliveryRequeued = event('DeliveryRequeued', {
  webhookId,
  places,
  /** Who, as kind and id. */
  by: Type.String({ maxLength: 100 }),
});
/** Somebody wants no further attempt of what waits or is parked: it is passed, and what it held up goes on. */
export const DeliverySkipped = event('DeliverySkipped', {
  webhookId,
  places,
  /** Who, as kind and id. */
  by: Type.String({ maxLength: 100 }),
});
/** From the first place to the last, both included. */
export const ReplayRequested = event('ReplayRequested', {
  job: ReplayId,
  from: place,
  to: place,
  /** On top of the subscription's own. */
  filter: Type.Optional(EventFilter),
  /** failed: what is parked or waits for another attempt; all: also what arrived. */
  status: Type.Union([Type.Literal('failed'), Type.Literal('all')]),
  ratePerSecond: Type.Integer({ minimum: 1, maximum: 1_000 }),
  by: Type.String({ maxLength: 100 }),
});
export const ReplayPaused = event('ReplayPaused', { job: ReplayId });
export const ReplayResumed = event('ReplayResumed', { job: ReplayId });
export const ReplayCancelled = event('ReplayCancelled', { job: ReplayId });

const counts = {
  delivered: Type.Integer({ minimum: 0 }),
  failed: Type.Integer({ minimum: 0 }),
  /** Filtered, hidden or expired by now. */
  passed: Type.Integer({ minimum: 0 }),
} as const;
/** Everything up to the place `after` was sent; the counts are of the job so far. */
export const ReplayAdvanced = event('ReplayAdvanced', { job: ReplayId, after: place, ...counts });
export const ReplayFinished = event('ReplayFinished', { job: ReplayId, ...counts });
/** The endpoint is not called any more, and the subscription says so: the figures of its failing begin anew. */
export const DeliveriesStopped = event('DeliveriesStopped', {
  reason: Type.Union([
    Type.Literal('gone'),
    Type.Literal('failing'),
    Type.Literal('partner-revoked'),
    Type.Literal('access-revoked'),
  ]),
});
/** The whole ledger: older events of the stream may go, and it can still be rebuilt from the log. */
export const DeliveriesCarriedOver = event('DeliveriesCarriedOver', {
  ledger: Type.Unknown(),
});

export const deliveryEvents = [
  DeliveriesAttempted,
  DeliveriesPassed,
  DeliveriesParked,
  DeliveryRequeued,
  DeliverySkipped,
  ReplayRequested,
  ReplayPaused,
  ReplayResumed,
  ReplayCancelled,
  ReplayAdvanced,
  ReplayFinished,
  DeliveriesStopped,
  DeliveriesCarriedOver,
] as const;
export type DeliveryEvent = EventOf<(typeof deliveryEvents)[number]>;
export type ReplayTerms = EventOf<typeof ReplayRequested>['data'];
/** What others than the dispatcher append: it has to hear of them. */
export const deliveryOrders: readonly string[] = [
  DeliveryRequeued.type,
  DeliverySkipped.type,
  ReplayRequested.type,
  ReplayPaused.type,
  ReplayResumed.type,
  ReplayCancelled.type,
];
/** What the dispatcher appends by itself, while it delivers: no command answers with the position of any. */
export const deliveryOutcomes: readonly string[] = deliveryEvents
  .map(({ type }) => type)
  .filter((type) => !deliveryOrders.includes(type));
