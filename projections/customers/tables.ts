/** Tables of the customers. Nothing readable of a person is in them: contacts are keyed hashes, the rest is encrypted. */

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
  primary key (tenant, card_number, user_id)
);
`;

export const indexes = `
create index if not exists customers_by_phone on {schema}.customers (tenant, phone_hash) where phone_hash is not null;
create index if not exists customers_by_email on {schema}.customers (tenant, email_hash) where email_hash is not null;
create index if not exists cards_by_user on {schema}.cards (tenant, user_id);
`;

export const views = {
  customers: 'select * from {schema}.customers',
  cards: 'select * from {schema}.cards',
};
