/**
 * Searches among the messages of a programme, of one requester or of all. Whoever asks says which requester; addresses and words come as
 * the hashes under which they are kept. Pages go on behind the last message by its time and number.
 */
import type { Db, Document, Filter } from 'mongodb';
import type { TenantId } from '../../domain/ids.js';
import type { Channel, MessageClass } from '../../domain/message/kinds.js';
import type { ShownStatus } from '../../domain/message/message.js';
import { findDocuments } from '../documents/reading.js';
import {
  behindKey,
  type Conditions,
  equalTo,
  findPage,
  type FoundPage,
  within,
} from '../documents/searching.js';
import { type WordQuery, wordFilter } from '../documents/words.js';
import { BadCursor, cursorOf, fetchLimit } from '../pages.js';
import { documentId, hashedWord } from './document.js';
import { type FoundMessage, foundOf } from './found.js';
import { messages } from './messages.js';

/** Words that were asked for; each may stand in clear or as its hash. */
export interface MessageWords {
  readonly query: WordQuery;
  readonly hashes: ReadonlyMap<string, string>;
}

export const messageFlags = ['deliveredTwice', 'late', 'unknown'] as const;
export type MessageFlag = (typeof messageFlags)[number];

export interface MessageSearch {
  readonly tenant: TenantId;
  /** As `requesterMark` has it; null: of anybody. */
  readonly requester: string | null;
  readonly userId?: string | undefined;
  /** As `addressMark` has them: any of them. */
  readonly addresses?: readonly string[] | undefined;
  readonly statuses?: readonly ShownStatus[] | undefined;
  readonly class?: MessageClass | undefined;
  /** The present one. */
  readonly channel?: Channel | undefined;
  /** That it was given to at any time. */
  readonly providerId?: string | undefined;
  readonly campaign?: string | undefined;
  readonly templateId?: string | undefined;
  readonly policyId?: string | undefined;
  readonly reference?: string | undefined;
  readonly reason?: string | undefined;
  readonly flag?: MessageFlag | undefined;
  readonly words?: MessageWords | undefined;
  /** When it was accepted, both included, milliseconds since the epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly descending: boolean;
  /** At most 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** On the server, milliseconds. */
  readonly deadlineMs: number;
}

export type MessagePage = FoundPage<FoundMessage>;

/** Where they are answered. */
export interface MessageSearches {
  /** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
  messages(search: MessageSearch): Promise<MessagePage>;
  /** Null: there is none, or a store in memory let it go. @throws as above */
  message(tenant: TenantId, messageId: string): Promise<FoundMessage | null>;
  /** Those of them that there are, in no order; at most as many as a page has. @throws as above */
  several(tenant: TenantId, messageIds: readonly string[]): Promise<readonly FoundMessage[]>;
  /** Waits for what was recorded at that position. @throws ProjectionBehind */
  reach(position: bigint): Promise<void>;
}

const direction = ({ descending }: MessageSearch): '-' | '+' => (descending ? '-' : '+');

/** Behind the last of the page before. @throws BadCursor, also for the cursor of another order. */
const behind = (search: MessageSearch): Conditions[] => {
  const { after, descending } = search;
  const parts = cursorOf({ after: after ?? null }, ...[/^[+-]$/, /^\d{1,16}$/, /^[0-9a-f]{32}$/]);
  if (!parts) return [];
  const [order, time, messageId] = parts;
  if (order !== direction(search)) throw new BadCursor();
  return behindKey(descending ? '$lt' : '$gt', { acceptedAt: new Date(Number(time)), messageId });
};

const anyOf = (values: readonly string[]): unknown =>
  values.length === 1 ? values[0] : { $in: [...values] };

const wordConditions = ({ query, hashes }: MessageWords): Conditions[] => {
  const both = (word: string): string[] => {
    const hash = hashes.get(word);
    return hash === undefined ? [word] : [word, hashedWord(hash)];
  };
  const clear = wordFilter('words', { all: [], beginnings: query.beginnings, none: [] });
  return [
    ...query.all.map((word) => ({ words: anyOf(both(word)) })),
    ...clear,
    ...(query.none.length > 0 ? [{ words: { $nin: query.none.flatMap(both) } }] : []),
  ];
};

const flagConditions: Readonly<Record<MessageFlag, Conditions>> = {
  deliveredTwice: { deliveredTwice: true },
  late: { lateReceipts: { $gt: 0 } },
  unknown: { unknown: true },
};

/** The find that answers it; also for explain. @throws BadCursor */
export const findOf = (search: MessageSearch) => {
  const { tenant, requester, userId, channel, campaign, templateId, policyId, reference } = search;
  const { reason, providerId: providerIds, class: messageClass, flag, words } = search;
  const asked = {
    userId,
    channel,
    campaign,
    templateId,
    policyId,
    reference,
    reason,
    providerIds,
    class: messageClass,
    requester: requester ?? undefined,
  };
  const { addresses, statuses } = search;
  const conditions: Conditions[] = [
    ...within('acceptedAt', search),
    ...(addresses === undefined ? [] : [{ addresses: anyOf(addresses) }]),
    ...(statuses === undefined ? [] : [{ status: anyOf(statuses) }]),
    ...(flag === undefined ? [] : [flagConditions[flag]]),
    ...(words === undefined ? [] : wordConditions(words)),
    ...behind(search),
  ];
  const order = search.descending ? -1 : 1;
  return {
    filter: {
      tenant,
      ...equalTo(asked),
      ...(conditions.length > 0 ? { $and: conditions } : {}),
    } as Filter<Document>,
    sort: { acceptedAt: order, messageId: order } as const,
    limit: fetchLimit({ limit: search.limit }),
  };
};

const fields: readonly (keyof FoundMessage)[] = [
  ...(['messageId', 'class', 'requester', 'reference', 'userId', 'campaign'] as const),
  ...(['templateId', 'templateVersion', 'strategyId', 'strategyVersion'] as const),
  ...(['policyId', 'factId', 'callbackTopic', 'acceptedAt', 'changedAt', 'endedAt'] as const),
  ...(['notBefore', 'expiresAt', 'status', 'statuses', 'reason', 'detail', 'step'] as const),
  ...(['channel', 'providerId', 'providerIds', 'attempts', 'attemptStatus', 'errorClass'] as const),
  ...(['engagement', 'lateReceipts', 'deliveredTwice', 'unknown', 'digestedInto'] as const),
  ...(['segments', 'costMicros', 'currency', 'erased', 'lane', 'places', 'placesLeftOut'] as const),
];

/** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const searchMessages = async (db: Db, search: MessageSearch): Promise<MessagePage> =>
  findPage(
    db,
    messages,
    {
      ...findOf(search),
      fields: fields.filter((field) => field !== 'places'),
      deadlineMs: search.deadlineMs,
    },
    search.limit,
    (document) => [
      direction(search),
      (document['acceptedAt'] as Date).getTime(),
      String(document['messageId']),
    ],
    foundOf,
  );

/**
 * Those that are there, in no order; at most as many as a page has.
 * @throws SearchTooCostly, DocumentsNotReady, and what the driver throws.
 */
export const readMessages = async (
  db: Db,
  tenant: TenantId,
  messageIds: readonly string[],
  deadlineMs: number,
): Promise<readonly FoundMessage[]> => {
  const ids = messageIds.map((messageId) => documentId(tenant, messageId));
  const { documents } = await findDocuments(db, messages, {
    filter: { _id: anyOf(ids) as never, tenant },
    sort: { _id: 1 },
    limit: Math.max(1, ids.length),
    fields,
    deadlineMs,
  });
  return documents.map(foundOf);
};

/** @throws SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const readMessage = async (
  db: Db,
  tenant: TenantId,
  messageId: string,
  deadlineMs: number,
): Promise<FoundMessage | null> =>
  (await readMessages(db, tenant, [messageId], deadlineMs))[0] ?? null;
