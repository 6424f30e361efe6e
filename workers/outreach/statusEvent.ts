/**
 * What a message's requester is told as it moves: one CloudEvent for each change that means something outside, numbered from 0 without
 * gaps, so that whoever receives them sees their order and whether one is missing. Nothing personal is in them.
 */
import type { EventOf } from '../../domain/event.js';
import type { Position } from '../../domain/fact.js';
import type { MessageId, TenantId, TopicId } from '../../domain/ids.js';
import type { MessageAccepted } from '../../domain/message/events.js';
import {
  accepted,
  type Message,
  shownStatus,
  type ShownStatus,
} from '../../domain/message/message.js';
import type { Publication } from '../../domain/publication/publication.js';

export const statusEventType = 'kopilka.message.status';
export const statusEventSource = '/outreach/v1/messages';

/** A message whose requester is told, as far as it was told. */
export interface ToldMessage {
  readonly tenant: TenantId;
  readonly messageId: MessageId;
  readonly topicId: TopicId;
  /** Of the last event that was published. */
  readonly sequence: number;
  readonly reference: string | null;
  readonly campaign: string | null;
  readonly message: Message;
}

/** What each event says, but for when and in which order. */
const saidOf = (message: Message) => {
  const latest = message.attempts.at(-1);
  return {
    status: shownStatus(message),
    reason: message.reason ?? message.held?.reason ?? null,
    channel: latest?.channel ?? message.steps[message.step]?.channel ?? null,
    step: message.step,
    engagement: message.engagement,
    lateReceipts: message.lateReceipts,
    deliveredTwice: message.deliveredTwice,
    digestedInto: message.digestedInto,
  };
};

/** Whether its requester has something to hear. */
export const isNews = (before: Message, after: Message): boolean =>
  before !== after && JSON.stringify(saidOf(before)) !== JSON.stringify(saidOf(after));

/** Null: nobody asked to be told. */
export const firstTold = (
  tenant: TenantId,
  data: EventOf<typeof MessageAccepted>['data'],
  at: number,
): ToldMessage | null => {
  const { messageId, callback, reference = null, campaign = null } = data;
  if (!callback) return null;
  const { topicId } = callback;
  const message = accepted(data, at);
  return { tenant, messageId, topicId, sequence: 0, reference, campaign, message };
};

export interface When {
  /** Milliseconds since the epoch, the log's clock. */
  readonly at: number;
  readonly position: Position;
}

/** @param previous null: it is the first. */
export const statusEvent = (
  { messageId, sequence, reference, campaign, message }: ToldMessage,
  previous: ShownStatus | null,
  { at, position }: When,
): Publication => ({
  id: `${messageId}.${sequence}`,
  source: statusEventSource,
  type: statusEventType,
  subject: messageId,
  key: messageId,
  time: new Date(at).toISOString(),
  datacontenttype: 'application/json',
  data: {
    messageId,
    sequence,
    reference,
    class: message.class,
    campaign,
    ...saidOf(message),
    previous,
    position: String(position),
  },
});
