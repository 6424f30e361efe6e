/** What is told of messages: searches, timelines, attempts, figures, the queue. For their requesters and for operators. */
import type pg from 'pg';
import { outreachFiguresRoutes } from '../../api/admin/outreachFigures.js';
import { outreachMessageRoutes } from '../../api/admin/outreachMessages.js';
import { outreachQueueRoutes } from '../../api/admin/outreachQueue.js';
import { recipientErasureRoutes } from '../../api/admin/outreachRecipients.js';
import { messageSearchRoutes } from '../../api/outreach/search.js';
import type { Route } from '../../api/route.js';
import type { Handler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import {
  type MessageAttemptSearches,
  searchMessageAttempts,
} from '../../projections/messageAttempts/search.js';
import { countMessages, type CountMessages } from '../../projections/messages/figures.js';
import { messages } from '../../projections/messages/messages.js';
import { messageAttempts } from '../../projections/messageAttempts/messageAttempts.js';
import {
  type MessageSearches,
  readMessage,
  readMessages,
  searchMessages,
} from '../../projections/messages/search.js';
import { waitingMessages } from '../../projections/outbox/waitingMessages.js';
import type { Documents } from './documents.js';
import type { AskDocuments } from './documentsAsked.js';

const nothing = { rows: [], next: null, keptFrom: null };
const reachDeadlineMs = 5_000;
const readDeadlineMs = 3_000;

const createMessageSearches = (documents: Documents): MessageSearches & MessageAttemptSearches => ({
  messages: async (search) => (await documents.ask((db) => searchMessages(db, search))) ?? nothing,
  message: (tenant, messageId) =>
    documents.ask((db) => readMessage(db, tenant, messageId, readDeadlineMs)),
  several: async (tenant, messageIds) =>
    (await documents.ask((db) => readMessages(db, tenant, messageIds, readDeadlineMs))) ?? [],
  attempts: async (search) =>
    (await documents.ask((db) => searchMessageAttempts(db, search))) ?? nothing,
  reach: async (position) => {
    for (const { name } of [messages, messageAttempts]) {
      await documents.waitFor(name, position, reachDeadlineMs);
    }
  },
});

const createCountMessages =
  (ask: AskDocuments): CountMessages =>
  async (asked) =>
    (await ask((db) => countMessages(db)(asked))) ?? { groups: [], more: false, keptFrom: null };

export const openMessageSearches = (options: {
  readonly handler: Handler;
  readonly pool: pg.Pool;
  readonly documents: Documents;
  readonly log: Pick<Log, 'read'>;
  readonly personalKeys: Pick<PersonalKeys, 'indexKey' | 'destroy'>;
  readonly hasRole: (role: 'admin' | 'outreach') => boolean;
}): Route[] => {
  const { documents, handler, pool, log, personalKeys: keys, hasRole } = options;
  const searches = createMessageSearches(documents);
  const services = { searches, attempts: searches, keys, log };
  return [
    ...(hasRole('outreach') ? messageSearchRoutes(services) : []),
    ...(hasRole('admin')
      ? [
          ...outreachMessageRoutes(services),
          ...recipientErasureRoutes({ handler, keys }),
          ...outreachFiguresRoutes({ countMessages: createCountMessages(documents.ask) }),
          ...outreachQueueRoutes({
            directory: handler.directory,
            waitingMessages: (tenant) => waitingMessages(pool, tenant),
            // The health of providers is shown without figures rather than later.
            countMessages: createCountMessages(documents.askAtOnce),
          }),
        ]
      : []),
  ];
};
