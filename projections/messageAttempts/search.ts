/**
 * Attempts to send: those of one message in their order, or all of a programme by provider, status, error and words, the latest first.
 * Pages go on behind the last by its time, message and number.
 */
import type { Db, Document, Filter } from 'mongodb';
import type { TenantId } from '../../domain/ids.js';
import type { Channel, ErrorClass } from '../../domain/message/kinds.js';
import { findDocuments } from '../documents/reading.js';
import { wordFilter, wordQueryOf } from '../documents/words.js';
import { cursorOf, fetchLimit, type Page, pageOf } from '../pages.js';
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

export interface MessageAttemptPage extends Page<FoundAttempt> {
  /** Older ones were let go by a store in memory; milliseconds since the epoch, null: none were. */
  readonly keptFrom: number | null;
}

/** Where they are answered. */
export interface MessageAttemptSearches {
  /** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
  attempts(search: MessageAttemptSearch): Promise<MessageAttemptPage>;
}

type Conditions = Record<string, unknown>;

/** Behind the last of the page before. @throws BadCursor */
const behind = ({ after, messageId }: MessageAttemptSearch): Conditions[] => {
  const parts = cursorOf(
    { limit: 1, ...(after === undefined ? {} : { after }) },
    ...[/^\d{1,16}$/, /^[0-9a-f]{32}$/, /^\d{1,9}$/],
  );
  if (!parts) return [];
  const [time, message, number] = parts;
  const attempt = Number(number);
  if (messageId !== undefined) return [{ attempt: { $gt: attempt } }];
  const startedAt = new Date(Number(time));
  return [
    { startedAt: { $lte: startedAt } },
    {
      $or: [
        { startedAt: { $lt: startedAt } },
        { startedAt, messageId: { $lt: message } },
        { startedAt, messageId: message, attempt: { $lt: attempt } },
      ],
    },
  ];
};

/** The find that answers it; also for explain. @throws BadCursor */
export const findOf = (search: MessageAttemptSearch) => {
  const { tenant, messageId, providerId, channel, status, errorClass, code, from, to } = search;
  const asked = { messageId, providerId, channel, status, errorClass, code };
  const equal = Object.entries(asked).filter(([, value]) => value !== undefined);
  const conditions: Conditions[] = [
    ...(from === undefined ? [] : [{ startedAt: { $gte: new Date(from) } }]),
    ...(to === undefined ? [] : [{ startedAt: { $lte: new Date(to) } }]),
    ...(search.text === undefined ? [] : wordFilter('words', wordQueryOf(search.text))),
    ...behind(search),
  ];
  const sort: Record<string, 1 | -1> =
    messageId === undefined ? { startedAt: -1, messageId: -1, attempt: -1 } : { attempt: 1 };
  return {
    filter: {
      tenant,
      ...Object.fromEntries(equal),
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
  const { documents, keptFrom } = await findDocuments(db, messageAttempts, {
    ...findOf(search),
    fields: ['recorded', 'startedAt', 'messageId', 'attempt'],
    deadlineMs: search.deadlineMs,
  });
  const page = pageOf(
    documents,
    { limit: search.limit },
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
  return { ...page, keptFrom };
};
