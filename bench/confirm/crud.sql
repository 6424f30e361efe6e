-- The same purchase in tables, as somebody without a log would keep it. No foreign keys: they would only slow it down.
create table balances (
  user_id text primary key,
  points bigint not null default 0,
  updated_at timestamptz not null default now()
) with (fillfactor = 70);

create table purchases (
  user_id text not null,
  purchase_id text not null,
  merchant_id integer not null,
  point_of_sale_id integer not null,
  till_id text not null,
  currency text not null,
  total bigint not null,
  points_earned bigint not null,
  points_redeemed bigint not null,
  confirmed_at timestamptz not null,
  primary key (user_id, purchase_id)
);

create table purchase_lines (
  user_id text not null,
  purchase_id text not null,
  position integer not null,
  product_id text not null,
  quantity bigint not null,
  price bigint not null,
  amount bigint not null,
  points_earned bigint not null,
  primary key (user_id, purchase_id, position)
);
