/** How one message stands, as its requester is told. Who carries it is the programme's own business: operators see it. */
import { type Static, Type } from '@sinclair/typebox';
import { MessageId, ProviderId, StrategyId, TemplateId, UserId } from '../../domain/ids.js';
import { Requester } from '../../domain/message/events.js';
import { Channel, ErrorClass, MessageClass } from '../../domain/message/kinds.js';
import {
  type Accepted,
  type AttemptState,
  type Message,
  shownStatus,
} from '../../domain/message/message.js';
import { Instant, instantOf, InstantOrNull, orNull, PositionText } from '../wire.js';
import { Fate, fateOfMessage, MessageStatus } from './fate.js';

const Engagement = orNull(
  Type.Union([Type.Literal('seen'), Type.Literal('read'), Type.Literal('clicked')]),
);

const AttemptShown = Type.Object({
  attempt: Type.Integer(),
  step: Type.Integer({ description: 'Of its strategy, from 0' }),
  channel: Channel,
  providerId: Type.Optional(ProviderId),
  startedAt: Instant,
  outcome: orNull(Type.String({ description: 'What the provider said; null: nothing yet' })),
  receipt: orNull(Type.String({ description: 'What came of it, as far as a receipt tells' })),
  errorClass: orNull(ErrorClass),
  retryAt: InstantOrNull,
  engagement: Engagement,
});

export const MessageState = Type.Object(
  {
    messageId: MessageId,
    class: MessageClass,
    requester: Requester,
    reference: orNull(Type.String()),
    userId: orNull(UserId),
    campaign: orNull(Type.String()),
    template: orNull(Type.Object({ templateId: TemplateId, version: Type.Integer() })),
    strategy: orNull(Type.Object({ strategyId: StrategyId, version: Type.Integer() })),
    status: MessageStatus,
    reason: orNull(Type.String({ description: 'Why it waits, or ended so' })),
    channel: orNull(Channel),
    step: Type.Integer({ description: 'Of its strategy, from 0' }),
    attempts: Type.Array(AttemptShown),
    engagement: Engagement,
    lateReceipts: Type.Integer({ description: 'That came after it was over' }),
    deliveredTwice: Type.Boolean({ description: 'More than one attempt reached the recipient' }),
    digestedInto: orNull(MessageId),
    fate: orNull(Fate),
    acceptedAt: Instant,
    notBefore: InstantOrNull,
    expiresAt: Instant,
    endedAt: InstantOrNull,
    position: PositionText,
  },
  { title: 'MessageState' },
);
export type MessageState = Static<typeof MessageState>;

const instantOrNull = (at: number | null): string | null => (at === null ? null : instantOf(at));

const attemptShown = (of: AttemptState, withProvider: boolean): Static<typeof AttemptShown> => ({
  attempt: of.attempt,
  step: of.step,
  channel: of.channel,
  ...(withProvider ? { providerId: of.providerId } : {}),
  startedAt: instantOf(of.startedAt),
  outcome: of.outcome,
  receipt: of.receipt,
  errorClass: of.errorClass,
  retryAt: instantOrNull(of.retryAt),
  engagement: of.engagement,
});

export interface Telling {
  /** Of its request. */
  readonly position: bigint;
  /** Who carries it is told as well. */
  readonly withProvider: boolean;
  /** The message that it went out as a part of. */
  readonly whole: Message | null;
}

export const messageState = (
  data: Accepted,
  message: Message,
  { position, withProvider, whole }: Telling,
): MessageState => {
  const { messageId, requester, reference = null, recipient, campaign = null } = data;
  const { step, engagement, lateReceipts, deliveredTwice, digestedInto } = message;
  return {
    messageId,
    class: data.class,
    requester,
    reference,
    userId: recipient.userId,
    campaign,
    template: data.template,
    strategy: data.strategy,
    status: shownStatus(message),
    step,
    reason: message.reason ?? message.held?.reason ?? null,
    channel: message.steps[step]?.channel ?? null,
    attempts: message.attempts.map((attempt) => attemptShown(attempt, withProvider)),
    engagement,
    lateReceipts,
    deliveredTwice,
    digestedInto,
    fate: whole && fateOfMessage(whole),
    acceptedAt: instantOf(message.acceptedAt),
    notBefore: instantOrNull(message.notBefore),
    expiresAt: instantOf(message.expiresAt),
    endedAt: instantOrNull(message.endedAt),
    position: String(position),
  };
};
