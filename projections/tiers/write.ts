/** The statements that bring a batch of tiers into the tables; who leaves goes last, from the tier they have by then. */
import { bigint, inOrder, instant, rowsInsert, rowsStatement, text, utcDay } from '../columns.js';
import type { Write } from '../projection.js';
import type { Leaving, ReviewMoved, TierChanges, TierDay, TierTaken } from './project.js';

const putTiers = rowsInsert<TierTaken>(
  'customer_tiers',
  {
    tenant: text((t) => t.tenant),
    user_id: text((t) => t.userId),
    tier: text((t) => t.tier),
    since: instant((t) => t.since),
    review_at: instant((t) => t.reviewAt),
    position: bigint((t) => t.position),
  },
  `(tenant, user_id) do update set tier = excluded.tier, since = excluded.since,
    review_at = excluded.review_at, position = excluded.position`,
);

const moveReviews = rowsStatement<ReviewMoved>(
  'customer_tiers.review',
  {
    tenant: text((r) => r.tenant),
    user_id: text((r) => r.userId),
    review_at: instant((r) => r.reviewAt),
    position: bigint((r) => r.position),
  },
  `update {schema}.customer_tiers as stored set review_at = c.review_at, position = c.position
    from ({rows}) as c where stored.tenant = c.tenant and stored.user_id = c.user_id`,
);

const onConflict = `(tenant, day, tier) do update
  set came = stored.came + excluded.came, went = stored.went + excluded.went`;

const addDays = rowsInsert<TierDay>(
  'tier_days',
  {
    tenant: text((d) => d.tenant),
    day: utcDay((d) => d.day),
    tier: text((d) => d.tier),
    came: bigint((d) => d.came),
    went: bigint((d) => d.went),
  },
  onConflict,
);

const leave = rowsStatement<Leaving>(
  'customer_tiers.leave',
  {
    tenant: text((l) => l.tenant),
    user_id: text((l) => l.userId),
    day: utcDay((l) => l.day),
  },
  `with gone as (
      delete from {schema}.customer_tiers as stored using ({rows}) as c
      where stored.tenant = c.tenant and stored.user_id = c.user_id
      returning stored.tenant, c.day, coalesce(stored.tier, '') as tier)
    insert into {schema}.tier_days as stored (tenant, day, tier, came, went)
    select tenant, day, tier, 0, count(*) from gone group by tenant, day, tier
    on conflict ${onConflict}`,
);

export const writeTiers = ({ taken, reviews, leaving, days }: TierChanges): Write =>
  inOrder(
    putTiers([...taken.values()]),
    moveReviews([...reviews.values()]),
    addDays([...days.values()]),
    leave([...leaving.values()]),
  );
