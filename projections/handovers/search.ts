/** Who was handed one publication by pull, stream or search: by partner, way and who asked, page by page. */
import type { Db, Document } from 'mongodb';
import type { HandoverWay } from '../../domain/handover/events.js';
import type { PartnerId, TenantId, TopicId } from '../../domain/ids.js';
import type { Position } from '../../domain/fact.js';
import { behindKey, type Conditions, findPage, type FoundPage } from '../documents/searching.js';
import { cursorOf, fetchLimit } from '../pages.js';
import { handovers } from './handovers.js';
import { blockOf } from './project.js';

export interface HandoverSearch {
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  readonly place: number;
  /** Only who had it by then; milliseconds since the epoch. */
  readonly at?: number | undefined;
  /** At most 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** On the server, milliseconds. */
  readonly deadlineMs: number;
}

export interface FoundHandover {
  readonly partnerId: PartnerId;
  readonly way: HandoverWay;
  /** `credential/…` or `user/…`. */
  readonly by: string;
  /** Milliseconds since the epoch, of the log's clock; the last one to the minute. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export type HandoverPage = FoundPage<FoundHandover>;

/** Where they are answered. */
export interface HandoverSearches {
  /** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
  handovers(search: HandoverSearch): Promise<HandoverPage>;
  /** Waits for what was recorded at that position. @throws ProjectionBehind */
  reach(position: Position): Promise<void>;
}

const name = /^[a-z0-9_]{1,64}$/;
const asker = /^(credential|user)\/[a-z0-9]{0,40}$/;

/** Behind the last of the page before. @throws BadCursor */
const behind = (search: HandoverSearch): Conditions[] => {
  const parts = cursorOf({ after: search.after ?? null }, name, name, asker);
  if (!parts) return [];
  const [partnerId, way, by] = parts;
  return behindKey('$gt', { partnerId, way, by });
};

/** The find that answers it; also for explain. @throws BadCursor */
export const findOf = (search: HandoverSearch) => {
  const { tenant, topicId, place, at } = search;
  const conditions = behind(search);
  const inTime = at === undefined ? {} : { firstAt: { $lte: new Date(at) } };
  return {
    filter: {
      tenant,
      topicId,
      block: blockOf(place),
      runs: { $elemMatch: { first: { $lte: place }, last: { $gte: place }, ...inTime } },
      ...(conditions.length > 0 ? { $and: conditions } : {}),
    },
    sort: { partnerId: 1, way: 1, by: 1 } as const,
    limit: fetchLimit({ limit: search.limit }),
  };
};

interface StoredRun {
  readonly first: number;
  readonly last: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

const foundAt =
  (place: number) =>
  (document: Document): FoundHandover => {
    const runs = document['runs'] as readonly StoredRun[];
    const run = runs.find(({ first, last }) => first <= place && place <= last);
    if (!run) throw new Error(`${String(document['_id'])} was found without the place ${place}`);
    return {
      partnerId: String(document['partnerId']) as PartnerId,
      way: document['way'] as HandoverWay,
      by: String(document['by']),
      firstAt: run.firstAt.getTime(),
      lastAt: run.lastAt.getTime(),
    };
  };

/** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const searchHandovers = (db: Db, search: HandoverSearch): Promise<HandoverPage> =>
  findPage(
    db,
    handovers,
    {
      ...findOf(search),
      fields: ['partnerId', 'way', 'by', 'runs'],
      deadlineMs: search.deadlineMs,
    },
    search.limit,
    ({ partnerId, way, by }) => [String(partnerId), String(way), String(by)],
    foundAt(search.place),
  );
