/** One row for each customer who was brought by another: a newcomer has one referrer for life. */

const side = (name: string) => `
  ${name}_outcome text,
  ${name}_reason text,
  ${name}_points bigint,
  ${name}_coupon text,`;

export const tables = `
create table {schema}.referrals (
  tenant text not null,
  newcomer text not null,
  referrer text not null,
  version integer not null,
  referred_at timestamptz not null,
  qualifies_until timestamptz,
  status text not null,
  round integer not null,
  purchase_id text,
  qualified_at timestamptz,${side('referrer')}${side('newcomer')}
  position bigint not null,
  primary key (tenant, newcomer)
) with (fillfactor = 70);
`;

export const indexes = `
create index if not exists referrals_by_referrer on {schema}.referrals (tenant, referrer, position);
create index if not exists referrals_by_position on {schema}.referrals (tenant, position);
`;

export const views = { referrals: 'select * from {schema}.referrals' };
