/** A message and its attempts as searches show them. Who carries it and what it costs is the programme's own business: operators see it. */
import { type Static, Type } from '@sinclair/typebox';
import {
  MessageId,
  ProviderId,
  StrategyId,
  TemplateId,
  TopicId,
  UserId,
} from '../../domain/ids.js';
import { Permission, Requester, RoutingDecision } from '../../domain/message/events.js';
import { Channel, ErrorClass, MessageClass } from '../../domain/message/kinds.js';
import { SpokenLanguage } from '../../domain/message/language.js';
import { attemptStatuses } from '../../projections/messageAttempts/attempt.js';
import type { FoundAttempt } from '../../projections/messageAttempts/search.js';
import type { FoundMessage } from '../../projections/messages/found.js';
import { Instant, instantOf, InstantOrNull, instantOrNull, orNull } from '../wire.js';
import { Fate, MessageStatus } from './fate.js';

export const AttemptStatus = Type.Union(attemptStatuses.map((status) => Type.Literal(status)));

const Versioned = <Id extends Parameters<typeof orNull>[0]>(name: string, id: Id) =>
  orNull(Type.Object({ [name]: id, version: Type.Integer() }));

const shown = {
  messageId: MessageId,
  class: MessageClass,
  requester: Requester,
  reference: orNull(Type.String({ description: "The requester's own number for it" })),
  userId: orNull(UserId),
  campaign: orNull(Type.String()),
  template: Versioned('templateId', TemplateId),
  strategy: Versioned('strategyId', StrategyId),
  policyId: orNull(Type.String({ description: 'The rule that made it' })),
  callbackTopic: orNull(TopicId),
  status: MessageStatus,
  reason: orNull(Type.String({ description: 'Why it waits, or ended so' })),
  statuses: Type.Array(Type.Object({ status: MessageStatus, at: Instant }), {
    description: 'In their order',
  }),
  channel: orNull(Channel),
  step: Type.Integer({ description: 'Of its strategy, from 0' }),
  attempts: Type.Integer({ minimum: 0 }),
  attemptStatus: orNull(AttemptStatus),
  errorClass: orNull(ErrorClass),
  engagement: orNull(
    Type.Union([Type.Literal('seen'), Type.Literal('read'), Type.Literal('clicked')]),
  ),
  lateReceipts: Type.Integer({ minimum: 0 }),
  deliveredTwice: Type.Boolean({ description: 'More than one attempt reached the recipient' }),
  unknown: Type.Boolean({ description: 'Nobody can tell of an attempt what became of it' }),
  digestedInto: orNull(MessageId),
  fate: orNull(Fate),
  erased: Type.Boolean({ description: 'The recipient was erased' }),
  acceptedAt: Instant,
  notBefore: InstantOrNull,
  expiresAt: Instant,
  changedAt: Instant,
  endedAt: InstantOrNull,
} as const;

export const ShownMessage = Type.Object(shown, { title: 'FoundMessage' });
export type ShownMessage = Static<typeof ShownMessage>;

const Cost = orNull(
  Type.Object(
    { micros: Type.Integer(), currency: Type.String() },
    { description: "Of all attempts, millionths of the currency's unit" },
  ),
);

export const OperatorsMessage = Type.Object(
  {
    ...shown,
    detail: orNull(Type.String({ description: 'More of the reason' })),
    providerId: orNull(ProviderId),
    providerIds: Type.Array(ProviderId),
    segments: Type.Integer({ description: 'Of SMS, over all attempts' }),
    cost: Cost,
  },
  { title: 'OperatorsMessage' },
);
export type OperatorsMessage = Static<typeof OperatorsMessage>;

const versioned = <Name extends string>(name: Name, id: string | null, version: number | null) =>
  id === null ? null : ({ [name]: id, version: version ?? 1 } as never);

/** @param fates by message, of those that others went out with. */
export const showMessage = (
  found: FoundMessage,
  fates: ReadonlyMap<string, Fate>,
): ShownMessage => {
  const slash = found.requester.indexOf('/');
  const requester = {
    kind: found.requester.slice(0, slash) as 'partner',
    id: found.requester.slice(slash + 1),
  };
  const { messageId, class: messageClass, reference, userId, campaign, policyId } = found;
  const { status, reason, channel, step, attempts, attemptStatus, errorClass } = found;
  const { engagement, lateReceipts, deliveredTwice, unknown, digestedInto, erased } = found;
  return {
    messageId,
    class: messageClass,
    requester,
    reference,
    campaign,
    policyId,
    userId: userId as ShownMessage['userId'],
    template: versioned('templateId', found.templateId, found.templateVersion),
    strategy: versioned('strategyId', found.strategyId, found.strategyVersion),
    callbackTopic: found.callbackTopic as ShownMessage['callbackTopic'],
    status,
    reason,
    channel,
    step,
    attempts,
    errorClass,
    engagement,
    attemptStatus: attemptStatus as ShownMessage['attemptStatus'],
    statuses: found.statuses.map((one) => ({ status: one.status, at: instantOf(one.at) })),
    lateReceipts,
    deliveredTwice,
    unknown,
    digestedInto,
    fate: (digestedInto !== null && fates.get(digestedInto)) || null,
    erased,
    acceptedAt: instantOf(found.acceptedAt),
    notBefore: instantOrNull(found.notBefore),
    expiresAt: instantOf(found.expiresAt),
    changedAt: instantOf(found.changedAt),
    endedAt: instantOrNull(found.endedAt),
  };
};

export const costOf = (micros: number, currency: string | null): Static<typeof Cost> =>
  currency === null ? null : { micros, currency };

export const showToOperators = (
  found: FoundMessage,
  fates: ReadonlyMap<string, Fate>,
): OperatorsMessage => ({
  ...showMessage(found, fates),
  detail: found.detail,
  providerId: found.providerId as OperatorsMessage['providerId'],
  providerIds: found.providerIds as OperatorsMessage['providerIds'],
  segments: found.segments,
  cost: costOf(found.costMicros, found.currency),
});

const Answer = Type.Object({
  outcome: Type.String(),
  errorClass: orNull(ErrorClass),
  code: orNull(Type.String({ description: "The provider's" })),
  text: orNull(Type.String()),
  providerReference: orNull(Type.String()),
  at: Instant,
  ms: Type.Integer(),
  retryAt: InstantOrNull,
  response: orNull(Type.String({ description: 'Masked, at most 4 KB' })),
  reconciled: Type.Boolean({ description: 'The provider was asked after it' }),
});

export const ShownAttempt = Type.Object(
  {
    messageId: MessageId,
    attempt: Type.Integer(),
    step: Type.Integer(),
    channel: Channel,
    providerId: ProviderId,
    clientReference: Type.String(),
    startedAt: Instant,
    status: AttemptStatus,
    decision: orNull(RoutingDecision),
    permission: Permission,
    language: orNull(SpokenLanguage),
    segments: orNull(Type.Integer()),
    cost: Cost,
    answer: orNull(Answer),
    receipts: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    engagements: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  },
  { title: 'MessageAttempt' },
);
export type ShownAttempt = Static<typeof ShownAttempt>;

const showAnswer = (answer: FoundAttempt['answer']): ShownAttempt['answer'] =>
  answer && {
    outcome: answer.outcome,
    errorClass: answer.errorClass ?? null,
    code: answer.code ?? null,
    text: answer.text ?? null,
    providerReference: answer.providerReference ?? null,
    at: answer.at,
    ms: answer.ms,
    retryAt: answer.retryAt ?? null,
    response: answer.response ?? null,
    reconciled: answer.reconciled ?? false,
  };

export const showAttempt = (found: FoundAttempt): ShownAttempt => {
  const { attempt, step, channel, providerId, clientReference, status, decision } = found;
  const {
    permission,
    language = null,
    segments = null,
    cost = null,
    answer,
    receipts,
    engagements,
  } = found;
  return {
    messageId: found.messageId as ShownAttempt['messageId'],
    attempt,
    step,
    channel,
    providerId,
    clientReference,
    status,
    decision,
    permission,
    language,
    segments,
    cost,
    answer: showAnswer(answer),
    startedAt: instantOf(found.startedAt),
    receipts: receipts.map((receipt) => ({ ...receipt })),
    engagements: engagements.map((engagement) => ({ ...engagement })),
  };
};
