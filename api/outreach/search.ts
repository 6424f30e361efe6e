/**
 * /outreach/v1/messages: whoever asks for messages finds them again, and is told of each what became of it and why. Partners find their
 * own; nothing of another's is told, not even that it is there.
 */
import { Type } from '@sinclair/typebox';
import type { Log } from '../../commands/log.js';
import { MessageId, type TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { messengersOnly } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { requesterMark } from '../../projections/messages/document.js';
import { minPosition } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { reachOf } from './asker.js';
import {
  messageProblems,
  messageQuery,
  MessageSearchBody,
  type MessageSearching,
  pageProperties,
  searchedMessages,
} from './messageQuery.js';
import { ShownMessage, showMessage } from './messageShapes.js';
import { readTimeline, Timeline } from './timeline.js';

export interface MessageSearchRoutes extends MessageSearching {
  readonly log: Pick<Log, 'read'>;
}

/** Whose messages the caller may see; null: those of everybody in the programme. */
const reach = (caller: Caller): { tenant: TenantId; requester: string | null } => {
  const requester = reachOf(caller);
  return { tenant: caller.tenant, requester: requester && requesterMark(requester) };
};

const MessagesAnswer = Type.Object(
  { items: Type.Array(ShownMessage), ...pageProperties },
  { title: 'FoundMessages' },
);

const tags = ['Outreach'] as const;
const access = messengersOnly;

export const messageSearchRoutes = (services: MessageSearchRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/outreach/v1/messages',
    summary: 'Searches among the messages that were asked for, the latest first',
    description:
      'Everything that is given has to hold. A partner finds what it asked for itself. To find by an address, post the question to ' +
      '`/outreach/v1/messages/search`: addresses have no place in a URL.',
    tags,
    access,
    query: messageQuery,
    response: MessagesAnswer,
    problems: messageProblems,
    handle: async ({ caller, query }) => {
      const asker = { ...reach(caller), part: 'query' } as const;
      const { rows, fates, ...page } = await searchedMessages(services, query, asker);
      return { body: { items: rows.map((row) => showMessage(row, fates)), ...page } };
    },
  }),
  route({
    method: 'POST',
    path: '/outreach/v1/messages/search',
    summary: 'Searches among messages, also by an address',
    tags,
    access,
    body: MessageSearchBody,
    response: MessagesAnswer,
    problems: [...messageProblems, 'invalid-contact'],
    examples: {
      body: [
        {
          summary: 'What was sent to an address this month',
          value: { recipient: { email: 'ada@example.com' }, from: '2026-11-01T00:00:00Z' },
        },
      ],
    },
    handle: async ({ caller, body }) => {
      const asker = { ...reach(caller), part: 'body' } as const;
      const { rows, fates, ...page } = await searchedMessages(services, body, asker);
      return { body: { items: rows.map((row) => showMessage(row, fates)), ...page } };
    },
  }),
  route({
    method: 'GET',
    path: '/outreach/v1/messages/{messageId}/timeline',
    summary: 'Tells everything that happened to a message, in order and with every reason',
    description:
      'Read from the log: accepted, held, why this provider and by what right, what it answered, receipts early and late, what came next and why.',
    tags,
    access,
    params: { messageId: MessageId },
    query: minPosition,
    response: Timeline,
    problems: ['message-not-found', ...messageProblems],
    handle: async ({ caller, params: { messageId }, query }) => {
      const { tenant, requester } = reach(caller);
      const { searches, log } = services;
      if (query.minPosition !== undefined) await searches.reach(BigInt(query.minPosition));
      const find = (id: MessageId) => searches.message(tenant, id);
      const timeline = await readTimeline(log, tenant, messageId, find, requester);
      if (!timeline) throw rejected('message-not-found', { messageId });
      return { body: timeline };
    },
  }),
];
