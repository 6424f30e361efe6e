/**
 * Tables of the settlement. `settlement_entries` are the single debts with what caused them, `settlement_months` their sums by
 * month; a month is that of the merchant who took the points. The other tables are what tells whose points they were.
 */
import { timeZonesTable } from '../timeZones.js';

export const tables = `
${timeZonesTable}
create table {schema}.point_values (
  tenant text not null,
  position bigint not null,
  point_value bigint not null,
  primary key (tenant, position)
);

create table {schema}.issued_lots (
  tenant text not null,
  user_id text not null,
  lot_id text not null,
  purchase_id text not null,
  issuer_id integer not null,
  primary key (tenant, user_id, lot_id)
);

create table {schema}.redemptions (
  tenant text not null,
  user_id text not null,
  purchase_id text not null,
  taker_id integer not null,
  parts text not null,
  primary key (tenant, user_id, purchase_id)
) with (fillfactor = 90);

create table {schema}.settlement_entries (
  position bigint not null,
  part integer not null,
  tenant text not null,
  month date not null,
  issuer_id integer not null,
  taker_id integer not null,
  kind text not null,
  points bigint not null,
  value bigint not null,
  user_id text not null,
  purchase_id text not null,
  occurred_at timestamptz not null,
  primary key (position, part)
);

create table {schema}.settlement_months (
  tenant text not null,
  month date not null,
  issuer_id integer not null,
  taker_id integer not null,
  redeemed_points bigint not null,
  redeemed_value bigint not null,
  restored_points bigint not null,
  restored_value bigint not null,
  clawed_back_points bigint not null,
  clawed_back_value bigint not null,
  gift_card_value bigint not null,
  primary key (tenant, month, issuer_id, taker_id)
) with (fillfactor = 70);
`;

export const indexes = `
create index if not exists settlement_entries_by_month on {schema}.settlement_entries (tenant, month, position, part);
`;

export const views = {
  settlement_entries: 'select * from {schema}.settlement_entries',
  settlement_months: 'select * from {schema}.settlement_months',
};
