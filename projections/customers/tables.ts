/**
 * Tables of the customers. Nothing readable of a person is in them: contacts are keyed hashes, the rest is encrypted.
 *
 * Households and members have rows from the second person of an account on, then for who enrolled too; the row in customers is
 * their copy, since most accounts are of one person.
 */

export const tables = `
create table {schema}.customers (
  tenant text not null,
  user_id text not null,
  status text not null,
  person text,
  phone_hash text,
  email_hash text,
  merchant_id integer,
  enrolled_at timestamptz not null,
  closed_at timestamptz,
  erased_at timestamptz,
  position bigint not null,
  language text,
  primary key (tenant, user_id)
);

create table {schema}.cards (
  tenant text not null,
  card_number text not null,
  user_id text not null,
  status text not null,
  replaced_by text,
  reason text,
  issued_at timestamptz not null,
  changed_at timestamptz not null,
  position bigint not null,
  member_id integer,
  primary key (tenant, card_number, user_id)
);

create table {schema}.households (
  tenant text not null,
  user_id text not null,
  head integer not null,
  redeemers text,
  primary key (tenant, user_id)
);

create table {schema}.members (
  tenant text not null,
  user_id text not null,
  member_id integer not null,
  status text not null,
  person text,
  phone_hash text,
  email_hash text,
  merchant_id integer,
  joined_at timestamptz not null,
  left_at timestamptz,
  erased_at timestamptz,
  primary key (tenant, user_id, member_id)
);
`;

export const indexes = `
create index if not exists customers_by_phone on {schema}.customers (tenant, phone_hash) where phone_hash is not null;
create index if not exists customers_by_email on {schema}.customers (tenant, email_hash) where email_hash is not null;
create index if not exists members_by_phone on {schema}.members (tenant, phone_hash) where phone_hash is not null;
create index if not exists members_by_email on {schema}.members (tenant, email_hash) where email_hash is not null;
create index if not exists cards_by_user on {schema}.cards (tenant, user_id);
`;

export const views = {
  customers: 'select * from {schema}.customers',
  cards: 'select * from {schema}.cards',
  households: 'select * from {schema}.households',
  members: 'select * from {schema}.members',
};
