/** /outreach/v1/messages: something is to be said to somebody, or not after all, or at another time; and how it stands. */
import { type Static, Type } from '@sinclair/typebox';
import {
  type AcceptContext,
  type AcceptMessages,
  type AcceptResult,
  messagesMax,
} from '../../commands/message/accept.js';
import { CancelInput, type MessageOrders, RescheduleInput } from '../../commands/message/order.js';
import { MessageKey, MessageRequest } from '../../commands/message/request.js';
import { InvalidInput } from '../../commands/validation.js';
import { MessageId } from '../../domain/ids.js';
import { messengersOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { isRecord } from '../input.js';
import { type ApiRequest, type Reply, type Route, route } from '../route.js';
import { PositionText } from '../wire.js';
import { reachOf, requesterOf, traceparentOf } from './asker.js';
import { messageExamples } from './examples.js';
import { MessageStatus } from './fate.js';
import { AcceptedShown, ResultShown, resultShown } from './results.js';

export type AcceptSource = 'rest' | 'bulk';

export interface MessageRoutes {
  readonly accept: AcceptMessages;
  readonly orders: MessageOrders;
  /** How long it took, in milliseconds. */
  readonly onAccepted: (
    source: AcceptSource,
    results: readonly AcceptResult[],
    milliseconds: number,
  ) => void;
}

const tags = ['Outreach'] as const;
const bodyBytesMax = 2_000_000;

const Item = Type.Composite(
  [MessageRequest, Type.Object({ idempotencyKey: Type.Optional(MessageKey) })],
  { additionalProperties: false, title: 'MessageOfBatch' },
);
const Batch = Type.Object(
  { messages: Type.Array(Item, { minItems: 1, maxItems: messagesMax }) },
  { additionalProperties: false, title: 'MessageBatch' },
);

const BatchAnswer = Type.Object(
  {
    items: Type.Array(ResultShown, { description: 'In the order of the request' }),
    accepted: Type.Integer({ minimum: 0 }),
    refused: Type.Integer({ minimum: 0 }),
    position: Type.Union([PositionText, Type.Null()], { description: 'Of the last of them' }),
  },
  { title: 'AcceptedBatch' },
);

const OrderAnswer = Type.Object(
  {
    messageId: MessageId,
    outcome: Type.Union([
      Type.Literal('cancelled'),
      Type.Literal('rescheduled'),
      Type.Literal('too-late'),
    ]),
    status: MessageStatus,
    position: PositionText,
  },
  { title: 'OrderAnswer' },
);

type AnyRequest = ApiRequest<unknown, unknown, unknown>;

export const acceptContext = ({ caller, now, correlationId }: AnyRequest): AcceptContext => ({
  tenant: caller.tenant,
  actor: caller.actor,
  requester: requesterOf(caller),
  now,
  correlationId,
});

/** @throws InvalidInput where it is no batch at all. */
const itemsOf = ({ messages, ...others }: Record<string, unknown>): readonly unknown[] => {
  const faulty = (pointer: string, reason: string) => new InvalidInput([{ pointer, reason }]);
  const [strange] = Object.keys(others);
  if (strange !== undefined) throw faulty(`/${strange}`, 'stands beside messages: leave it out');
  const isBatch = Array.isArray(messages) && messages.length > 0 && messages.length <= messagesMax;
  if (!isBatch) throw faulty('/messages', `must be a list of 1 to ${messagesMax}`);
  return messages as readonly unknown[];
};

/** What an item says of itself and what is asked for. A key that is none is left where it is, and found as a fault. */
export const splitItem = (item: unknown, ownKey: string) => {
  if (!isRecord(item)) return { request: item, key: ownKey };
  const { idempotencyKey, ...request } = item;
  if (idempotencyKey === undefined) return { request, key: ownKey };
  const isKey =
    typeof idempotencyKey === 'string' && idempotencyKey !== '' && idempotencyKey.length <= 200;
  return isKey ? { request, key: idempotencyKey } : { request: item, key: ownKey };
};

export const lastPosition = (results: readonly AcceptResult[]): bigint | null =>
  results.reduce<bigint | null>((last, result) => {
    if (result.kind !== 'accepted') return last;
    return last === null || result.position > last ? result.position : last;
  }, null);

const acceptOne = async (services: MessageRoutes, request: AnyRequest): Promise<Reply<never>> => {
  const began = performance.now();
  const item = {
    request: request.body,
    key: request.idempotencyKey,
    traceparent: traceparentOf(request.headers),
  };
  const results = await services.accept([item], acceptContext(request));
  services.onAccepted('rest', results, performance.now() - began);
  const [result] = results;
  if (result?.kind !== 'accepted') throw result?.error;
  const status = result.repeated ? 200 : 201;
  return { body: resultShown(result) as never, position: result.position, status };
};

const acceptBatch = async (services: MessageRoutes, request: AnyRequest): Promise<Reply<never>> => {
  const began = performance.now();
  const traceparent = traceparentOf(request.headers);
  const items = itemsOf(request.body as Record<string, unknown>).map((item, i) => ({
    ...splitItem(item, `${request.idempotencyKey}#${i}`),
    traceparent,
  }));
  const results = await services.accept(items, acceptContext(request));
  services.onAccepted('rest', results, performance.now() - began);
  const position = lastPosition(results);
  // Where the log is away nothing came of any of them: that is an answer of its own.
  const [first] = results;
  if (position === null && first?.kind === 'unavailable') throw first.error;
  const accepted = results.filter(({ kind }) => kind === 'accepted').length;
  const body: Static<typeof BatchAnswer> = {
    items: results.map(resultShown),
    accepted,
    refused: results.length - accepted,
    position: position === null ? null : String(position),
  };
  return { body: body as never, position, status: 200 };
};

export const messageRoutes = (services: MessageRoutes): Route[] => [
  route({
    method: 'POST',
    path: '/outreach/v1/messages',
    summary: 'Takes a message, or a batch of them',
    description:
      `One MessageRequest, or \`messages\`, at most ${messagesMax}. Answered when it is durable, for each message of a batch by itself: ` +
      'what one is at fault of keeps no other back. The same `Idempotency-Key` is one message for ever; a message of a batch has ' +
      'its own `idempotencyKey`, or one made of the header and its place in the batch. Another body under the same key is refused.',
    tags,
    access: messengersOnly,
    checkedBy: 'command',
    bodyBytesMax,
    body: Type.Union([MessageRequest, Batch], { title: 'MessagesAsked' }),
    idempotencyKey: 'required',
    command: 'AcceptMessage',
    status: 201,
    response: Type.Union([AcceptedShown, BatchAnswer]),
    problems: [
      ...(['template-not-found', 'template-retired', 'strategy-not-found'] as const),
      ...(['strategy-retired', 'invalid-contact', 'recipient-erased'] as const),
      ...(['topic-not-found', 'topic-archived', 'not-topic-owner'] as const),
    ],
    examples: { body: messageExamples },
    handle: (request) =>
      isRecord(request.body) && 'messages' in request.body
        ? acceptBatch(services, request)
        : acceptOne(services, request),
  }),
  route({
    method: 'POST',
    path: '/outreach/v1/messages/{messageId}/cancel',
    summary: 'Says that a message is not to be sent',
    description:
      'It holds while nothing of the message may have reached anybody, and is answered when that is known: `cancelled`, or `too-late` ' +
      'with how the message stands.',
    tags,
    access: messengersOnly,
    params: { messageId: MessageId },
    body: Type.Omit(CancelInput, ['messageId'], { title: 'CancelMessage' }),
    idempotencyKey: 'optional',
    command: 'CancelMessage',
    response: OrderAnswer,
    problems: ['message-not-found', 'position-not-reached'],
    examples: { body: [{ summary: 'Not needed any more', value: { reason: 'order withdrawn' } }] },
    handle: async (request) => {
      const input = { ...request.params, ...request.body };
      const answer = await services.orders.cancel(
        ...([input, contextOf(request, undefined), reachOf(request.caller)] as const),
      );
      return { body: { ...answer, position: String(answer.position) }, position: answer.position };
    },
  }),
  route({
    method: 'POST',
    path: '/outreach/v1/messages/{messageId}/reschedule',
    summary: 'Moves a message to another time',
    description:
      'As for cancelling. Without `expiresAt` it stays worth sending for as long as it was from its former time.',
    tags,
    access: messengersOnly,
    params: { messageId: MessageId },
    body: Type.Omit(RescheduleInput, ['messageId'], { title: 'RescheduleMessage' }),
    idempotencyKey: 'optional',
    command: 'RescheduleMessage',
    response: OrderAnswer,
    problems: ['message-not-found', 'position-not-reached'],
    examples: {
      body: [{ summary: 'In the morning', value: { notBefore: '2026-03-03T08:00:00Z' } }],
    },
    handle: async (request) => {
      const input = { ...request.params, ...request.body };
      const answer = await services.orders.reschedule(
        ...([input, contextOf(request, undefined), reachOf(request.caller)] as const),
      );
      return { body: { ...answer, position: String(answer.position) }, position: answer.position };
    },
  }),
];
