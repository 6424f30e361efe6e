/**
 * Searches among the attempts of subscriptions, the latest first. Whoever asks says which subscriptions; whose they are is not known
 * here. Pages go on behind the last attempt by its time and number, and, since a number is of one subscription alone, by that where
 * there are several.
 */
import type { Db, Document } from 'mongodb';
import type { Attempt, AttemptCause } from '../../domain/delivery/events.js';
import type { SubscriptionId, TenantId } from '../../domain/ids.js';
import {
  behindKey,
  type Conditions,
  equalTo,
  findPage,
  type FoundPage,
  within,
  withWords,
} from '../documents/searching.js';
import { cursorOf, fetchLimit, wholeNumber } from '../pages.js';
import { attempts } from './attempts.js';

export interface AttemptSearch {
  readonly tenant: TenantId;
  /** At most `subscriptionsMax`; of one the answer is the fastest. */
  readonly subscriptions: readonly SubscriptionId[];
  readonly outcome?: Attempt['outcome'] | undefined;
  /** Of HTTP. */
  readonly status?: number | undefined;
  /** How it failed. */
  readonly error?: NonNullable<Attempt['error']>['code'] | undefined;
  readonly cause?: AttemptCause | undefined;
  readonly job?: string | undefined;
  readonly webhookId?: string | undefined;
  /** Of the publication in its topic. */
  readonly place?: number | undefined;
  readonly eventId?: string | undefined;
  /** When it began, both included, milliseconds since the epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Words of the error and of the answer: `gateway time* -retry`. */
  readonly text?: string | undefined;
  /** At most 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** On the server, milliseconds. */
  readonly deadlineMs: number;
}

export type FoundAttempt = Attempt & { readonly subscriptionId: SubscriptionId };

export type AttemptPage = FoundPage<FoundAttempt>;

export const subscriptionsMax = 200;

/** Where they are answered. */
export interface AttemptSearches {
  /** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
  attempts(search: AttemptSearch): Promise<AttemptPage>;
  /** Waits for the attempts that were recorded at that position. @throws ProjectionBehind */
  reach(position: bigint): Promise<void>;
}

const ofSeveral = ({ subscriptions }: AttemptSearch): boolean => subscriptions.length > 1;
const subscriptionName = /^[^\0]{1,100}$/;

/** Behind the last of the page before. @throws BadCursor */
const behind = (search: AttemptSearch): Conditions[] => {
  const parts = cursorOf(
    { after: search.after ?? null },
    ...[wholeNumber, wholeNumber, ...(ofSeveral(search) ? [subscriptionName] : [])],
  );
  if (!parts) return [];
  const [time, number, subscriptionId] = parts;
  return behindKey('$lt', {
    startedAt: new Date(Number(time)),
    number: Number(number),
    ...(subscriptionId === undefined ? {} : { subscriptionId }),
  });
};

const latestFirst = { startedAt: -1, number: -1 } as const;

/** The find that answers it; also for explain. @throws BadCursor */
export const findOf = (search: AttemptSearch) => {
  const { tenant, subscriptions, outcome, status, error, cause, job, webhookId, place } = search;
  const [only] = subscriptions;
  const asked = { outcome, status, error, cause, job, webhookId };
  const conditions: Conditions[] = [
    ...within('startedAt', search),
    ...withWords(search.text),
    ...behind(search),
  ];
  return {
    filter: {
      tenant,
      subscriptionId: subscriptions.length === 1 && only ? only : { $in: [...subscriptions] },
      ...equalTo({ ...asked, places: place, eventIds: search.eventId }),
      ...(conditions.length > 0 ? { $and: conditions } : {}),
    },
    sort: ofSeveral(search) ? ({ ...latestFirst, subscriptionId: -1 } as const) : latestFirst,
    limit: fetchLimit({ limit: search.limit }),
  };
};

const attemptOf = (document: Document): FoundAttempt => ({
  ...(JSON.parse(String(document['recorded'])) as Attempt),
  subscriptionId: String(document['subscriptionId']) as SubscriptionId,
});

/** @throws BadCursor, SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const searchAttempts = async (db: Db, search: AttemptSearch): Promise<AttemptPage> => {
  if (search.subscriptions.length === 0) return { rows: [], next: null, keptFrom: null };
  if (search.subscriptions.length > subscriptionsMax) {
    throw new Error(`Attempts of at most ${subscriptionsMax} subscriptions are searched at once.`);
  }
  return findPage(
    db,
    attempts,
    {
      ...findOf(search),
      fields: ['recorded', 'subscriptionId', 'startedAt', 'number'],
      deadlineMs: search.deadlineMs,
    },
    search.limit,
    (document) => [
      ...[(document['startedAt'] as Date).getTime(), Number(document['number'])],
      ...(ofSeveral(search) ? [String(document['subscriptionId'])] : []),
    ],
    attemptOf,
  );
};
