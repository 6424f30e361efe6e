/**
 * Searches among the publications of a topic. The question is turned into one find of the server; pages go on behind the last document
 * by its sort value and its place, so that what is published meanwhile neither repeats nor hides any.
 */
import type { Db, Document } from 'mongodb';
import type { Fact } from '../../domain/fact.js';
import type { TenantId, TopicId } from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';
import {
  behindKey,
  type Conditions,
  equalTo,
  findPage,
  type FoundPage,
  type Span,
  within,
  withWords,
} from '../documents/searching.js';
import { BadCursor, cursorOf, fetchLimit } from '../pages.js';
import { whereFilter, type Where } from './conditions.js';
import { publications } from './publications.js';

export const sorts = ['place', 'time', 'type', 'subject', 'key'] as const;
export type Sort = (typeof sorts)[number];

export interface PublicationSearch {
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  /** What may be seen of it, by the log's clock. */
  readonly visible: Span;
  /** What has expired by then is found by nobody; milliseconds since the epoch. */
  readonly now: number;
  readonly published?: Span;
  readonly time?: Span;
  readonly attributes?: Readonly<
    Partial<Record<'type' | 'subject' | 'key' | 'source' | 'eventId', string | undefined>>
  >;
  readonly where?: Where | undefined;
  readonly text?: string | undefined;
  readonly sort: Sort;
  readonly descending: boolean;
  readonly limit: number;
  readonly after?: string | undefined;
  /** On the server, milliseconds. */
  readonly deadlineMs: number;
}

export type SearchedPage = FoundPage<Fact>;

/**
 * The field that the order is by. Places and the log's clock go together, so that of a span of time its own index gives the order, too;
 * going along the places would pass all that is not in the span.
 */
const orderedBy = ({ sort, visible, published = {} }: PublicationSearch) => {
  const spanned = [visible, published].some(({ from, to }) => from != null || to != null);
  return sort === 'place' && spanned ? 'publishedAt' : sort;
};
type OrderedBy = ReturnType<typeof orderedBy>;

const milliseconds = /^-?\d{1,16}$/;
const text = /^[^\0]{1,500}$/;
const valueKinds: Record<OrderedBy, RegExp> = {
  place: /^$/,
  publishedAt: milliseconds,
  time: milliseconds,
  type: text,
  subject: text,
  key: text,
};
const isTime = (by: OrderedBy): boolean => by === 'time' || by === 'publishedAt';

/** Behind the last of the page before. @throws BadCursor, also for the cursor of another order. */
const behind = (search: PublicationSearch): Conditions[] => {
  const { descending, after } = search;
  const by = orderedBy(search);
  const parts = cursorOf(
    { after: after ?? null },
    ...[/^[+-][a-zA-Z]+$/, valueKinds[by], /^\d{1,15}$/],
  );
  if (!parts) return [];
  const [order = '', shown = '', place = ''] = parts;
  if (order !== orderName(by, descending)) throw new BadCursor();
  const value = isTime(by) ? new Date(Number(shown)) : shown;
  const key = { ...(by === 'place' ? {} : { [by]: value }), place: Number(place) };
  return behindKey(descending ? '$lt' : '$gt', key);
};

const orderName = (by: OrderedBy, descending: boolean): string => `${descending ? '-' : '+'}${by}`;

/** The find that answers it; also for explain. @throws BadCursor */
export const findOf = (search: PublicationSearch) => {
  const { tenant, topicId, sort, descending } = search;
  const conditions: Conditions[] = [
    // Null matches what never expires. Left out only afterwards, a page would tell that there was something.
    { $or: [{ expiresAt: null }, { expiresAt: { $gt: new Date(search.now) } }] },
    ...within('publishedAt', search.visible, search.published ?? {}),
    ...within('time', search.time ?? {}),
    ...withWords(search.text),
    ...(search.where === undefined ? [] : [whereFilter(search.where, 'data')]),
    // One without the attribute has no place in its order.
    ...(sort === 'subject' || sort === 'key' ? [{ [sort]: { $gte: '' } }] : []),
    ...behind(search),
  ];
  const direction = descending ? -1 : 1;
  const by = orderedBy(search);
  return {
    filter: {
      tenant,
      topicId,
      ...equalTo(search.attributes ?? {}),
      $and: conditions,
    },
    sort: { ...(by === 'place' ? {} : { [by]: direction }), place: direction } as const,
    limit: fetchLimit({ limit: search.limit }),
  };
};

const factOf = (document: Document, { tenant, topicId }: PublicationSearch): Fact => {
  const recorded = JSON.parse(String(document['recorded'])) as Pick<
    Fact,
    'id' | 'data' | 'metadata'
  >;
  return {
    ...recorded,
    type: 'EventPublished',
    stream: publicationsStream(tenant, topicId),
    revision: Number(document['place']),
    position: BigInt(String(document['position'])),
    recordedAt: (document['publishedAt'] as Date).getTime(),
  };
};

const sortValue = (document: Document, by: OrderedBy): string => {
  if (by === 'place') return '';
  const value: unknown = document[by];
  return value instanceof Date ? String(value.getTime()) : String(value);
};

const fields = ['recorded', 'place', 'position', 'publishedAt'] as const;

/** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const searchPublications = async (
  db: Db,
  search: PublicationSearch,
): Promise<SearchedPage> => {
  const { descending, limit, deadlineMs } = search;
  const by = orderedBy(search);
  return findPage(
    db,
    publications,
    { ...findOf(search), fields: [...new Set([...fields, by])], deadlineMs },
    limit,
    (document) => [
      ...[orderName(by, descending), sortValue(document, by), String(document['place'])],
    ],
    (document) => factOf(document, search),
  );
};
