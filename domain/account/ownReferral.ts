/**
 * The newcomer's side of a referral: whether a purchase does what is asked of them, and whether a return undoes it. Judged with the
 * purchase, in its append, by the terms that were recorded when they enrolled: nothing is looked up, and an account that was not
 * referred is asked one question.
 */
import type { PurchaseId, UserId } from '../ids.js';
import type { OwnReferral, ReferralProgress } from '../referral/progress.js';
import type { VersionedReferrals } from '../referral/programme.js';
import type { AccountEvent } from './events.js';
import { because } from './explain.js';

const dayMs = 86_400_000;
const none: readonly AccountEvent[] = [];

/** What an enrolment records of who brought the customer. */
export const referredBy = (
  referrer: UserId,
  { version, programme }: VersionedReferrals,
): AccountEvent[] => {
  const { qualifies, takeBackDays } = programme;
  const events: AccountEvent[] = [
    { type: 'CustomerReferred', data: { referrer, version, qualifies, takeBackDays } },
  ];
  if (qualifies.kind === 'enrolment') {
    const why = [because('referral-by-enrolment', { version })];
    const data = { referrer, version, round: 1, purchaseId: null, spent: 0, why };
    events.push({ type: 'ReferralQualified', data });
  }
  return events;
};

interface Paid {
  readonly purchaseId: PurchaseId;
  /** Minor units in money, after discounts and points. */
  readonly paid: number;
  /** Milliseconds: as of when the receipt is decided. */
  readonly at: number;
}

/** The state is that before the purchase. */
export const referralAfterPurchase = (
  { own }: ReferralProgress,
  { purchaseId, paid, at }: Paid,
): readonly AccountEvent[] => {
  if (own === null || own.qualified !== null || own.qualifies.kind === 'enrolment') return none;
  const { referrer, version, qualifies, referredAt } = own;
  if (at < referredAt || at >= referredAt + qualifies.withinDays * dayMs) return none;
  const spent = Math.max(0, own.spent + paid);
  const needed = qualifies.kind === 'spent' ? qualifies.amount : qualifies.minimum;
  if ((qualifies.kind === 'spent' ? spent : paid) < needed) return none;
  const why = [
    qualifies.kind === 'spent'
      ? because('referral-by-spending', { version, spent, needed })
      : because('referral-by-purchase', { version, purchaseId, paid, needed }),
  ];
  const data = { referrer, version, round: own.round + 1, purchaseId, spent, why };
  return [{ type: 'ReferralQualified', data }];
};

interface PaidBack extends Paid {
  /** Nothing of the purchase is left. */
  readonly complete: boolean;
  /** Of the return, or of the purchase where it is cancelled. */
  readonly cause: string;
}

/** `paid` is what is paid back. The state is that before the return. */
export const referralAfterReturn = (
  { own }: ReferralProgress,
  { purchaseId, paid, at, complete, cause }: PaidBack,
): readonly AccountEvent[] => {
  if (own?.qualified == null || own.takeBackDays === 0) return none;
  const { referrer, version, round, qualified } = own;
  const days = own.takeBackDays;
  if (at >= qualified.at + days * dayMs) return none;
  const spent = Math.max(0, own.spent - paid);
  if (!isUndone(own, { purchaseId, complete, spent })) return none;
  const why = [because('referral-undone', { purchaseId, spent, days })];
  const data = { referrer, version, round, purchaseId, cause, spent, why };
  return [{ type: 'ReferralDisqualified', data }];
};

const isUndone = (
  { qualifies, qualified }: OwnReferral,
  returned: Pick<PaidBack, 'purchaseId' | 'complete'> & { readonly spent: number },
): boolean => {
  switch (qualifies.kind) {
    case 'enrolment':
      return false;
    case 'firstPurchase':
      return returned.complete && returned.purchaseId === qualified?.purchaseId;
    case 'spent':
      return returned.spent < qualifies.amount;
  }
};
