/**
 * Searches among the publications of a topic. The question is turned into one find of the server; pages go on behind the last document
 * by its sort value and its place, so that what is published meanwhile neither repeats nor hides any.
 */
import type { Db, Document } from 'mongodb';
import type { Fact } from '../../domain/fact.js';
import type { TenantId, TopicId } from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';
import { findDocuments } from '../documents/reading.js';
import { wordFilter, wordQueryOf } from '../documents/words.js';
import { BadCursor, cursorOf, fetchLimit, type Page, pageOf } from '../pages.js';
import { whereFilter, type Where } from './conditions.js';
import { publications } from './publications.js';

export const sorts = ['place', 'time', 'type', 'subject', 'key'] as const;
export type Sort = (typeof sorts)[number];

/** From when to when, both included; milliseconds since the epoch. */
export interface Span {
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
}

export interface PublicationSearch {
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  /** What may be seen of it, by the log's clock. */
  readonly visible: Span;
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

export interface SearchedPage extends Page<Fact> {
  /** Older ones were let go by a store in memory; milliseconds since the epoch, null: none were. */
  readonly keptFrom: number | null;
}

type Conditions = Record<string, unknown>;

const within = (field: string, ...spans: readonly Span[]): Conditions[] => {
  const from = spans.flatMap((span) => span.from ?? []);
  const to = spans.flatMap((span) => span.to ?? []);
  const range = {
    ...(from.length > 0 ? { $gte: new Date(Math.max(...from)) } : {}),
    ...(to.length > 0 ? { $lte: new Date(Math.min(...to)) } : {}),
  };
  return Object.keys(range).length > 0 ? [{ [field]: range }] : [];
};

const valueKinds: Record<Sort, RegExp> = {
  place: /^$/,
  time: /^-?\d{1,16}$/,
  type: /^[^\0]{1,500}$/,
  subject: /^[^\0]{1,500}$/,
  key: /^[^\0]{1,500}$/,
};

/** Behind the last of the page before. @throws BadCursor, also for the cursor of another order. */
const behind = ({ sort, descending, after }: PublicationSearch): Conditions[] => {
  const parts = cursorOf(
    { limit: 1, ...(after === undefined ? {} : { after }) },
    ...[/^[+-][a-z]+$/, valueKinds[sort], /^\d{1,15}$/],
  );
  const past = descending ? '$lt' : '$gt';
  if (!parts) return [];
  const [order = '', text = '', place = ''] = parts;
  if (order !== orderName(sort, descending)) throw new BadCursor();
  if (sort === 'place') return [{ place: { [past]: Number(place) } }];
  const value = sort === 'time' ? new Date(Number(text)) : text;
  return [
    { [sort]: { [`${past}e`]: value } },
    { $or: [{ [sort]: { [past]: value } }, { [sort]: value, place: { [past]: Number(place) } }] },
  ];
};

const orderName = (sort: Sort, descending: boolean): string => `${descending ? '-' : '+'}${sort}`;

/** The find that answers it; also for explain. @throws BadCursor */
export const findOf = (search: PublicationSearch) => {
  const { tenant, topicId, sort, descending } = search;
  const attributes = Object.entries(search.attributes ?? {}).filter(
    ([, value]) => value !== undefined,
  );
  const conditions: Conditions[] = [
    ...within('publishedAt', search.visible, search.published ?? {}),
    ...within('time', search.time ?? {}),
    ...(search.text === undefined ? [] : wordFilter('words', wordQueryOf(search.text))),
    ...(search.where === undefined ? [] : [whereFilter(search.where, 'data')]),
    // One without the attribute has no place in its order.
    ...(sort === 'subject' || sort === 'key' ? [{ [sort]: { $gte: '' } }] : []),
    ...behind(search),
  ];
  const direction = descending ? -1 : 1;
  return {
    filter: {
      ...{ tenant, topicId, ...Object.fromEntries(attributes) },
      ...(conditions.length > 0 ? { $and: conditions } : {}),
    },
    sort: { ...(sort === 'place' ? {} : { [sort]: direction }), place: direction } as const,
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

const sortValue = (document: Document, sort: Sort): string => {
  if (sort === 'place') return '';
  const value: unknown = document[sort];
  return value instanceof Date ? String(value.getTime()) : String(value);
};

const fields = ['recorded', 'place', 'position', 'publishedAt'] as const;

/** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const searchPublications = async (
  db: Db,
  search: PublicationSearch,
): Promise<SearchedPage> => {
  const { sort, descending, limit, deadlineMs } = search;
  const { documents, keptFrom } = await findDocuments(db, publications, {
    ...findOf(search),
    fields: [...new Set([...fields, sort])],
    deadlineMs,
  });
  const page = pageOf(
    documents,
    { limit },
    (document) => [
      ...[orderName(sort, descending), sortValue(document, sort), String(document['place'])],
    ],
    (document) => factOf(document, search),
  );
  return { ...page, keptFrom };
};
