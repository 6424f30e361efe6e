/** Tables of the balances. Points are hundredths, times are business time unless named otherwise. */

export const tables = `
create table {schema}.balances (
  tenant text not null,
  user_id text not null,
  status text not null,
  active bigint not null,
  pending bigint not null,
  deficit bigint not null,
  earned_total bigint not null,
  redeemed_total bigint not null,
  restored_total bigint not null,
  clawed_back_total bigint not null,
  adjusted_total bigint not null,
  expired_total bigint not null,
  forfeited_total bigint not null,
  purchases bigint not null,
  last_purchase_at timestamptz,
  enrolled_at timestamptz,
  position bigint not null,
  primary key (tenant, user_id)
) with (fillfactor = 80);

create table {schema}.ledger (
  tenant text not null,
  user_id text not null,
  revision bigint not null,
  position bigint not null,
  occurred_at timestamptz not null,
  kind text not null,
  points bigint not null,
  active_change bigint not null,
  pending_change bigint not null,
  deficit_change bigint not null,
  purchase_id text,
  lot_id text,
  merchant_id integer,
  note text,
  primary key (tenant, user_id, revision)
);

create table {schema}.lots (
  tenant text not null,
  user_id text not null,
  lot_id text not null,
  merchant_id integer,
  purchase_id text,
  earned bigint not null,
  remaining bigint not null,
  activated boolean not null,
  earned_at timestamptz not null,
  activates_at timestamptz not null,
  expires_at timestamptz,
  position bigint not null,
  primary key (tenant, user_id, lot_id)
) with (fillfactor = 90);
`;

export const indexes = `
create index if not exists lots_to_activate on {schema}.lots (activates_at) where not activated and remaining > 0;
create index if not exists lots_to_expire on {schema}.lots (expires_at) where remaining > 0 and expires_at is not null;
`;

export const views = {
  balances: 'select * from {schema}.balances',
  ledger: 'select * from {schema}.ledger',
  lots: 'select * from {schema}.lots',
};
