/**
 * Attempts to send: those of one message in their order, or all of a programme by provider, status, error and words, the latest first.
 * Pages go on behind the last by its time, message and number.
 */
import type { Db, Document, Filter } from 'mongodb';
import type { TenantId } from '../../domain/ids.js';
import type { Channel, ErrorClass } from '../../domain/message/kinds.js';
import {
  behindKey,
  type Conditions,
  equalTo,
  findPage,
  type FoundPage,
  within,
  withWords,
} from '../documents/searching.js';
import { cursorOf, fetchLimit } from '../pages.js';
import { type Attempt, type AttemptStatus, statusOf } from './attempt.js';
import { messageAttempts } from './messageAttempts.js';
import { attemptOf } from './project.js';

export interface MessageAttemptSearch {
  readonly tenant: TenantId;
  /** Of one message: the first first. */
  readonly messageId?: string | undefined;
  readonly providerId?: string | undefined;
  readonly channel?: Channel | undefined;
  readonly status?: AttemptStatus | undefined;
  readonly errorClass?: ErrorClass | undefined;
  /** The provider's. */
  readonly code?: string | undefined;
  /** Of codes, texts and the provider's response: `credit low* -retry`. */
  readonly text?: string | undefined;
  /** When it was started, both included, milliseconds since the epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** At most 1,000. */
  readonly limit: number;
  readonly after?: string | undefined;
  /** On the server, milliseconds. */
  readonly deadlineMs: number;
}

export type FoundAttempt = Attempt & { readonly status: AttemptStatus };

export type MessageAttemptPage = FoundPage<FoundAttempt>;

/** Where they are answered. */
export interface MessageAttemptSearches {
  /** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
  attempts(search: MessageAttemptSearch): Promise<MessageAttemptPage>;
}

/** Behind the last of the page before. @throws BadCursor */
const behind = ({ after, messageId }: MessageAttemptSearch): Conditions[] => {
  const parts = cursorOf(
    { after: after ?? null },
    ...[/^\d{1,16}$/, /^[0-9a-f]{32}$/, /^\d{1,9}$/],
  );
  if (!parts) return [];
  const [time, message, number] = parts;
  const attempt = Number(number);
  return messageId === undefined
    ? behindKey('$lt', { startedAt: new Date(Number(time)), messageId: message, attempt })
    : behindKey('$gt', { attempt });
};

/** The find that answers it; also for explain. @throws BadCursor */
export const findOf = (search: MessageAttemptSearch) => {
  const { tenant, messageId, providerId, channel, status, errorClass, code } = search;
  const conditions: Conditions[] = [
    ...within('startedAt', search),
    ...withWords(search.text),
    ...behind(search),
  ];
  const sort: Record<string, 1 | -1> =
    messageId === undefined ? { startedAt: -1, messageId: -1, attempt: -1 } : { attempt: 1 };
  return {
    filter: {
      tenant,
      ...equalTo({ messageId, providerId, channel, status, errorClass, code }),
      ...(conditions.length > 0 ? { $and: conditions } : {}),
    } as Filter<Document>,
    sort,
    limit: fetchLimit({ limit: search.limit }),
  };
};

/** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const searchMessageAttempts = async (
  db: Db,
  search: MessageAttemptSearch,
): Promise<MessageAttemptPage> => {
  const { limit, deadlineMs } = search;
  const fields = ['recorded', 'startedAt', 'messageId', 'attempt'];
  return findPage(
    db,
    messageAttempts,
    { ...findOf(search), fields, deadlineMs },
    limit,
    (document) => [
      (document['startedAt'] as Date).getTime(),
      String(document['messageId']),
      Number(document['attempt']),
    ],
    (document) => {
      const attempt = attemptOf(document);
      return { ...attempt, status: statusOf(attempt) };
    },
  );
};
