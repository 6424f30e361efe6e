/**
 * From facts of gift cards to what is on them and what they paid, by merchant and quarter of an hour. Pure.
 *
 * Cards tell everything by themselves: no receipt is read. What is reserved is on the card still. As with the sales, the day is the
 * merchant's and is told when the sums are written.
 */
import type { Fact } from '../../domain/fact.js';
import type { GiftCardEvent } from '../../domain/giftCard/events.js';
import { seriesOfCard } from '../../domain/giftCard/ids.js';
import type { GiftCardSeriesEvent } from '../../domain/giftCard/series.js';
import type { MerchantEvent } from '../../domain/merchant/merchant.js';
import { type FactOf, occurredAtOf, typed } from '../facts.js';
import type { TimeZone } from '../timeZones.js';

type Told = Extract<
  GiftCardEvent | GiftCardSeriesEvent | MerchantEvent,
  { type: (typeof eventTypes)[number] }
>;

export const eventTypes = [
  'MerchantRegistered',
  'GiftCardSeriesOpened',
  'GiftCardsIssued',
  'GiftCardSeriesBlocked',
  'GiftCardSeriesUnblocked',
  'GiftCardSeriesClosed',
  'GiftCardActivated',
  'GiftCardSaleCancelled',
  'GiftCardChargeSpent',
  'GiftCardRefunded',
  'GiftCardBlocked',
  'GiftCardUnblocked',
  'GiftCardExpired',
] as const;

export interface OpenedSeries {
  readonly tenant: string;
  readonly seriesId: string;
  readonly name: string;
  readonly issuerId: number;
  readonly currency: string;
}

/** Null: as it was. */
export interface SeriesChange {
  readonly tenant: string;
  readonly seriesId: string;
  issued: number | null;
  status: string | null;
}

/** By its last sale. For how much, and what is on it, is in the change beside it. */
export interface SoldCard {
  readonly tenant: string;
  readonly card: string;
  readonly seriesId: string;
  readonly soldAt: number;
  readonly expiresAt: number | null;
}

export interface CardChange {
  readonly tenant: string;
  readonly card: string;
  /** Minor units, less than nothing for what was taken or cancelled. */
  sold: number;
  balance: number;
  /** Milliseconds; null: as it was. It only ever grows. */
  expiresAt: number | null;
  blocked: boolean | null;
}

export interface CardSums {
  readonly tenant: string;
  readonly seriesId: string;
  /** Null: the issuer itself, whom the series tells. */
  readonly merchantId: number | null;
  /** Start of the quarter of an hour, milliseconds since the epoch. */
  readonly start: number;
  cardsSold: number;
  sold: number;
  charges: number;
  charged: number;
  refunds: number;
  refunded: number;
  expired: number;
}

export interface GiftCardChanges {
  readonly timeZones: readonly TimeZone[];
  readonly opened: readonly OpenedSeries[];
  readonly series: readonly SeriesChange[];
  readonly sold: readonly SoldCard[];
  readonly cards: readonly CardChange[];
  readonly sums: readonly CardSums[];
}

const quarterMs = 15 * 60_000;

export const projectGiftCards = (facts: readonly Fact[]): GiftCardChanges => {
  const timeZones: TimeZone[] = [];
  const opened: OpenedSeries[] = [];
  const sold = new Map<string, SoldCard>();
  const series = new Map<string, SeriesChange>();
  const cards = new Map<string, CardChange>();
  const sums = new Map<string, CardSums>();

  const seriesIn = (tenant: string, seriesId: string): SeriesChange =>
    found(series, `${tenant}/${seriesId}`, () => ({
      tenant,
      seriesId,
      issued: null,
      status: null,
    }));
  const cardIn = (tenant: string, card: string): CardChange =>
    found(cards, `${tenant}/${card}`, () => {
      return { tenant, card, sold: 0, balance: 0, expiresAt: null, blocked: null };
    });
  const sumIn = (fact: Fact, seriesId: string, merchantId: number | null): CardSums => {
    const { tenant } = fact.metadata;
    const start = Math.floor(occurredAtOf(fact) / quarterMs) * quarterMs;
    return found(sums, `${tenant}/${seriesId}/${merchantId}/${start}`, () => {
      return { tenant, seriesId, merchantId, start, ...noSums };
    });
  };

  for (const raw of facts) {
    const fact = typed<Told>(raw);
    const { tenant } = fact.metadata;
    switch (fact.type) {
      case 'MerchantRegistered': {
        const { merchantId, timeZone } = fact.data;
        timeZones.push({ tenant, merchantId, timeZone });
        break;
      }
      case 'GiftCardSeriesOpened': {
        const { seriesId, name, merchantId: issuerId, currency } = fact.data;
        opened.push({ tenant, seriesId, name, issuerId, currency });
        break;
      }
      case 'GiftCardsIssued': {
        const { seriesId, first, count } = fact.data;
        seriesIn(tenant, seriesId).issued = first + count;
        break;
      }
      case 'GiftCardSeriesBlocked':
      case 'GiftCardSeriesUnblocked':
      case 'GiftCardSeriesClosed':
        seriesIn(tenant, fact.data.seriesId).status = statuses[fact.type];
        break;
      case 'GiftCardActivated': {
        const { card, amount, expiresAt, merchantId } = fact.data;
        const seriesId = seriesOfCard(card);
        const soldAt = occurredAtOf(raw);
        sold.set(`${tenant}/${card}`, { tenant, card, seriesId, soldAt, expiresAt });
        const change = cardIn(tenant, card);
        change.sold += amount;
        change.balance += amount;
        const sum = sumIn(raw, seriesId, merchantId);
        sum.cardsSold += 1;
        sum.sold += amount;
        break;
      }
      case 'GiftCardSaleCancelled': {
        const { card, amount, merchantId } = fact.data;
        const change = cardIn(tenant, card);
        change.sold -= amount;
        change.balance -= amount;
        const sum = sumIn(raw, seriesOfCard(card), merchantId);
        sum.cardsSold -= 1;
        sum.sold -= amount;
        break;
      }
      case 'GiftCardBlocked':
      case 'GiftCardUnblocked':
        cardIn(tenant, fact.data.card).blocked = fact.type === 'GiftCardBlocked';
        break;
      default:
        move(fact, cardIn(tenant, fact.data.card), (merchantId) =>
          sumIn(raw, seriesOfCard(fact.data.card), merchantId),
        );
    }
  }
  return {
    timeZones,
    opened,
    sold: [...sold.values()],
    series: [...series.values()],
    cards: [...cards.values()],
    sums: [...sums.values()],
  };
};

const noSums = {
  cardsSold: 0,
  sold: 0,
  charges: 0,
  charged: 0,
  refunds: 0,
  refunded: 0,
  expired: 0,
} as const;
const statuses = {
  GiftCardSeriesBlocked: 'blocked',
  GiftCardSeriesUnblocked: 'open',
  GiftCardSeriesClosed: 'closed',
} as const;

type Moved = Extract<
  GiftCardEvent,
  { type: 'GiftCardChargeSpent' | 'GiftCardRefunded' | 'GiftCardExpired' }
>;

const move = (
  fact: FactOf<Moved>,
  card: CardChange,
  sumOf: (merchantId: number | null) => CardSums,
): void => {
  const { amount } = fact.data;
  switch (fact.type) {
    case 'GiftCardChargeSpent': {
      card.balance -= amount;
      const sum = sumOf(fact.data.merchantId);
      sum.charges += 1;
      sum.charged += amount;
      return;
    }
    case 'GiftCardRefunded': {
      card.balance += amount;
      card.expiresAt = fact.data.expiresAt;
      const sum = sumOf(fact.data.merchantId);
      sum.refunds += 1;
      sum.refunded += amount;
      return;
    }
    case 'GiftCardExpired':
      card.balance -= amount;
      sumOf(null).expired += amount;
  }
};

const found = <Entry>(entries: Map<string, Entry>, key: string, make: () => Entry): Entry => {
  let entry = entries.get(key);
  if (!entry) entries.set(key, (entry = make()));
  return entry;
};
