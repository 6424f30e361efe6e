/**
 * A series of coupons: what they are for, how long they hold and what bounds them. What a coupon gives is said by the campaigns
 * that name its series. Invariant: the terms of a series never change, so a code that was printed keeps its meaning; a series is
 * blocked for a while or closed for good.
 *
 *   open ⇄ blocked        open, blocked → closed
 */
import { Type, type Static } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { MerchantId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { codesMost } from './codes.js';
import { SeriesId } from './ids.js';
import { SeriesNumber, Word } from './numbering.js';

export const seriesStream = (tenant: TenantId, id: SeriesId) => streamName('series', tenant, id);

export const SeriesKind = Type.Union(
  [Type.Literal('personal'), Type.Literal('singleUse'), Type.Literal('multiUse')],
  {
    description:
      'personal: granted to customers, without a code to type; singleUse: many codes, each good once; multiUse: one code that many use',
  },
);
export type SeriesKind = Static<typeof SeriesKind>;

const InstantOrNull = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
  description: 'Milliseconds since the epoch, UTC; null: open',
});
const MostOrNull = (maximum: number, description: string) =>
  Type.Union([Type.Integer({ minimum: 1, maximum }), Type.Null()], { description });

/** What of an account a coupon can be granted after, by a policy of the series. */
export const grantingEvents = ['CustomerEnrolled', 'CardIssued', 'TierChanged'] as const;
export type GrantingEvent = (typeof grantingEvents)[number];

/** A limit over all customers is counted in one stream: a code for more is opened without one. */
export const usesLimitMost = 100_000;

export const SeriesTerms = Type.Object(
  {
    /** From here, and until here but not at it. */
    validFrom: InstantOrNull,
    validUntil: InstantOrNull,
    validDays: MostOrNull(3_650, 'Days that a granted coupon holds; null: as long as the series'),
    /** Whoever this happens to while the series is open is granted a coupon. */
    grantedAfter: Type.Optional(
      Type.Unsafe<GrantingEvent>(Type.String({ enum: [...grantingEvents] })),
    ),
    codesMost: Type.Integer({ minimum: 0, maximum: codesMost }),
    usesMost: MostOrNull(usesLimitMost, 'Of a code of many uses, by all customers together'),
    usesPerCustomerMost: MostOrNull(1_000, 'Of a code of many uses, by one customer'),
    merchants: Type.Union([
      Type.Array(MerchantId, { minItems: 1, maxItems: 1_000, uniqueItems: true }),
      Type.Null(),
    ]),
  },
  { additionalProperties: false },
);
export type SeriesTerms = Static<typeof SeriesTerms>;

const reason = Type.String({ maxLength: 500 });

// These names are the storage format: proof-read, version with care.
export const CouponSeriesOpened = event('CouponSeriesOpened', {
  seriesId: SeriesId,
  number: SeriesNumber,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  kind: SeriesKind,
  /** As it is printed; null where the code is derived. */
  word: Type.Union([Word, Type.Null()]),
  terms: SeriesTerms,
});
export const CouponSeriesBlocked = event('CouponSeriesBlocked', { reason });
export const CouponSeriesUnblocked = event('CouponSeriesUnblocked', { reason });
export const CouponSeriesClosed = event('CouponSeriesClosed', { reason });
/** From now on codes number `first` to `first + count - 1` hold. */
export const CouponCodesIssued = event('CouponCodesIssued', {
  first: Type.Integer({ minimum: 0, maximum: codesMost }),
  count: Type.Integer({ minimum: 1, maximum: codesMost }),
});

export const seriesEvents = [
  CouponSeriesOpened,
  CouponSeriesBlocked,
  CouponSeriesUnblocked,
  CouponSeriesClosed,
  CouponCodesIssued,
] as const;
export type SeriesEvent = EventOf<(typeof seriesEvents)[number]>;
export type OpenedSeries = EventOf<typeof CouponSeriesOpened>['data'];

export type SeriesStatus = 'open' | 'blocked' | 'closed';
export type Series =
  | { readonly status: 'unknown' }
  | { readonly status: SeriesStatus; readonly opened: OpenedSeries; readonly issued: number };

export const series: Aggregate<Series, SeriesEvent> = {
  category: 'series',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    if (event.type === 'CouponSeriesOpened') {
      return { status: 'open', opened: event.data, issued: 0 };
    }
    if (state.status === 'unknown') return state;
    switch (event.type) {
      case 'CouponSeriesBlocked':
        return { ...state, status: 'blocked' };
      case 'CouponSeriesUnblocked':
        return { ...state, status: 'open' };
      case 'CouponSeriesClosed':
        return { ...state, status: 'closed' };
      case 'CouponCodesIssued':
        return { ...state, issued: event.data.first + event.data.count };
      default:
        return unreachable(event);
    }
  },
};

type Known = Exclude<Series, { status: 'unknown' }>;

/** @throws Rejected coupon-terms-wrong, already-registered */
export const openSeries = (command: OpenedSeries, state: Series): SeriesEvent[] => {
  if (state.status !== 'unknown') {
    if (JSON.stringify(state.opened) === JSON.stringify(command)) return []; // already carried out
    throw rejected('already-registered', { seriesId: command.seriesId });
  }
  assertTerms(command);
  const opened: SeriesEvent = { type: 'CouponSeriesOpened', data: command };
  // The one code of a series of many uses holds at once; a word takes no number.
  return command.kind === 'multiUse' && command.word === null
    ? [opened, { type: 'CouponCodesIssued', data: { first: 0, count: 1 } }]
    : [opened];
};

const assertTerms = ({ kind, word, terms }: OpenedSeries): void => {
  const {
    validFrom,
    validUntil,
    validDays,
    codesMost: codes,
    usesMost,
    usesPerCustomerMost,
  } = terms;
  const wrong = (term: string, must: string) => {
    throw rejected('coupon-terms-wrong', { term, must });
  };
  if (validFrom !== null && validUntil !== null && validUntil <= validFrom) {
    wrong('validUntil', 'be after validFrom');
  }
  if (kind !== 'personal' && validDays !== null) wrong('validDays', 'be of a personal series');
  if (kind !== 'personal' && terms.grantedAfter !== undefined) {
    wrong('grantedAfter', 'be of a personal series');
  }
  if (kind !== 'multiUse' && word !== null) wrong('word', 'be of a series of many uses');
  if (kind !== 'multiUse' && usesMost !== null) wrong('usesMost', 'be of a series of many uses');
  if (kind !== 'multiUse' && usesPerCustomerMost !== null) {
    wrong('usesPerCustomerMost', 'be of a series of many uses: limit the campaign instead');
  }
  const derived = kind === 'singleUse' || (kind === 'multiUse' && word === null);
  if (!derived && codes !== 0) wrong('codesMost', 'be 0: the series has no derived codes');
  if (kind === 'singleUse' && codes === 0) wrong('codesMost', 'be more than 0');
  if (kind === 'multiUse' && derived && codes !== 1) wrong('codesMost', 'be 1: one code for all');
};

/** @throws Rejected series-not-found, series-closed */
const assertLives = (state: Series): Known => {
  if (state.status === 'unknown') throw rejected('series-not-found');
  if (state.status === 'closed') {
    throw rejected('series-closed', { seriesId: state.opened.seriesId });
  }
  return state;
};

type Why = { readonly reason: string };

/** Its coupons are refused until it is unblocked. @throws Rejected series-not-found, series-closed */
export const blockSeries = ({ reason: why }: Why, state: Series): SeriesEvent[] =>
  assertLives(state).status === 'blocked'
    ? [] // already carried out
    : [{ type: 'CouponSeriesBlocked', data: { reason: why } }];

/** @throws Rejected series-not-found, series-closed */
export const unblockSeries = ({ reason: why }: Why, state: Series): SeriesEvent[] =>
  assertLives(state).status === 'open'
    ? [] // already carried out
    : [{ type: 'CouponSeriesUnblocked', data: { reason: why } }];

/** For good. @throws Rejected series-not-found */
export const closeSeries = ({ reason: why }: Why, state: Series): SeriesEvent[] => {
  if (state.status === 'unknown') throw rejected('series-not-found');
  if (state.status === 'closed') return []; // already carried out
  return [{ type: 'CouponSeriesClosed', data: { reason: why } }];
};

/** @throws Rejected series-not-found, series-closed, series-kind-wrong, too-many-codes */
export const issueCodes = ({ count }: { readonly count: number }, state: Series): SeriesEvent[] => {
  const { opened, issued } = assertLives(state);
  const { kind, seriesId, terms } = opened;
  if (kind !== 'singleUse') throw rejected('series-kind-wrong', { seriesId, kind });
  const left = terms.codesMost - issued;
  if (count > left) throw rejected('too-many-codes', { seriesId, asked: count, left });
  return [{ type: 'CouponCodesIssued', data: { first: issued, count } }];
};
