/**
 * The account as JSON and back, so that a long stream is not read from its beginning. A snapshot of another `schemaVersion` is
 * never read: raise it with every change of shape, the events are still there.
 */
import type { HeldCoupon } from '../coupon/grants.js';
import type { CouponId } from '../coupon/ids.js';
import { type GameProgressJson, progressFromJson, progressToJson } from '../game/progress.js';
import { householdFromJson, type HouseholdJson, householdToJson } from '../household/household.js';
import type { CardNumber, PurchaseId, ReturnId } from '../ids.js';
import {
  type ReferralProgressJson,
  referralsFromJson,
  referralsToJson,
} from '../referral/progress.js';
import { standingFromJson, type StandingJson, standingToJson } from '../tier/standing.js';
import type { Lot } from './lots.js';
import { pointsIn } from './lots.js';
import type { Profile } from './profile.js';
import type { Account, CardStatus, PurchaseEntry } from './state.js';
import { usesFromJson, type UsesJson, usesToJson } from './uses.js';

export const snapshotSchemaVersion = 7;

type PurchaseRow = readonly [
  id: PurchaseId,
  revision: number,
  returns: readonly number[],
  complete: boolean,
  cancelled: number | null,
];

interface AccountSnapshot {
  readonly status: Account['status'];
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
  readonly cards: readonly (readonly [CardNumber, CardStatus])[];
  readonly household: HouseholdJson | null;
  readonly profile: Profile;
  readonly active: readonly Lot[];
  readonly pending: readonly Lot[];
  readonly deficit: number;
  readonly purchases: readonly PurchaseRow[];
  readonly returns: readonly (readonly [ReturnId, number])[];
  readonly adjustments: readonly (readonly [string, number])[];
  readonly coupons: readonly (readonly [CouponId, HeldCoupon])[];
  readonly uses: UsesJson;
  readonly counts: Account['counts'];
  readonly tier: StandingJson;
  readonly games: GameProgressJson;
  readonly referrals: ReferralProgressJson;
}

const rowOf = ([id, entry]: [PurchaseId, PurchaseEntry]): PurchaseRow => [
  id,
  entry.revision,
  entry.returns,
  entry.complete,
  entry.cancelled,
];

/** Shares nothing that later events change. */
export const toSnapshot = (account: Account): AccountSnapshot => ({
  status: account.status,
  phoneHash: account.phoneHash,
  emailHash: account.emailHash,
  cards: [...account.cards],
  household: account.household && householdToJson(account.household),
  profile: account.profile,
  active: [...account.points.active],
  pending: [...account.points.pending],
  deficit: account.points.deficit,
  purchases: [...account.purchases].map(rowOf),
  returns: [...account.returns],
  adjustments: [...account.adjustments],
  coupons: [...account.coupons],
  uses: usesToJson(account.uses),
  counts: { ...account.counts },
  tier: standingToJson(account.progress.tier),
  games: progressToJson(account.progress.games),
  referrals: referralsToJson(account.referrals),
});

/** `json` is what `toSnapshot` of the same schema version gave. */
export const fromSnapshot = (json: unknown): Account => {
  const kept = json as AccountSnapshot;
  return {
    status: kept.status,
    phoneHash: kept.phoneHash,
    emailHash: kept.emailHash,
    cards: new Map(kept.cards),
    household: kept.household && householdFromJson(kept.household),
    profile: kept.profile,
    points: {
      active: [...kept.active],
      pending: [...kept.pending],
      activeTotal: pointsIn(kept.active),
      pendingTotal: pointsIn(kept.pending),
      deficit: kept.deficit,
    },
    purchases: new Map(
      kept.purchases.map(([id, revision, returns, complete, cancelled]) => [
        id,
        { revision, returns, complete, cancelled },
      ]),
    ),
    returns: new Map(kept.returns),
    adjustments: new Map(kept.adjustments),
    coupons: new Map(kept.coupons),
    uses: usesFromJson(kept.uses),
    counts: { ...kept.counts },
    progress: { tier: standingFromJson(kept.tier), games: progressFromJson(kept.games) },
    referrals: referralsFromJson(kept.referrals),
  };
};
