/**
 * The coupon series of every tenant as decisions look them up, and whose a code is that somebody typed. In memory, fed like the
 * directory that it is a part of: a code is checked without any store (domain/coupon/codes.ts), only what became of it is in the
 * code's own stream.
 */
import { canonical, readTyped, type SeriesCodes } from '../domain/coupon/codes.js';
import type { CouponCode, SeriesId } from '../domain/coupon/ids.js';
import { type OpenedSeries, seriesEvents, type SeriesStatus } from '../domain/coupon/series.js';
import { type EventOf, unreachable } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { TenantId } from '../domain/ids.js';
import { parseStreamName } from '../domain/stream.js';
import { type CouponKeys, noCouponKeys } from './coupon/keys.js';
import type { DirectoryPart } from './directoryPart.js';
import { createShelves } from './shelves.js';

export type SeriesRecord = OpenedSeries & {
  readonly status: SeriesStatus;
  /** Codes 0 to `issued - 1` hold. */
  readonly issued: number;
  /** Milliseconds. */
  readonly openedAt: number;
  readonly closedAt?: number;
};

/** A code that holds, whatever became of it. */
export interface FoundCode {
  readonly series: SeriesRecord;
  readonly code: CouponCode;
  /** Its n; null for a word. */
  readonly place: number | null;
}

export interface Coupons extends DirectoryPart {
  /** By its name, as campaigns know it. */
  series(tenant: TenantId, id: string): SeriesRecord | undefined;
  all(tenant: TenantId): Iterable<SeriesRecord>;
  codesOf(tenant: TenantId, series: SeriesRecord): SeriesCodes | Promise<SeriesCodes>;
  /** However it is typed; null where it is none: unknown, forged or not issued. */
  find(tenant: TenantId, typed: string): Promise<FoundCode | null>;
}

interface Shelf {
  readonly byId: Map<string, SeriesRecord>;
  readonly idByNumber: Map<number, SeriesId>;
  /** By the canonical form. */
  readonly idByWord: Map<string, SeriesId>;
}

const newShelf = (): Shelf => ({ byId: new Map(), idByNumber: new Map(), idByWord: new Map() });

type SeriesEvent = EventOf<(typeof seriesEvents)[number]>;

export const createCoupons = (keys: CouponKeys = noCouponKeys): Coupons => {
  const shelves = createShelves(newShelf);
  const { at } = shelves;

  const codesOf: Coupons['codesOf'] = (tenant, series) => keys.codesOf(tenant, series);

  const find: Coupons['find'] = async (tenant, typed) => {
    const read = readTyped(typed);
    if (!read) return null;
    const { byId, idByNumber, idByWord } = at(tenant);
    if (read.kind === 'word') {
      const series = byId.get(idByWord.get(read.code) ?? '');
      return series ? { series, code: read.code, place: null } : null;
    }
    const series = byId.get(idByNumber.get(read.series) ?? '');
    if (!series) return null;
    const place = (await codesOf(tenant, series)).placeOf(read.code);
    return place === null || place >= series.issued ? null : { series, code: read.code, place };
  };

  return {
    eventTypes: new Set(seriesEvents.map(({ type }) => type)),
    apply: (fact) => file(shelves.of(fact.metadata.tenant), fact),
    series: (tenant, id) => at(tenant).byId.get(id),
    all: (tenant) => at(tenant).byId.values(),
    codesOf,
    find,
  };
};

const file = ({ byId, idByNumber, idByWord }: Shelf, fact: Fact): void => {
  const event = { type: fact.type, data: fact.data } as SeriesEvent;
  const id = (parseStreamName(fact.stream)?.id ?? '') as SeriesId;
  const change = (changes: Partial<SeriesRecord>): void => {
    const known = byId.get(id);
    if (known) byId.set(id, { ...known, ...changes });
  };
  switch (event.type) {
    case 'CouponSeriesOpened': {
      const { number, word } = event.data;
      const openedAt = Date.parse(fact.metadata.occurredAt);
      byId.set(id, { ...event.data, status: 'open', issued: 0, openedAt });
      idByNumber.set(number, id);
      if (word !== null) idByWord.set(canonical(word), id);
      return;
    }
    case 'CouponSeriesBlocked':
      return change({ status: 'blocked' });
    case 'CouponSeriesUnblocked':
      return change({ status: 'open' });
    case 'CouponSeriesClosed':
      return change({ status: 'closed', closedAt: Date.parse(fact.metadata.occurredAt) });
    case 'CouponCodesIssued':
      return change({ issued: event.data.first + event.data.count });
    default:
      return unreachable(event);
  }
};
