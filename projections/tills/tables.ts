/** Tables of the register. No secret and no hash of one is in them: whoever may read lists need not be able to check tokens. */

const times = `
  registered_at timestamptz not null,
  revoked_at timestamptz,
  revoked_because text,
  position bigint not null`;

export const tables = `
create table {schema}.tenants (
  tenant text primary key,
  name text not null,
  currency text not null,
  gsrn_prefix text not null,
  status text not null,${times}
);

create table {schema}.merchants (
  tenant text not null,
  merchant_id integer not null,
  name text not null,
  time_zone text not null,
  status text not null,${times},
  primary key (tenant, merchant_id)
);

create table {schema}.points_of_sale (
  tenant text not null,
  point_of_sale_id integer not null,
  merchant_id integer not null,
  name text not null,
  status text not null,${times},
  primary key (tenant, point_of_sale_id)
);

create table {schema}.tills (
  tenant text not null,
  till_id text not null,
  merchant_id integer not null,
  point_of_sale_id integer not null,
  name text not null,
  status text not null,${times},
  primary key (tenant, till_id)
);

create table {schema}.apps (
  tenant text not null,
  app_id text not null,
  name text not null,
  status text not null,${times},
  primary key (tenant, app_id)
);

create table {schema}.operators (
  tenant text not null,
  operator_id text not null,
  name text not null,
  roles text[] not null,
  merchant_id integer,
  password_changed_at timestamptz not null,
  status text not null,${times},
  primary key (tenant, operator_id)
);

create table {schema}.products (
  tenant text not null,
  product_id text not null,
  name text not null,
  merchant_id integer,
  category text,
  price bigint,
  status text not null,
  listed_at timestamptz not null,
  revised_at timestamptz,
  delisted_at timestamptz,
  delisted_because text,
  position bigint not null,
  primary key (tenant, product_id)
);

create table {schema}.programme_rules (
  tenant text not null,
  version integer not null,
  rule jsonb not null,
  set_at timestamptz not null,
  actor_kind text not null,
  actor_id text not null,
  position bigint not null,
  primary key (tenant, version)
);
`;

export const indexes = `
create index if not exists tills_by_merchant on {schema}.tills (tenant, merchant_id, point_of_sale_id);
create index if not exists points_of_sale_by_merchant on {schema}.points_of_sale (tenant, merchant_id);
`;

const names = [
  'tenants',
  'merchants',
  'points_of_sale',
  'tills',
  'apps',
  'operators',
  'products',
  'programme_rules',
] as const;

export const views: Readonly<Record<string, string>> = Object.fromEntries(
  names.map((name) => [name, `select * from {schema}.${name}`]),
);
