/**
 * What an account remembers: just what decisions need. The lines of a purchase are not kept, only where its event is; a return
 * reads them there.
 *
 * `purchases`, `returns`, `adjustments` and `coupons` are all that grows with the customer's history, one small entry each. What is
 * a map, `counts` and `progress` are changed in place by `evolveAccount`, which is only given recorded facts; deciders never touch it (they try
 * events on `points` alone).
 */
import { type Recorded, unreachable } from '../event.js';
import { foldCoupons, type HeldCoupons } from '../coupon/grants.js';
import { evolveProgress, type GameProgress, noProgress } from '../game/progress.js';
import {
  allErased,
  firstMember,
  foldHousehold,
  type Household,
  householdOf,
  withCard,
  withContacts,
} from '../household/household.js';
import type { CardNumber, MemberId, PurchaseId, ReturnId } from '../ids.js';
import {
  countSpent,
  evolveReferrals,
  noReferrals,
  type ReferralProgress,
} from '../referral/progress.js';
import { dayOf } from '../tier/figures.js';
import {
  countQualifying,
  evolveStanding,
  initialStanding,
  type Standing,
} from '../tier/standing.js';
import type { AccountEvent } from './events.js';
import {
  noProfile,
  type Profile,
  withAttributes,
  withBirthday,
  withLanguage,
  withoutPerson,
} from './profile.js';
import { foldPoints, noPoints, type Points } from './points.js';
import { foldUses, type UsesByCampaign } from './uses.js';

export interface PurchaseEntry {
  /** Of its PurchaseConfirmed in the account's stream; PointsRedeemed and PointsEarned follow it there. */
  readonly revision: number;
  /** Of its PurchaseReturned events. */
  readonly returns: readonly number[];
  /** Everything was given back. */
  readonly complete: boolean;
  /** Revision of its PurchaseCancelled. */
  readonly cancelled: number | null;
}

export type CardStatus = 'active' | 'blocked' | 'replaced';

export interface Account {
  readonly status: 'unknown' | 'open' | 'closed' | 'erased';
  /** Equality hashes of the contacts, null where none was given. */
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
  readonly cards: Map<CardNumber, CardStatus>;
  /** Null until a second person joins. */
  readonly household: Household | null;
  readonly profile: Profile;
  readonly points: Points;
  readonly purchases: Map<PurchaseId, PurchaseEntry>;
  /** Return id -> revision of its event. */
  readonly returns: Map<ReturnId, number>;
  /** Adjustment id -> revision of its event. */
  readonly adjustments: Map<string, number>;
  readonly coupons: HeldCoupons;
  readonly uses: UsesByCampaign;
  readonly counts: {
    /** Purchases of which something is left. */
    purchases: number;
  };
  readonly progress: { tier: Standing; games: GameProgress };
  readonly referrals: ReferralProgress;
}

export const initialAccount = (): Account => ({
  status: 'unknown',
  phoneHash: null,
  emailHash: null,
  cards: new Map(),
  household: null,
  profile: noProfile,
  points: noPoints(),
  purchases: new Map(),
  returns: new Map(),
  adjustments: new Map(),
  coupons: new Map(),
  uses: new Map(),
  counts: { purchases: 0 },
  progress: { tier: initialStanding, games: noProgress },
  referrals: noReferrals,
});

const noReturns: readonly number[] = [];

export const evolveAccount = (account: Account, event: Recorded<AccountEvent>): Account => {
  const { cards, purchases, returns, adjustments } = account;
  const { revision } = event;
  switch (event.type) {
    case 'CustomerEnrolled': {
      const { phoneHash, emailHash, birthday } = event.data;
      const profile = birthday === undefined ? noProfile : withBirthday(noProfile, birthday);
      return { ...account, status: 'open', phoneHash, emailHash, profile };
    }
    case 'CardIssued':
      cards.set(event.data.cardNumber, 'active');
      return carriedBy(account, event.data.cardNumber, event.data.memberId);
    case 'CardBlocked':
      cards.set(event.data.cardNumber, 'blocked');
      return account;
    case 'CardReplaced':
      cards.set(event.data.cardNumber, 'replaced');
      cards.set(event.data.replacement, 'active');
      return carriedBy(account, event.data.replacement, event.data.memberId);
    case 'PurchaseConfirmed': {
      const entry = { revision, returns: noReturns, complete: false, cancelled: null };
      purchases.set(event.data.purchaseId, entry);
      account.counts.purchases += 1;
      foldUses(account.uses, event);
      qualify(account, event);
      return spent(account, paidFor(event.data));
    }
    case 'PurchaseReturned': {
      const { purchaseId, returnId, complete } = event.data;
      const entry = purchases.get(purchaseId);
      if (entry) {
        purchases.set(purchaseId, { ...entry, returns: [...entry.returns, revision], complete });
        if (complete) account.counts.purchases -= 1;
      }
      returns.set(returnId, revision);
      foldUses(account.uses, event);
      disqualify(account, event);
      return spent(account, -event.data.refund);
    }
    case 'PurchaseCancelled': {
      const { purchaseId } = event.data;
      const entry = purchases.get(purchaseId);
      if (entry) {
        purchases.set(purchaseId, { ...entry, cancelled: revision });
        account.counts.purchases -= 1;
      }
      foldUses(account.uses, event);
      disqualify(account, event);
      return spent(account, -event.data.refund);
    }
    case 'PointsAdjusted':
      adjustments.set(event.data.adjustmentId, revision);
      return { ...account, points: foldPoints(account.points, event) };
    case 'AccountClosed':
      return { ...account, status: 'closed', points: foldPoints(account.points, event) };
    case 'PersonErased':
      return {
        ...account,
        status: 'erased',
        phoneHash: null,
        emailHash: null,
        profile: noProfile,
        household: account.household && allErased(account.household),
      };
    case 'MemberAdded':
    case 'MemberRemoved':
    case 'MemberErased':
    case 'HeadAppointed':
    case 'RedeemersNamed':
    case 'CardHandedOver':
      return withHousehold(account, foldHousehold(householdOf(account), event));
    case 'PointsRedeemed':
    case 'PointsEarned':
    case 'PointsAwarded':
    case 'PointsAwardTakenBack':
    case 'PointsRestored':
    case 'PointsClawedBack':
    case 'PointsActivated':
    case 'PointsExpired':
      return { ...account, points: foldPoints(account.points, event) };
    case 'CouponGranted':
    case 'CouponWithdrawn':
    case 'CouponRedeemed':
    case 'CouponRestored':
      foldCoupons(account.coupons, event);
      return account;
    case 'TierChanged':
    case 'TierKept':
    case 'TierGraceGranted':
    case 'TierReviewBroughtForward':
    case 'TierFiguresTakenBack':
      account.progress.tier = evolveStanding(account.progress.tier, event);
      return account;
    case 'StampsCollected':
    case 'StampsExpired':
    case 'StampCardCompleted':
    case 'StampsTakenBack':
    case 'StampCardReopened':
    case 'ChallengeAdvanced':
    case 'ChallengeCompleted':
    case 'ChallengeSetBack':
    case 'ChallengeReopened':
    case 'StreakExtended':
    case 'StreakBroken':
    case 'StreakCompleted':
    case 'StreakSetBack':
    case 'StreakReopened':
    case 'InstantWinDrawn':
    case 'InstantWinTakenBack':
      account.progress.games = evolveProgress(account.progress.games, event);
      return account;
    case 'PersonChanged':
      return withPerson(account, event.data);
    case 'CustomerAttributesSet':
      return { ...account, profile: withAttributes(account.profile, event.data) };
    case 'LanguageChosen':
      return { ...account, profile: withLanguage(account.profile, event.data.language) };
    case 'CustomerReferred':
    case 'ReferralQualified':
    case 'ReferralDisqualified':
    case 'ReferralRewarded':
    case 'ReferralRewardRefused':
    case 'ReferralRewardTakenBack':
      return { ...account, referrals: evolveReferrals(account.referrals, event) };
    default:
      return unreachable(event);
  }
};

const carriedBy = (account: Account, cardNumber: CardNumber, memberId?: MemberId): Account =>
  memberId === undefined
    ? account
    : { ...account, household: withCard(householdOf(account), cardNumber, memberId) };

/** The account's own contacts, birthday and language are those of who enrolled, while they are there. */
const withHousehold = (account: Account, household: Household): Account => {
  const first = household.members.get(firstMember);
  const { phoneHash = null, emailHash = null } = first ?? {};
  const isGone = first?.status !== 'present';
  const profile = isGone ? withoutPerson(account.profile) : account.profile;
  return { ...account, household, phoneHash, emailHash, profile };
};

type PersonChange = Extract<AccountEvent, { type: 'PersonChanged' }>['data'];

/** The birthday is that of whoever enrolled. */
const withPerson = (account: Account, told: PersonChange): Account => {
  const { memberId = firstMember, phoneHash, emailHash, birthday = null } = told;
  const { household } = account;
  const changed = household && withContacts(household, memberId, { phoneHash, emailHash });
  if (memberId !== firstMember) return { ...account, household: changed };
  const profile = withBirthday(account.profile, birthday);
  return { ...account, household: changed, phoneHash, emailHash, profile };
};

type Confirmed = Recorded<Extract<AccountEvent, { type: 'PurchaseConfirmed' }>>;

/** In money, minor units. */
const paidFor = ({ total, net = total, paidByPoints }: Confirmed['data']): number =>
  net - paidByPoints;

/** Counted for who was referred. */
const spent = (account: Account, amount: number): Account =>
  account.referrals.own === null
    ? account
    : { ...account, referrals: countSpent(account.referrals, amount) };

/** Counted for the tier on its own day, also where it came late. */
const qualify = ({ progress }: Account, { data, occurredAt }: Confirmed): void => {
  const figures = { spent: paidFor(data), earned: data.pointsEarned };
  progress.tier = countQualifying(progress.tier, dayOf(occurredAt), figures);
};

type Undone = Extract<AccountEvent, { type: 'PurchaseReturned' | 'PurchaseCancelled' }>;

/** What was given back before the programme had tiers; since then it is an event of its own. */
const disqualify = ({ progress }: Account, { data: { figures } }: Undone): void => {
  if (!figures) return;
  const { day, spent, earned } = figures;
  progress.tier = countQualifying(progress.tier, day, { spent: -spent, earned: -earned });
};
