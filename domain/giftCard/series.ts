/**
 * The series of gift cards of one tenant, in one stream, so that a number, which the cards of a series begin with, is given out once
 * and for life. Invariant: the terms of a series never change, so a card that was sold keeps its meaning.
 *
 *   open ⇄ blocked        open, blocked → closed
 *
 * A blocked series pays nothing until it is unblocked. A closed one sells no more cards; those that were sold stay good: they are
 * money that somebody paid.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Currency, Money } from '../amount.js';
import { codesMost, seriesNumberMost } from '../coupon/codes.js';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { MerchantId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { GiftCardSeriesId } from './ids.js';

export const giftCardSeriesStream = (tenant: TenantId) =>
  streamName('giftCardSeries', tenant, 'all');

/** What a till may put on a card: the same bound twice for a fixed amount. Minor units. */
export const GiftCardTerms = Type.Object(
  {
    least: Money,
    most: Money,
    validDays: Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()], {
      description: 'From the sale of a card; null: for ever',
    }),
    merchants: Type.Union(
      [Type.Array(MerchantId, { minItems: 1, maxItems: 1_000, uniqueItems: true }), Type.Null()],
      { description: 'Who takes the cards; null: every merchant of the programme' },
    ),
    cardsMost: Type.Integer({ minimum: 1, maximum: codesMost }),
  },
  { additionalProperties: false },
);
export type GiftCardTerms = Static<typeof GiftCardTerms>;

const seriesId = GiftCardSeriesId;
const reason = Type.String({ maxLength: 500 });

// These names are the storage format: proof-read, version with care.
export const GiftCardSeriesOpened = event('GiftCardSeriesOpened', {
  seriesId,
  number: Type.Integer({ minimum: 1, maximum: seriesNumberMost }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  /** Who sells the cards and owes what is on them. */
  merchantId: MerchantId,
  currency: Currency,
  terms: GiftCardTerms,
});
/** From now on cards number `first` to `first + count - 1` can be sold. */
export const GiftCardsIssued = event('GiftCardsIssued', {
  seriesId,
  first: Type.Integer({ minimum: 0, maximum: codesMost }),
  count: Type.Integer({ minimum: 1, maximum: codesMost }),
});
export const GiftCardSeriesBlocked = event('GiftCardSeriesBlocked', { seriesId, reason });
export const GiftCardSeriesUnblocked = event('GiftCardSeriesUnblocked', { seriesId, reason });
export const GiftCardSeriesClosed = event('GiftCardSeriesClosed', { seriesId, reason });

export const giftCardSeriesEvents = [
  GiftCardSeriesOpened,
  GiftCardsIssued,
  GiftCardSeriesBlocked,
  GiftCardSeriesUnblocked,
  GiftCardSeriesClosed,
] as const;
export type GiftCardSeriesEvent = EventOf<(typeof giftCardSeriesEvents)[number]>;
export type OpenedGiftCardSeries = EventOf<typeof GiftCardSeriesOpened>['data'];

export interface GiftCardSeries {
  readonly opened: OpenedGiftCardSeries;
  readonly status: 'open' | 'blocked' | 'closed';
  readonly issued: number;
}

/** By id, in the order of their numbers; changed in place by `evolve`. */
export type AllGiftCardSeries = Map<GiftCardSeriesId, GiftCardSeries>;

export const foldSeries = (all: AllGiftCardSeries, event: GiftCardSeriesEvent): void => {
  const { seriesId: id } = event.data;
  const change = (changes: Partial<GiftCardSeries>): void => {
    const known = all.get(id);
    if (known) all.set(id, { ...known, ...changes });
  };
  switch (event.type) {
    case 'GiftCardSeriesOpened':
      all.set(id, { opened: event.data, status: 'open', issued: 0 });
      return;
    case 'GiftCardsIssued':
      return change({ issued: event.data.first + event.data.count });
    case 'GiftCardSeriesBlocked':
      return change({ status: 'blocked' });
    case 'GiftCardSeriesUnblocked':
      return change({ status: 'open' });
    case 'GiftCardSeriesClosed':
      return change({ status: 'closed' });
    default:
      return unreachable(event);
  }
};

export const giftCardSeries: Aggregate<AllGiftCardSeries, GiftCardSeriesEvent> = {
  category: 'giftCardSeries',
  initial: () => new Map(),
  evolve: (all, event) => {
    foldSeries(all, event);
    return all;
  },
};

/** @throws Rejected gift-card-terms-wrong, already-registered, too-many-series */
export const openGiftCardSeries = (
  command: Omit<OpenedGiftCardSeries, 'number'>,
  all: AllGiftCardSeries,
): GiftCardSeriesEvent[] => {
  const known = all.get(command.seriesId);
  const data = { ...command, number: known?.opened.number ?? all.size + 1 };
  if (known) {
    if (sameOpening(known.opened, data)) return []; // already carried out
    throw rejected('already-registered', { seriesId: command.seriesId });
  }
  const { least, most } = command.terms;
  if (least < 1) throw rejected('gift-card-terms-wrong', { term: 'least', must: 'be above 0' });
  if (most < least) {
    throw rejected('gift-card-terms-wrong', { term: 'most', must: 'be no less than least' });
  }
  if (data.number > seriesNumberMost) throw rejected('too-many-series', { most: seriesNumberMost });
  return [{ type: 'GiftCardSeriesOpened', data }];
};

/** However their fields are ordered. */
const sameOpening = (one: OpenedGiftCardSeries, other: OpenedGiftCardSeries): boolean => {
  const flat = ({ terms, ...rest }: OpenedGiftCardSeries) =>
    JSON.stringify(Object.entries({ ...rest, ...terms }).sort(([a], [b]) => (a < b ? -1 : 1)));
  return flat(one) === flat(other);
};

interface OfSeries {
  readonly seriesId: GiftCardSeriesId;
}
type WithReason = OfSeries & { readonly reason: string };

/** @throws Rejected series-not-found */
const knownSeries = ({ seriesId: id }: OfSeries, all: AllGiftCardSeries): GiftCardSeries => {
  const known = all.get(id);
  if (!known) throw rejected('series-not-found', { seriesId: id });
  return known;
};

/** @throws Rejected series-not-found, series-closed */
const livingSeries = (command: OfSeries, all: AllGiftCardSeries): GiftCardSeries => {
  const known = knownSeries(command, all);
  if (known.status === 'closed') throw rejected('series-closed', { seriesId: command.seriesId });
  return known;
};

/** @throws Rejected series-not-found, series-closed, too-many-codes */
export const issueGiftCards = (
  { seriesId: id, count }: OfSeries & { readonly count: number },
  all: AllGiftCardSeries,
): GiftCardSeriesEvent[] => {
  const { opened, issued } = livingSeries({ seriesId: id }, all);
  const left = opened.terms.cardsMost - issued;
  if (count > left) throw rejected('too-many-codes', { seriesId: id, asked: count, left });
  return [{ type: 'GiftCardsIssued', data: { seriesId: id, first: issued, count } }];
};

/** @throws Rejected series-not-found, series-closed */
export const blockGiftCardSeries = (
  { seriesId: id, reason: why }: WithReason,
  all: AllGiftCardSeries,
): GiftCardSeriesEvent[] =>
  livingSeries({ seriesId: id }, all).status === 'blocked'
    ? [] // already carried out
    : [{ type: 'GiftCardSeriesBlocked', data: { seriesId: id, reason: why } }];

/** @throws Rejected series-not-found, series-closed */
export const unblockGiftCardSeries = (
  { seriesId: id, reason: why }: WithReason,
  all: AllGiftCardSeries,
): GiftCardSeriesEvent[] =>
  livingSeries({ seriesId: id }, all).status === 'open'
    ? [] // already carried out
    : [{ type: 'GiftCardSeriesUnblocked', data: { seriesId: id, reason: why } }];

/** For good; a blocked one pays again what was sold of it. @throws Rejected series-not-found */
export const closeGiftCardSeries = (
  { seriesId: id, reason: why }: WithReason,
  all: AllGiftCardSeries,
): GiftCardSeriesEvent[] => {
  const { status } = knownSeries({ seriesId: id }, all);
  if (status === 'closed') return []; // already carried out
  return [{ type: 'GiftCardSeriesClosed', data: { seriesId: id, reason: why } }];
};
