/**
 * What is recorded of messages. Each message begins a stream of its own, made of its request, so that one key makes one message; what
 * happens to it then is recorded in the journal of its lane, for many messages at once: a provider takes a hundred in one call, and the log
 * takes what became of them in one append. Whatever moves a message forward is in the journal, in one order.
 */
import { type Static, Type } from '@sinclair/typebox';
import { event, type EventOf } from '../event.js';
import {
  MessageId,
  ProviderId,
  StrategyId,
  TemplateId,
  type TenantId,
  TopicId,
  UserId,
} from '../ids.js';
import { Step, stepsMax } from '../strategy/step.js';
import { streamName } from '../stream.js';
import { addressKinds, Channel, ErrorClass, MessageClass } from './kinds.js';
import { lanesEnd } from './lanes.js';
import { SpokenLanguage } from './language.js';

export const messageStream = (tenant: TenantId, id: MessageId) => streamName('message', tenant, id);

const closed = { additionalProperties: false } as const;
const time = Type.String({ format: 'date-time' });
const Text = Type.String({ maxLength: 500 });
const Version = Type.Integer({ minimum: 1 });
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const optional = Type.Optional;

/** Items of one event: one call to a provider, and far below what an append takes. */
export const itemsMax = 500;
const items = <T extends Parameters<typeof Type.Array>[0]>(schema: T) =>
  Type.Array(schema, { minItems: 1, maxItems: itemsMax });

/** Who asked for it. */
export const Requester = Type.Object(
  {
    kind: Type.Union([Type.Literal('partner'), Type.Literal('operator'), Type.Literal('policy')]),
    id: Type.String({ maxLength: 80 }),
  },
  closed,
);

export const Recipient = Type.Object(
  {
    /** Null: an address without an account. */
    userId: Type.Union([UserId, Type.Null()]),
    /** Whose key seals what is personal: the account's, or one of the address. */
    subject: Type.String({ maxLength: 80 }),
    /** HMAC-SHA256 of the addresses that the request names, under the tenant's index key; an account's own are looked up when it is sent. */
    addresses: Type.Object(
      Object.fromEntries(addressKinds.map((kind) => [kind, optional(Hash)])),
      closed,
    ),
    locale: optional(Type.String({ maxLength: 35 })),
    /** IANA; left out: the programme's. */
    timeZone: optional(Type.String({ maxLength: 64 })),
  },
  closed,
);

// These names are the storage format: proof-read, version with care.
export const MessageAccepted = event('MessageAccepted', {
  messageId: MessageId,
  class: MessageClass,
  requester: Requester,
  /** The requester's own number for it. */
  reference: optional(Type.String({ maxLength: 128 })),
  recipient: Recipient,
  /** Null: a text of its own. */
  template: Type.Union([
    Type.Object({ templateId: TemplateId, version: Version }, closed),
    Type.Null(),
  ]),
  /** Addresses, variables and own text, as JSON under the subject's key (AES-256-GCM, base64url). */
  sealed: Type.String({ maxLength: 100_000 }),
  /** Of an own text: keyed hashes of its words, so that it is found without being read. */
  words: optional(Type.Array(Type.String({ maxLength: 16 }), { maxItems: 60 })),
  strategy: Type.Union([
    Type.Object({ strategyId: StrategyId, version: Version }, closed),
    Type.Null(),
  ]),
  steps: Type.Array(Step, { minItems: 1, maxItems: stepsMax }),
  notBefore: Type.Union([time, Type.Null()]),
  expiresAt: time,
  campaign: optional(Type.String({ maxLength: 80 })),
  /** The rule and the fact that it was made of. */
  policy: optional(
    Type.Object(
      { policyId: Type.String({ maxLength: 80 }), factId: Type.String({ maxLength: 64 }) },
      closed,
    ),
  ),
  /** Statuses are published there, for the requester's subscriptions. */
  callback: optional(Type.Object({ topicId: TopicId }, closed)),
  /** What has the same key until then becomes one message. */
  digest: optional(Type.Object({ key: Type.String({ maxLength: 128 }), until: time }, closed)),
  lane: Type.Integer({ minimum: 0, maximum: lanesEnd - 1 }),
  traceparent: optional(Type.String({ maxLength: 55 })),
});

const ofAttempt = { messageId: MessageId, attempt: Type.Integer({ minimum: 1 }) } as const;

/** Why this provider: all that were looked at, with what spoke for and against each. */
export const RoutingDecision = Type.Object(
  {
    /** Of the routing rules. */
    version: Type.Integer({ minimum: 0 }),
    rule: Type.Union([Type.String({ maxLength: 80 }), Type.Null()]),
    chosen: ProviderId,
    candidates: Type.Array(
      Type.Object(
        {
          providerId: ProviderId,
          weight: Type.Integer({ minimum: 0, maximum: 1_000 }),
          /** chosen, weighed-less, breaker-open, no-tokens, disabled, failed-before, not-in-rule, cannot-carry … */
          verdict: Type.String({ maxLength: 40 }),
        },
        closed,
      ),
      { maxItems: 20 },
    ),
  },
  closed,
);
export type RoutingDecision = Static<typeof RoutingDecision>;

/** Why it may be sent, as of the moment of sending. */
export const Permission = Type.Object(
  {
    basis: Type.Union([
      /** The class asks nobody. */
      Type.Literal('class'),
      Type.Literal('consent'),
      Type.Literal('no-objection'),
    ]),
    /** When the consent was given. */
    since: optional(time),
    /** Up to which position of the log consents and suppressions were known. */
    asOf: Type.String({ pattern: '^[0-9]+$' }),
  },
  closed,
);
export type Permission = Static<typeof Permission>;

/** Recorded before the provider is called: one of these without an answer is unknown, and is never sent again blindly. */
export const AttemptsStarted = event('AttemptsStarted', {
  /** The decisions of the attempts, each told once. */
  decisions: Type.Array(RoutingDecision, { minItems: 1, maxItems: itemsMax }),
  attempts: items(
    Type.Object(
      {
        ...ofAttempt,
        step: Type.Integer({ minimum: 0, maximum: stepsMax - 1 }),
        channel: Channel,
        providerId: ProviderId,
        /** By which the provider, or its receipts, name it again. */
        clientReference: Type.String({ maxLength: 64 }),
        /** Index into `decisions`. */
        decision: Type.Integer({ minimum: 0 }),
        permission: Permission,
        /** Hash of the address that it went to. */
        address: Hash,
        /** Of an SMS. */
        segments: optional(Type.Integer({ minimum: 1, maximum: 255 })),
        /** What the provider will charge: millionths of the currency's unit. */
        cost: optional(
          Type.Object(
            { micros: Type.Integer({ minimum: 0 }), currency: Type.String({ maxLength: 3 }) },
            closed,
          ),
        ),
        /** SHA-256 of what was said, hex. */
        contentHash: optional(Hash),
        /** Of a template. */
        language: optional(SpokenLanguage),
        /** The provider tells nothing after its answer: no receipt is waited for. */
        receipts: optional(Type.Literal('none')),
        /** The provider reports failures only: after so long without a word it counts as delivered. */
        silenceSeconds: optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
      },
      closed,
    ),
  ),
});

export const AttemptOutcome = Type.Union([
  Type.Literal('submitted'),
  Type.Literal('throttled'),
  Type.Literal('retryable'),
  Type.Literal('permanent'),
  Type.Literal('unknown'),
]);
export type AttemptOutcome = Static<typeof AttemptOutcome>;

/** What the provider said; said again of an attempt that was unknown, by `reconciled`. */
export const AttemptsAnswered = event('AttemptsAnswered', {
  answers: items(
    Type.Object(
      {
        ...ofAttempt,
        outcome: AttemptOutcome,
        errorClass: optional(ErrorClass),
        /** The provider's. */
        code: optional(Type.String({ maxLength: 80 })),
        text: optional(Text),
        providerReference: optional(Type.String({ maxLength: 200 })),
        at: time,
        ms: Type.Integer({ minimum: 0 }),
        /** When to try again: the provider's word, or the schedule's. */
        retryAt: optional(time),
        /** What it answered, without personal data. */
        response: optional(Type.String({ maxLength: 4_096 })),
        reconciled: optional(Type.Literal(true)),
      },
      closed,
    ),
  ),
});

export const ReceiptStatus = Type.Union([
  /** On its way still; whoever carries it goes on trying. */
  Type.Literal('delayed'),
  Type.Literal('deliveredToOperator'),
  Type.Literal('delivered'),
  Type.Literal('undelivered'),
]);

/** Joined by the attempt; early and late ones too. */
export const ReceiptsRecorded = event('ReceiptsRecorded', {
  receipts: items(
    Type.Object(
      {
        ...ofAttempt,
        status: ReceiptStatus,
        /** A letter that came back; a recipient who objected, to whom it was delivered therefore. */
        cause: optional(Type.Union([Type.Literal('bounce'), Type.Literal('complaint')])),
        errorClass: optional(ErrorClass),
        code: optional(Type.String({ maxLength: 80 })),
        text: optional(Text),
        at: time,
      },
      closed,
    ),
  ),
});

export const EngagementsRecorded = event('EngagementsRecorded', {
  engagements: items(
    Type.Object(
      {
        ...ofAttempt,
        kind: Type.Union([Type.Literal('seen'), Type.Literal('read'), Type.Literal('clicked')]),
        at: time,
      },
      closed,
    ),
  ),
});

/** It waits, and why. */
export const MessagesHeld = event('MessagesHeld', {
  items: items(
    Type.Object(
      {
        messageId: MessageId,
        until: time,
        /** quiet-hours, frequency-cap, no-provider, throttled … */
        reason: Type.String({ maxLength: 40 }),
        detail: optional(Text),
      },
      closed,
    ),
  ),
});

/** The next step of its strategy has its turn. */
export const MessagesAdvanced = event('MessagesAdvanced', {
  items: items(
    Type.Object(
      {
        messageId: MessageId,
        step: Type.Integer({ minimum: 1, maximum: stepsMax - 1 }),
        /** no-address, condition, not-in-time, permanent, suppressed … */
        reason: Type.String({ maxLength: 40 }),
        detail: optional(Text),
      },
      closed,
    ),
  ),
});

/** Nothing more is sent of it. `delivered` with what proves it, where its last milestone was reached. */
export const MessagesEnded = event('MessagesEnded', {
  items: items(
    Type.Object(
      {
        messageId: MessageId,
        status: Type.Union([
          Type.Literal('delivered'),
          Type.Literal('undelivered'),
          Type.Literal('failed'),
          Type.Literal('expired'),
          Type.Literal('suppressed'),
        ]),
        reason: Type.String({ maxLength: 40 }),
        detail: optional(Text),
      },
      closed,
    ),
  ),
});

/** An order of the requester: it holds where nothing that was sent before it may arrive, and is told as come too late otherwise. */
export const MessagesCancelled = event('MessagesCancelled', {
  items: items(Type.Object({ messageId: MessageId, reason: Text }, closed)),
});
/** As above. */
export const MessagesRescheduled = event('MessagesRescheduled', {
  items: items(
    Type.Object({ messageId: MessageId, notBefore: time, expiresAt: optional(time) }, closed),
  ),
});
/** Several became one; theirs is the fate of `into` from then on. */
export const MessagesDigested = event('MessagesDigested', {
  into: MessageId,
  messageIds: items(MessageId),
});

export const messageEvents = [MessageAccepted] as const;
export const outboxEvents = [
  AttemptsStarted,
  AttemptsAnswered,
  ReceiptsRecorded,
  EngagementsRecorded,
  MessagesHeld,
  MessagesAdvanced,
  MessagesEnded,
  MessagesCancelled,
  MessagesRescheduled,
  MessagesDigested,
] as const;
export type MessageEvent = EventOf<(typeof messageEvents)[number]>;
export type OutboxEvent = EventOf<(typeof outboxEvents)[number]>;
