/**
 * Tables of the gift cards. A row for each card that was sold, and for each day what became of a series at a merchant; a day is the
 * merchant's own. At all times sold + refunded - charged - expired of a series is the sum of its balances: no receipt is asked for it.
 */
import { timeZonesTable } from '../timeZones.js';

export const tables = `
${timeZonesTable}
create table {schema}.gift_card_series (
  tenant text not null,
  series_id text not null,
  name text not null,
  issuer_id integer not null,
  currency text not null,
  issued bigint not null,
  status text not null,
  primary key (tenant, series_id)
);

create table {schema}.gift_cards (
  tenant text not null,
  card text not null,
  series_id text not null,
  sold_at timestamptz not null,
  sold bigint not null,
  balance bigint not null,
  expires_at timestamptz,
  blocked boolean not null,
  primary key (tenant, card)
) with (fillfactor = 80);

create table {schema}.gift_card_days (
  tenant text not null,
  day date not null,
  series_id text not null,
  issuer_id integer not null,
  merchant_id integer not null,
  cards_sold bigint not null,
  sold bigint not null,
  charges bigint not null,
  charged bigint not null,
  refunds bigint not null,
  refunded bigint not null,
  expired bigint not null,
  primary key (tenant, series_id, day, merchant_id)
) with (fillfactor = 70);
`;

export const indexes = `
create index if not exists gift_cards_by_series on {schema}.gift_cards (tenant, series_id);
create index if not exists gift_cards_by_expiry on {schema}.gift_cards (expires_at) where balance > 0;
`;

export const views = {
  gift_card_series: 'select * from {schema}.gift_card_series',
  gift_cards: 'select * from {schema}.gift_cards',
  gift_card_days: 'select * from {schema}.gift_card_days',
};
