/** What a search among publications is asked with, the same for partners and operators, and what it answers. */
import { type Static, type TObject, Type } from '@sinclair/typebox';
import { PartnerId, type TenantId, TopicId } from '../../domain/ids.js';
import type { Span } from '../../projections/documents/searching.js';
import { BadCursor } from '../../projections/pages.js';
import {
  type PublicationSearch,
  type SearchedPage,
  type Sort,
  sorts,
} from '../../projections/publications/search.js';
import { faulty } from '../input.js';
import { minPosition } from '../pos/reading.js';
import { ShownItem } from './shownItem.js';
import { whereOf } from './where.js';

const text = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));
const time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }));

const orders = sorts.flatMap((sort) => [sort, `-${sort}`]);

export const searchQuery = {
  type: text(200, 'Of the event'),
  subject: text(500, 'Of the event'),
  key: text(200, 'Its `partitionkey`'),
  source: text(500, 'Of the event'),
  id: text(200, 'Of the event, as its publisher numbered it'),
  publishedFrom: time('Published then or later'),
  publishedTo: time('Published then or before'),
  timeFrom: time('Of the event: `time`, or when it was published where it has none'),
  timeTo: time('Of the event'),
  text: text(
    200,
    'Words of the payload and the subject, each of which must be there, whatever its case and accents; `car*` is a beginning, `-used` must ' +
      'not be there. At most 10',
  ),
  where: text(
    4_000,
    'Conditions on the payload, JSON: `{"path":"car.price","gte":1000,"lt":5000}`; `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `in`, `nin`, `exists`, ' +
      '`prefix`; combined by `{"all":[…]}`, `{"any":[…]}`, `{"not":…}`. At most 20, 5 deep',
  ),
  sort: Type.Optional(
    Type.Union(
      orders.map((order) => Type.Literal(order)),
      { default: '-place', description: 'A dash before it: downwards. What lacks it is left out' },
    ),
  ),
  at: time('Only what could be seen at that time'),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most so many' }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 2_000, description: 'The `next` of the page before' }),
  ),
  ...minPosition,
} as const;

export type SearchQuery = Static<TObject<typeof searchQuery>>;

export const SearchAnswer = Type.Object(
  {
    topicId: TopicId,
    owner: PartnerId,
    items: Type.Array(ShownItem, {
      description:
        'May be fewer than `limit` also where there is a `next`: what expired is left out',
    }),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'Send it as `after` for what follows; null at the end',
    }),
    searchedFrom: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'What was published before is not searched, but can be pulled; null: all is',
    }),
  },
  { title: 'SearchedPublications' },
);

/** Where searches are answered. */
export interface Searches {
  /** @throws BadCursor, SearchTooCostly, DocumentsNotReady */
  publications(search: PublicationSearch): Promise<SearchedPage>;
  /** Waits for what was published at that position. @throws ProjectionBehind */
  reach(position: bigint): Promise<void>;
}

/** A search that takes longer on the server is broken off. */
export const searchDeadlineMs = 3_000;
const wordsMax = 10;

const millisecondsOf = (time: string | undefined): number | null =>
  time === undefined ? null : Date.parse(time);

const textOf = ({ text }: SearchQuery): string | undefined => {
  if (text === undefined || text.split(/\s+/).length <= wordsMax) return text;
  throw faulty('query', '/text', `has more than ${wordsMax} words`);
};

/** @throws InvalidInput */
export const searchOf = (
  query: SearchQuery,
  about: {
    readonly tenant: TenantId;
    readonly topicId: TopicId;
    readonly visible: Span;
    readonly now: number;
  },
): PublicationSearch => {
  const { type, subject, key, source, id: eventId, where, sort = '-place', limit = 50 } = query;
  const descending = sort.startsWith('-');
  return {
    ...about,
    published: { from: millisecondsOf(query.publishedFrom), to: millisecondsOf(query.publishedTo) },
    time: { from: millisecondsOf(query.timeFrom), to: millisecondsOf(query.timeTo) },
    attributes: { type, subject, key, source, eventId },
    where: where === undefined ? undefined : whereOf(where),
    text: textOf(query),
    sort: (descending ? sort.slice(1) : sort) as Sort,
    descending,
    limit,
    after: query.after,
    deadlineMs: searchDeadlineMs,
  };
};

/** @throws InvalidInput for a cursor that is none, or one of another order. */
export const searched = async (
  searches: Searches,
  query: SearchQuery,
  search: PublicationSearch,
): Promise<SearchedPage> => {
  if (query.minPosition !== undefined) await searches.reach(BigInt(query.minPosition));
  try {
    return await searches.publications(search);
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error;
    throw faulty('query', '/after', 'is not the `next` of a page in this order');
  }
};
