/**
 * Orders of the requester about a message that was accepted: it is not to be sent, or at another time. An order is appended to the journal
 * of its lane at any revision, beside what the queue records there: whichever comes first in the journal holds. It is answered when the
 * queue has read it, with what came of it.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { Position } from '../../domain/fact.js';
import { MessageId, type TenantId } from '../../domain/ids.js';
import {
  MessagesCancelled,
  MessagesRescheduled,
  messageStream,
} from '../../domain/message/events.js';
import { outboxStream } from '../../domain/message/lanes.js';
import { classRules } from '../../domain/message/kinds.js';
import {
  type Accepted,
  type Message,
  shownStatus,
  type ShownStatus,
} from '../../domain/message/message.js';
import { rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';
import { canonicalJson } from '../canonicalJson.js';
import { commandIdOf, eventIdOf, fingerprintOf } from '../commandId.js';
import type { Log } from '../log.js';
import { assertValid, InvalidInput } from '../validation.js';
import type { Outcomes } from './outcomes.js';
import type { Requester } from './resolve.js';

const closed = { additionalProperties: false } as const;
const time = Type.String({ format: 'date-time' });

export const CancelInput = Type.Object(
  {
    messageId: MessageId,
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  { ...closed, title: 'CancelMessage' },
);
export const RescheduleInput = Type.Object(
  {
    messageId: MessageId,
    notBefore: time,
    expiresAt: Type.Optional(time),
  },
  { ...closed, title: 'RescheduleMessage' },
);

export interface OrderAnswer {
  readonly messageId: MessageId;
  readonly outcome: 'cancelled' | 'rescheduled' | 'too-late';
  readonly status: ShownStatus;
  readonly position: Position;
}

export interface MessageOrders {
  /** @throws InvalidInput, Rejected message-not-found, idempotency-key-reused, what the log and the queue throw. */
  cancel(
    input: Static<typeof CancelInput>,
    context: CommandContext,
    by: Requester | null,
  ): Promise<OrderAnswer>;
  /** @throws the same. */
  reschedule(
    input: Static<typeof RescheduleInput>,
    context: CommandContext,
    by: Requester | null,
  ): Promise<OrderAnswer>;
}

/**
 * What was accepted under this id.
 * @param by whose message it must be; null: anybody's of the programme.
 * @throws Rejected message-not-found
 */
export const acceptedMessage = async (
  log: Pick<Log, 'read'>,
  tenant: TenantId,
  messageId: MessageId,
  by: Requester | null,
): Promise<{
  readonly data: Accepted;
  readonly acceptedAt: number;
  readonly position: Position;
}> => {
  const [fact] = await log.read(messageStream(tenant, messageId), 0, 1);
  const data = fact?.data as Accepted | undefined;
  const isTheirs = by === null || (data?.requester.kind === by.kind && data.requester.id === by.id);
  if (!fact || !data || !isTheirs) throw rejected('message-not-found', { messageId });
  return { data, acceptedAt: fact.recordedAt, position: fact.position };
};

type Order = typeof MessagesCancelled | typeof MessagesRescheduled;

export const createMessageOrders = (options: {
  readonly log: Log;
  readonly outcomes: Outcomes;
}): MessageOrders => {
  const { log, outcomes } = options;

  const give = async (
    { type }: Order,
    { data, acceptedAt }: { readonly data: Accepted; readonly acceptedAt: number },
    { item, input }: { readonly item: { readonly messageId: MessageId }; readonly input: unknown },
    context: CommandContext,
  ): Promise<{ readonly position: Position; readonly message: Message | null }> => {
    const { tenant, actor, now, correlationId, causationId, idempotencyKey } = context;
    const stream = outboxStream(tenant, data.lane);
    const commandId = commandIdOf(type, messageStream(tenant, item.messageId), idempotencyKey);
    // What it comes to depends on when it is asked for; what was asked for does not.
    const fingerprint = fingerprintOf(canonicalJson(input));
    const metadata = {
      tenant,
      actor,
      correlationId,
      causationId: causationId ?? correlationId,
      commandId,
      occurredAt: new Date(Math.max(now, acceptedAt)).toISOString(),
      schemaVersion: 1,
      fingerprint,
    };
    const fact = { id: eventIdOf(commandId, 0), type, data: { items: [item] }, metadata };
    const { position, revision } = await log.append(stream, 'any', [fact]);
    // The log takes the same id once, whatever else it came with before.
    const [taken] = await log.read(stream, revision, 1);
    if (taken?.id === fact.id && taken.metadata.fingerprint !== fingerprint) {
      throw rejected('idempotency-key-reused');
    }
    return { position, message: await outcomes.message(tenant, item.messageId, position) };
  };

  const answered = (
    messageId: MessageId,
    position: Position,
    message: Message | null,
    carriedOut: 'cancelled' | 'rescheduled',
  ): OrderAnswer => {
    if (!message) throw rejected('message-not-found', { messageId });
    const order = message.orders.find((one) => one.position === String(position));
    // One of many that came since: then the present state tells.
    const holds = order
      ? order.outcome === 'carried-out'
      : carriedOut === 'cancelled' && message.status === 'cancelled';
    return {
      messageId,
      outcome: holds ? carriedOut : 'too-late',
      status: shownStatus(message),
      position,
    };
  };

  return {
    cancel: async (input, context, by) => {
      assertValid(CancelInput, input);
      const { messageId, reason = 'cancelled by its requester' } = input;
      const known = await acceptedMessage(log, context.tenant, messageId, by);
      const item = { messageId, reason };
      const { position, message } = await give(MessagesCancelled, known, { item, input }, context);
      return answered(messageId, position, message, 'cancelled');
    },
    reschedule: async (input, context, by) => {
      assertValid(RescheduleInput, input);
      const { messageId } = input;
      const known = await acceptedMessage(log, context.tenant, messageId, by);
      const item = itemOf(input, known.data, context.now);
      const { position, message } = await give(
        MessagesRescheduled,
        known,
        { item, input },
        context,
      );
      return answered(messageId, position, message, 'rescheduled');
    },
  };
};

const aheadMsMax = 366 * 86_400_000;

/** Within what its class allows. @throws InvalidInput */
const itemOf = (
  { messageId, notBefore, expiresAt }: Static<typeof RescheduleInput>,
  data: Accepted,
  now: number,
) => {
  const faulty = (pointer: string, reason: string) => new InvalidInput([{ pointer, reason }]);
  const begin = Math.max(now, Date.parse(notBefore));
  if (begin > now + aheadMsMax) throw faulty('/notBefore', 'must be within a year');
  const { validSecondsMax } = classRules[data.class];
  const latest = begin + validSecondsMax * 1_000;
  const expires = expiresAt === undefined ? null : Date.parse(expiresAt);
  if (expires !== null && expires <= begin) {
    throw faulty('/expiresAt', 'must be later than it may be sent');
  }
  if (expires !== null && expires > latest) {
    const reason = `must be at most ${validSecondsMax} s after it may be sent (class ${data.class})`;
    throw faulty('/expiresAt', reason);
  }
  return {
    messageId,
    notBefore: new Date(begin).toISOString(),
    ...(expires === null ? {} : { expiresAt: new Date(expires).toISOString() }),
  };
};
