/** Questions to the tiers: how many customers each has, now and day by day, and who they are. Days are UTC's, YYYY-MM-DD. */
import type { UserId } from '../../domain/ids.js';
import {
  cursorOf,
  fetchLimit,
  live,
  numberOf,
  type Page,
  pageOf,
  type PageRequest,
  type Reader,
  timeOf,
  timeOrNull,
} from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';
import { daysWithMembers } from './tables.js';

type Row = Readonly<Record<string, unknown>>;

export interface TierSize {
  /** Null: no tier. */
  readonly tier: string | null;
  readonly members: number;
}

/** Every tier that a customer ever had, by name, those without any first; of open accounts. */
export const tierSizes = async (
  db: Reader,
  tenant: string,
  schema = live,
): Promise<readonly TierSize[]> => {
  const { rows } = await db.query<Row>(
    `select tier, sum(came - went) as members from ${checkedSchema(schema)}.tier_days
      where tenant = $1 group by tier order by tier limit 10000`,
    [tenant],
  );
  return rows.map((row) => ({ tier: tierOf(row['tier']), members: numberOf(row['members']) }));
};

const tierOf = (stored: unknown): string | null => (stored ? String(stored) : null);

export interface TierDayView extends TierSize {
  readonly day: string;
  /** Members are those at the end of the day. */
  readonly came: number;
  readonly went: number;
}

export interface TierDaysQuestion {
  readonly tenant: string;
  /** Undefined: of all tiers; null: of those without any. */
  readonly tier: string | null | undefined;
  /** Both inclusive; null: no bound. */
  readonly from: string | null;
  readonly to: string | null;
}

/** Days on which something changed, the latest first; between two of them a tier has as many as on the earlier. @throws BadCursor */
export const tierDays = async (
  db: Reader,
  { tenant, tier, from, to, ...page }: TierDaysQuestion & PageRequest,
  schema = live,
): Promise<Page<TierDayView>> => {
  const cursor = cursorOf(page, /^\d{4}-\d\d-\d\d$/, /^[^\0]{0,200}$/) ?? [null, null];
  const { rows } = await db.query<Row>(
    `select to_char(day, 'YYYY-MM-DD') as day, tier, members, came, went
      from (${daysWithMembers.replaceAll('{schema}', checkedSchema(schema))}) as days
      where tenant = $1 and ($2::text is null or tier = $2)
        and ($3::date is null or day >= $3) and ($4::date is null or day <= $4)
        and ($5::date is null or day < $5 or (day = $5 and tier > $6))
      order by days.day desc, tier limit $7`,
    [tenant, tier === undefined ? null : (tier ?? ''), from, to, ...cursor, fetchLimit(page)],
  );
  return pageOf(
    rows,
    page,
    (row) => [String(row['day']), String(row['tier'])],
    (row) => ({
      day: String(row['day']),
      tier: tierOf(row['tier']),
      members: numberOf(row['members']),
      came: numberOf(row['came']),
      went: numberOf(row['went']),
    }),
  );
};

export interface TierMember {
  readonly userId: UserId;
  readonly tier: string | null;
  /** Since when; and when it is looked at again, null: never. Milliseconds. */
  readonly since: number;
  readonly reviewAt: number | null;
}

/** Customers with open accounts by number; of one tier where it is given, null for those without any. @throws BadCursor */
export const tierMembers = async (
  db: Reader,
  {
    tenant,
    tier,
    ...page
  }: { readonly tenant: string; readonly tier: string | null | undefined } & PageRequest,
  schema = live,
): Promise<Page<TierMember>> => {
  const which = tier === undefined ? 'true' : tier === null ? 'tier is null' : 'tier = $2';
  return readPage(db, page, {
    key: { user_id: 'text' },
    values: typeof tier === 'string' ? [tenant, tier] : [tenant],
    sql: (after, limit) =>
      `select user_id, tier, since, review_at from ${checkedSchema(schema)}.customer_tiers
        where tenant = $1 and ${which} and ${after}
        order by user_id limit ${limit}`,
    toView: (row) => ({
      userId: row['user_id'] as UserId,
      tier: tierOf(row['tier']),
      since: timeOf(row['since']),
      reviewAt: timeOrNull(row['review_at']),
    }),
  });
};
