/** Questions to the referrals. Points are hundredths, times milliseconds. */
import {
  live,
  numberOf,
  type Page,
  type PageRequest,
  type Reader,
  timeOf,
  timeOrNull,
} from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';

export interface SideView {
  readonly outcome: 'rewarded' | 'refused' | 'takenBack' | null;
  readonly reason: string | null;
  readonly points: number;
  readonly couponId: string | null;
}

export interface ReferralView {
  readonly newcomer: string;
  readonly referrer: string;
  readonly version: number;
  readonly referredAt: number;
  readonly qualifiesUntil: number | null;
  readonly status: 'referred' | 'qualified' | 'disqualified';
  readonly round: number;
  readonly purchaseId: string | null;
  readonly qualifiedAt: number | null;
  readonly rewards: { readonly referrer: SideView; readonly newcomer: SideView };
}

type Row = Readonly<Record<string, unknown>>;

const sideOf = (row: Row, side: 'referrer' | 'newcomer'): SideView => ({
  outcome: row[`${side}_outcome`] as SideView['outcome'],
  reason: (row[`${side}_reason`] as string | null) || null,
  points: numberOf(row[`${side}_points`] ?? 0),
  couponId: (row[`${side}_coupon`] as string | null) || null,
});

const toReferral = (row: Row): ReferralView => ({
  newcomer: String(row['newcomer']),
  referrer: String(row['referrer']),
  version: numberOf(row['version']),
  referredAt: timeOf(row['referred_at']),
  qualifiesUntil: timeOrNull(row['qualifies_until']),
  status: row['status'] as ReferralView['status'],
  round: numberOf(row['round']),
  purchaseId: row['purchase_id'] as string | null,
  qualifiedAt: timeOrNull(row['qualified_at']),
  rewards: { referrer: sideOf(row, 'referrer'), newcomer: sideOf(row, 'newcomer') },
});

export interface ReferralQuestion {
  readonly tenant: string;
  /** Null in each case: no matter which. */
  readonly referrer: string | null;
  readonly newcomer: string | null;
  readonly status: string | null;
}

const where = `tenant = $1 and ($2::text is null or referrer = $2)
  and ($3::text is null or newcomer = $3) and ($4::text is null or status = $4)`;
const parametersOf = ({ tenant, referrer, newcomer, status }: ReferralQuestion) => [
  tenant,
  referrer,
  newcomer,
  status,
];

/** The newest first. @throws BadCursor */
export const listReferrals = async (
  db: Reader,
  question: PageRequest & ReferralQuestion,
  schema = live,
): Promise<Page<ReferralView>> => {
  return readPage(db, question, {
    key: { position: 'bigint' },
    descending: true,
    values: parametersOf(question),
    sql: (after, limit) =>
      `select * from ${checkedSchema(schema)}.referrals
        where ${where} and ${after} order by position desc limit ${limit}`,
    toView: toReferral,
  });
};

export interface ReferralTotals {
  readonly referred: number;
  readonly qualified: number;
  readonly disqualified: number;
  /** By side, outcome and reason; points are those that were given and not taken back. */
  readonly rewards: readonly {
    readonly side: 'referrer' | 'newcomer';
    readonly outcome: string;
    readonly reason: string | null;
    readonly referrals: number;
    readonly points: number;
  }[];
}

/** Of all that matches. `referred` are all of them. */
export const referralTotals = async (
  db: Reader,
  question: ReferralQuestion,
  schema = live,
): Promise<ReferralTotals> => {
  const table = `${checkedSchema(schema)}.referrals`;
  const parameters = parametersOf(question);
  const { rows } = await db.query<Row>(
    `select count(*) as referred, count(*) filter (where status = 'qualified') as qualified,
        count(*) filter (where status = 'disqualified') as disqualified
      from ${table} where ${where}`,
    parameters,
  );
  const sides = ['referrer', 'newcomer'].map(
    (side) => `select '${side}' as side, ${side}_outcome as outcome,
        nullif(${side}_reason, '') as reason, count(*) as referrals,
        coalesce(sum(${side}_points) filter (where ${side}_outcome = 'rewarded'), 0) as points
      from ${table} where ${where} and ${side}_outcome is not null group by 1, 2, 3`,
  );
  const rewards = await db.query<Row>(
    `${sides.join(' union all ')} order by side desc, outcome, reason nulls first`,
    parameters,
  );
  const counts = rows[0] ?? {};
  return {
    referred: numberOf(counts['referred']),
    qualified: numberOf(counts['qualified']),
    disqualified: numberOf(counts['disqualified']),
    rewards: rewards.rows.map((row) => ({
      side: row['side'] as 'referrer' | 'newcomer',
      outcome: String(row['outcome']),
      reason: row['reason'] as string | null,
      referrals: numberOf(row['referrals']),
      points: numberOf(row['points']),
    })),
  };
};
