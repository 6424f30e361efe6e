/**
 * Questions to the gift cards: what is owed for them by series, what they paid by series, day and merchant, and which of them are due to
 * expire. Money is minor units, times milliseconds.
 */
import type { GiftCardId } from '../../domain/giftCard/ids.js';
import type { TenantId } from '../../domain/ids.js';
import { live, numberOf, type Page, type PageRequest, type Reader } from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';

export interface SeriesLiability {
  readonly seriesId: string;
  readonly name: string;
  readonly issuerId: number;
  readonly currency: string;
  readonly issued: number;
  readonly cardsSold: number;
  readonly sold: number;
  /** What can still be spent; of it, what is on blocked cards. */
  readonly outstanding: number;
  readonly blocked: number;
  /** On cards whose time is over, before it is taken off them. */
  readonly overdue: number;
}

/** In the order of series. Those of one issuer where `merchantId` is not null. */
export const liabilityOfCards = async (
  db: Reader,
  {
    tenant,
    merchantId,
    asOf,
    ...page
  }: {
    readonly tenant: string;
    readonly merchantId: number | null;
    readonly asOf: number;
  } & PageRequest,
  schema = live,
): Promise<Page<SeriesLiability>> => {
  const own = checkedSchema(schema);
  return readPage(db, page, {
    key: { series_id: 'text' },
    values: [tenant, merchantId, new Date(asOf)],
    sql: (after, limit) =>
      `select s.series_id, s.name, s.issuer_id, s.currency, s.issued, count(c.card) filter (where c.sold > 0) as cards_sold,
          coalesce(sum(c.sold), 0) as sold,
          coalesce(sum(c.balance) filter (where c.expires_at is null or c.expires_at > $3), 0) as outstanding,
          coalesce(sum(c.balance) filter
            (where c.blocked and (c.expires_at is null or c.expires_at > $3)), 0) as blocked,
          coalesce(sum(c.balance) filter (where c.expires_at <= $3), 0) as overdue
        from (select * from ${own}.gift_card_series
            where tenant = $1 and ($2::integer is null or issuer_id = $2) and ${after}
            order by series_id limit ${limit}) as s
          left join ${own}.gift_cards as c using (tenant, series_id)
        group by s.series_id, s.name, s.issuer_id, s.currency, s.issued order by s.series_id`,
    toView: (row) => ({
      seriesId: String(row['series_id']),
      name: String(row['name']),
      issuerId: Number(row['issuer_id']),
      currency: String(row['currency']),
      issued: numberOf(row['issued']),
      cardsSold: numberOf(row['cards_sold']),
      sold: numberOf(row['sold']),
      outstanding: numberOf(row['outstanding']),
      blocked: numberOf(row['blocked']),
      overdue: numberOf(row['overdue']),
    }),
  });
};

export interface CardDay {
  readonly day: string;
  readonly seriesId: string;
  readonly issuerId: number;
  readonly merchantId: number;
  readonly cardsSold: number;
  readonly sold: number;
  readonly charges: number;
  readonly charged: number;
  readonly refunds: number;
  readonly refunded: number;
  readonly expired: number;
}

/** By series, then day and merchant. `merchantId`: what this one issued or took; null in each case: all. */
export const cardDays = async (
  db: Reader,
  {
    tenant,
    seriesId,
    merchantId,
    from,
    to,
    ...page
  }: {
    readonly tenant: string;
    readonly seriesId: string | null;
    readonly merchantId: number | null;
    readonly from: string | null;
    readonly to: string | null;
  } & PageRequest,
  schema = live,
): Promise<Page<CardDay>> => {
  return readPage(db, page, {
    key: { series_id: 'text', day: 'date', merchant_id: 'integer' },
    values: [tenant, seriesId, merchantId, from, to],
    sql: (after, limit) =>
      `select to_char(day, 'YYYY-MM-DD') as day, series_id, issuer_id, merchant_id,
          cards_sold, sold, charges, charged, refunds, refunded, expired
        from ${checkedSchema(schema)}.gift_card_days as d
        where tenant = $1 and ($2::text is null or series_id = $2)
          and ($3::integer is null or merchant_id = $3 or issuer_id = $3)
          and ($4::date is null or day >= $4) and ($5::date is null or day <= $5) and ${after}
        order by series_id, d.day, merchant_id limit ${limit}`,
    toView: (row) => ({
      day: String(row['day']),
      seriesId: String(row['series_id']),
      issuerId: Number(row['issuer_id']),
      merchantId: Number(row['merchant_id']),
      cardsSold: numberOf(row['cards_sold']),
      sold: numberOf(row['sold']),
      charges: numberOf(row['charges']),
      charged: numberOf(row['charged']),
      refunds: numberOf(row['refunds']),
      refunded: numberOf(row['refunded']),
      expired: numberOf(row['expired']),
    }),
  });
};

export interface DueCard {
  readonly tenant: TenantId;
  readonly card: GiftCardId;
}

/** Whose time is over with something left on them, longest due first. `asOf` in milliseconds. */
export const dueCards = async (
  db: Reader,
  asOf: number,
  limit: number,
  schema = live,
): Promise<DueCard[]> => {
  const { rows } = await db.query<DueCard>(
    `select tenant, card from ${checkedSchema(schema)}.gift_cards
      where balance > 0 and expires_at <= $1 order by expires_at, tenant, card limit $2`,
    [new Date(asOf), limit],
  );
  return rows;
};
