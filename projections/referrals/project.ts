/**
 * From the facts of both accounts to what became of each referral. Pure. The facts of a newcomer in a batch are folded into one
 * change; what a change leaves null stays as it was before the batch.
 */
import type { Fact, Position } from '../../domain/fact.js';
import type { ReferralEvent } from '../../domain/referral/events.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';

const dayMs = 86_400_000;

export const eventTypes = [
  'CustomerReferred',
  'ReferralQualified',
  'ReferralDisqualified',
  'ReferralRewarded',
  'ReferralRewardRefused',
  'ReferralRewardTakenBack',
] as const satisfies readonly ReferralEvent['type'][];

export interface Referral {
  readonly tenant: string;
  readonly newcomer: string;
  readonly referrer: string;
  readonly version: number;
  readonly referredAt: number;
  /** Null: enrolling was enough. */
  readonly qualifiesUntil: number | null;
  readonly position: Position;
}

export interface Outcome {
  outcome: 'rewarded' | 'refused' | 'takenBack' | null;
  /** Empty where there is none. */
  reason: string | null;
  points: number | null;
  coupon: string | null;
}

export interface ReferralChange {
  readonly tenant: string;
  readonly newcomer: string;
  status: 'qualified' | 'disqualified' | null;
  round: number | null;
  purchaseId: string | null;
  qualifiedAt: number | null;
  readonly referrer: Outcome;
  readonly own: Outcome;
}

export interface ReferralChanges {
  readonly referred: Referral[];
  /** By tenant and newcomer. */
  readonly changes: Map<string, ReferralChange>;
}

export const projectReferrals = (facts: readonly Fact[]): ReferralChanges => {
  const all: ReferralChanges = { referred: [], changes: new Map() };
  for (const fact of facts) apply(all, typed<ReferralEvent>(fact));
  return all;
};

const apply = (all: ReferralChanges, fact: FactOf<ReferralEvent>): void => {
  const { tenant } = fact.metadata;
  const owner = ownerOf(fact);
  switch (fact.type) {
    case 'CustomerReferred': {
      const { referrer, version, qualifies } = fact.data;
      const referredAt = occurredAtOf(fact);
      const qualifiesUntil =
        qualifies.kind === 'enrolment' ? null : referredAt + qualifies.withinDays * dayMs;
      all.referred.push({
        tenant,
        newcomer: owner,
        referrer,
        version,
        referredAt,
        qualifiesUntil,
        position: fact.position,
      });
      return;
    }
    case 'ReferralQualified': {
      const change = changeOf(all, tenant, owner);
      change.status = 'qualified';
      change.round = fact.data.round;
      change.purchaseId = fact.data.purchaseId;
      change.qualifiedAt = occurredAtOf(fact);
      return;
    }
    case 'ReferralDisqualified':
      changeOf(all, tenant, owner).status = 'disqualified';
      return;
    default:
      return rewarded(all, tenant, owner, fact);
  }
};

type Rewarding = FactOf<
  Extract<
    ReferralEvent,
    { type: 'ReferralRewarded' | 'ReferralRewardRefused' | 'ReferralRewardTakenBack' }
  >
>;

const rewarded = (all: ReferralChanges, tenant: string, owner: string, fact: Rewarding): void => {
  const { role, other } = fact.data;
  const change = changeOf(all, tenant, role === 'referrer' ? other : owner);
  const side = role === 'referrer' ? change.referrer : change.own;
  switch (fact.type) {
    case 'ReferralRewarded': {
      const { reward } = fact.data;
      side.outcome = 'rewarded';
      side.reason = '';
      side.points = reward.kind === 'points' ? reward.points : 0;
      side.coupon = reward.kind === 'coupon' ? reward.couponId : '';
      return;
    }
    case 'ReferralRewardRefused':
      side.outcome = 'refused';
      side.reason = fact.data.reason as string;
      return;
    case 'ReferralRewardTakenBack':
      side.outcome = 'takenBack';
      return;
  }
};

const nothing = (): Outcome => ({ outcome: null, reason: null, points: null, coupon: null });

const changeOf = (
  { changes }: ReferralChanges,
  tenant: string,
  newcomer: string,
): ReferralChange => {
  const key = `${tenant}/${newcomer}`;
  const known = changes.get(key);
  if (known) return known;
  const change: ReferralChange = {
    tenant,
    newcomer,
    status: null,
    round: null,
    purchaseId: null,
    qualifiedAt: null,
    referrer: nothing(),
    own: nothing(),
  };
  changes.set(key, change);
  return change;
};
