/**
 * /admin/v1/outreach: operators search among all messages of the programme and all attempts to send them, with who carried them, at what
 * cost, and everything that was recorded.
 */
import { Type } from '@sinclair/typebox';
import { MessageId, ProviderId } from '../../domain/ids.js';
import { Channel, ErrorClass } from '../../domain/message/kinds.js';
import { rejected } from '../../domain/rejected.js';
import type {
  MessageAttemptPage,
  MessageAttemptSearch,
  MessageAttemptSearches,
} from '../../projections/messageAttempts/search.js';
import { BadCursor } from '../../projections/pages.js';
import { readersOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { fatesOf } from '../outreach/fate.js';
import {
  messageProblems,
  messagesDeadlineMs,
  operatorsQuery,
  OperatorsSearchBody,
  pageProperties,
  searchedMessages,
} from '../outreach/messageQuery.js';
import {
  AttemptStatus,
  OperatorsMessage,
  showAttempt,
  ShownAttempt,
  showToOperators,
} from '../outreach/messageShapes.js';
import type { MessageSearchRoutes } from '../outreach/search.js';
import { readTimeline, Timeline } from '../outreach/timeline.js';
import { minPosition } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { instantOrNull } from '../wire.js';
import { wholeTenant } from './operatorCommand.js';

export interface OutreachMessageRoutes extends MessageSearchRoutes {
  readonly attempts: MessageAttemptSearches;
}

const MessagesAnswer = Type.Object(
  { items: Type.Array(OperatorsMessage), ...pageProperties },
  { title: 'OperatorsMessages' },
);
const AttemptsAnswer = Type.Object(
  { items: Type.Array(ShownAttempt), ...pageProperties },
  { title: 'MessageAttempts' },
);
const OneMessage = Type.Composite(
  [OperatorsMessage, Type.Object({ tried: Type.Array(ShownAttempt) })],
  {
    title: 'MessageWithAttempts',
  },
);

const time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }));

const attemptQuery = {
  messageId: Type.Optional(MessageId),
  providerId: Type.Optional(ProviderId),
  channel: Type.Optional(Channel),
  status: Type.Optional(AttemptStatus),
  errorClass: Type.Optional(ErrorClass),
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 80, description: "The provider's" })),
  text: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Words of what the provider said; `cred*` is a beginning, `-retry` not there',
    }),
  ),
  from: time('Started then or later'),
  to: time('Started then or before'),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most so many' }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 300, description: 'The `next` of the page before' }),
  ),
  ...minPosition,
} as const;

const tags = ['Outreach'] as const;
/** Of one message, which a strategy cannot exceed. */
const triedMax = 200;

const attemptsOf = async (
  { attempts }: OutreachMessageRoutes,
  search: MessageAttemptSearch,
): Promise<MessageAttemptPage> => {
  try {
    return await attempts.attempts(search);
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error;
    throw faulty('query', '/after', 'is not the `next` of a page of this list');
  }
};

const searchRoutes = (services: OutreachMessageRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/outreach/messages',
    summary: 'Searches among all messages of the programme, the latest first',
    description: 'To find by an address, post the question to `…/search`.',
    tags,
    access: readersOnly,
    query: operatorsQuery,
    response: MessagesAnswer,
    problems: messageProblems,
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const asker = { tenant, requester: null, part: 'query' } as const;
      const { rows, fates, ...page } = await searchedMessages(services, request.query, asker);
      return { body: { items: rows.map((row) => showToOperators(row, fates)), ...page } };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/outreach/messages/search',
    summary: 'Searches among all messages of the programme, also by an address',
    tags,
    access: readersOnly,
    body: OperatorsSearchBody,
    response: MessagesAnswer,
    problems: [...messageProblems, 'invalid-contact'],
    examples: {
      body: [
        {
          summary: 'What reached a number more than once',
          value: { recipient: { phone: '+447700900123' }, flag: 'deliveredTwice' },
        },
      ],
    },
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const asker = { tenant, requester: null, part: 'body' } as const;
      const { rows, fates, ...page } = await searchedMessages(services, request.body, asker);
      return { body: { items: rows.map((row) => showToOperators(row, fates)), ...page } };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/v1/outreach/attempts',
    summary: 'Searches among attempts to send, with what providers answered, the latest first',
    tags,
    access: readersOnly,
    query: attemptQuery,
    response: AttemptsAnswer,
    problems: messageProblems,
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { from, to, limit = 50, minPosition: position, ...asked } = request.query;
      if (position !== undefined) await services.searches.reach(BigInt(position));
      const { rows, next, keptFrom } = await attemptsOf(services, {
        ...asked,
        tenant,
        limit,
        deadlineMs: messagesDeadlineMs,
        from: from === undefined ? undefined : Date.parse(from),
        to: to === undefined ? undefined : Date.parse(to),
      });
      return {
        body: { items: rows.map(showAttempt), next, searchedFrom: instantOrNull(keptFrom) },
      };
    },
  }),
];

const oneRoutes = (services: OutreachMessageRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/outreach/messages/{messageId}',
    summary: 'Shows a message with all attempts to send it',
    tags,
    access: readersOnly,
    params: { messageId: MessageId },
    query: minPosition,
    response: OneMessage,
    problems: ['message-not-found', ...messageProblems],
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { messageId } = request.params;
      const { minPosition: position } = request.query;
      if (position !== undefined) await services.searches.reach(BigInt(position));
      const found = await services.searches.message(tenant, messageId);
      if (!found) throw rejected('message-not-found', { messageId });
      const asked = { tenant, messageId, limit: triedMax, deadlineMs: messagesDeadlineMs };
      const { rows } = await services.attempts.attempts(asked);
      const fates = await fatesOf(services.searches, tenant, [found]);
      return { body: { ...showToOperators(found, fates), tried: rows.map(showAttempt) } };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/v1/outreach/messages/{messageId}/timeline',
    summary: 'Tells everything that happened to a message, in order and with every reason',
    tags,
    access: readersOnly,
    params: { messageId: MessageId },
    query: minPosition,
    response: Timeline,
    problems: ['message-not-found', ...messageProblems],
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { messageId } = request.params;
      const { minPosition: position } = request.query;
      const { searches, log } = services;
      if (position !== undefined) await searches.reach(BigInt(position));
      const find = (id: MessageId) => searches.message(tenant, id);
      const timeline = await readTimeline(log, tenant, messageId, find, null);
      if (!timeline) throw rejected('message-not-found', { messageId });
      return { body: timeline };
    },
  }),
];

export const outreachMessageRoutes = (services: OutreachMessageRoutes): Route[] => [
  ...searchRoutes(services),
  ...oneRoutes(services),
];
