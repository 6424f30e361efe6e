/**
 * The series of gift cards of every tenant as decisions look them up, and which card a number is that somebody typed. In memory, fed
 * like the directory that it is a part of: a number is checked without any store, what is on the card is in the card's own stream.
 */
import { readTyped, type SeriesCodes } from '../domain/coupon/codes.js';
import type { Fact } from '../domain/fact.js';
import { type GiftCardId, giftCardId, type GiftCardSeriesId } from '../domain/giftCard/ids.js';
import {
  type AllGiftCardSeries,
  foldSeries,
  type GiftCardSeries,
  type GiftCardSeriesEvent,
  giftCardSeriesEvents,
} from '../domain/giftCard/series.js';
import type { TenantId } from '../domain/ids.js';
import { type CouponKeys, noCouponKeys } from './coupon/keys.js';
import type { DirectoryPart } from './directoryPart.js';
import { createShelves } from './shelves.js';

/** Of their keys: see createCouponKeys. */
export const giftCardKeyPurpose = 'gift card series';

/** A card that was issued, whatever became of it. */
export interface FoundGiftCard {
  readonly card: GiftCardId;
  readonly series: GiftCardSeries;
}

export interface GiftCards extends DirectoryPart {
  series(tenant: TenantId, id: GiftCardSeriesId): GiftCardSeries | undefined;
  all(tenant: TenantId): Iterable<GiftCardSeries>;
  /** Numbers of cards by their places. */
  numbersOf(tenant: TenantId, series: GiftCardSeries): SeriesCodes | Promise<SeriesCodes>;
  /** However it is typed; null where it is none: unknown, forged or not issued. */
  find(tenant: TenantId, typed: string): Promise<FoundGiftCard | null>;
}

interface Shelf {
  readonly all: AllGiftCardSeries;
  readonly idByNumber: Map<number, GiftCardSeriesId>;
}

const newShelf = (): Shelf => ({ all: new Map(), idByNumber: new Map() });

export const createGiftCards = (keys: CouponKeys = noCouponKeys): GiftCards => {
  const shelves = createShelves(newShelf);
  const { at } = shelves;

  const file = (fact: Fact): void => {
    const { tenant } = fact.metadata;
    const event = { type: fact.type, data: fact.data } as GiftCardSeriesEvent;
    const shelf = shelves.of(tenant);
    foldSeries(shelf.all, event);
    if (event.type !== 'GiftCardSeriesOpened') return;
    shelf.idByNumber.set(event.data.number, event.data.seriesId);
  };

  const numbersOf: GiftCards['numbersOf'] = (tenant, { opened }) => keys.codesOf(tenant, opened);

  return {
    eventTypes: new Set(giftCardSeriesEvents.map(({ type }) => type)),
    apply: file,
    series: (tenant, id) => at(tenant).all.get(id),
    all: (tenant) => at(tenant).all.values(),
    numbersOf,
    find: async (tenant, typed) => {
      const read = readTyped(typed);
      if (read?.kind !== 'derived') return null;
      const { all, idByNumber } = at(tenant);
      const id = idByNumber.get(read.series);
      const series = id === undefined ? undefined : all.get(id);
      if (id === undefined || !series) return null;
      const place = (await numbersOf(tenant, series)).placeOf(read.code);
      return place === null || place >= series.issued
        ? null
        : { card: giftCardId(id, place), series };
    },
  };
};
