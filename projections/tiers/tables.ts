/**
 * Tables of the tiers: a row per open account, and who came to and went from each tier on a day. How many there were at its end is
 * added up by the view, so a day that is written late needs no other day corrected.
 *
 * Days are UTC's, and those on which the log took the facts: a late receipt is judged when it arrives, and nobody has a tier before
 * they joined.
 */

export const tables = `
create table {schema}.customer_tiers (
  tenant text not null,
  user_id text not null,
  tier text,
  since timestamptz not null,
  review_at timestamptz,
  position bigint not null,
  primary key (tenant, user_id)
);

create table {schema}.tier_days (
  tenant text not null,
  day date not null,
  tier text not null,
  came bigint not null,
  went bigint not null,
  primary key (tenant, day, tier)
);
`;

export const indexes = `
create index if not exists customer_tiers_by_tier on {schema}.customer_tiers (tenant, tier, user_id);
`;

/** Of schema `{schema}`: with the customers at the end of each day. */
export const daysWithMembers = `select tenant, day, tier, came, went,
    (sum(came - went) over (partition by tenant, tier order by day))::bigint as members
  from {schema}.tier_days`;

export const views = {
  customer_tiers: 'select * from {schema}.customer_tiers',
  tier_days: daysWithMembers,
};
