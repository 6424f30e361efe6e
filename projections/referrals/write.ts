/** The statements that bring a batch of referrals into the table. */
import {
  bigint,
  constant,
  inOrder,
  instant,
  integer,
  rowsInsert,
  rowsStatement,
  text,
} from '../columns.js';
import type { Write } from '../projection.js';
import type { Referral, ReferralChange, ReferralChanges } from './project.js';

const insertReferrals = rowsInsert<Referral>('referrals', {
  tenant: text((r) => r.tenant),
  newcomer: text((r) => r.newcomer),
  referrer: text((r) => r.referrer),
  version: integer((r) => r.version),
  referred_at: instant((r) => r.referredAt),
  qualifies_until: instant((r) => r.qualifiesUntil),
  status: constant(`'referred'`),
  round: constant('0'),
  position: bigint((r) => r.position),
});

const changed = {
  status: text<ReferralChange>((c) => c.status),
  round: integer<ReferralChange>((c) => c.round),
  purchase_id: text<ReferralChange>((c) => c.purchaseId),
  qualified_at: instant<ReferralChange>((c) => c.qualifiedAt),
  referrer_outcome: text<ReferralChange>((c) => c.referrer.outcome),
  referrer_reason: text<ReferralChange>((c) => c.referrer.reason),
  referrer_points: bigint<ReferralChange>((c) => c.referrer.points),
  referrer_coupon: text<ReferralChange>((c) => c.referrer.coupon),
  newcomer_outcome: text<ReferralChange>((c) => c.own.outcome),
  newcomer_reason: text<ReferralChange>((c) => c.own.reason),
  newcomer_points: bigint<ReferralChange>((c) => c.own.points),
  newcomer_coupon: text<ReferralChange>((c) => c.own.coupon),
} as const;

const sets = Object.keys(changed).map(
  (column) => `${column} = coalesce(c.${column}, stored.${column})`,
);

const changeReferrals = rowsStatement<ReferralChange>(
  'referrals.change',
  { tenant: text((c) => c.tenant), newcomer: text((c) => c.newcomer), ...changed },
  `update {schema}.referrals as stored set ${sets.join(', ')}
    from ({rows}) as c where stored.tenant = c.tenant and stored.newcomer = c.newcomer`,
);

export const writeReferrals = ({ referred, changes }: ReferralChanges): Write =>
  inOrder(insertReferrals(referred), changeReferrals([...changes.values()]));
