/**
 * What an account remembers of referrals: how it came itself, and what it was rewarded for. `rewards` is changed in place; an account
 * that has to do with none shares one empty state with all the others.
 */
import type { UserId } from '../ids.js';
import { unreachable } from '../event.js';
import type { GivenReward, ReferralEvent, ReferralRole } from './events.js';
import type { Qualifying } from './programme.js';

/** How the customer of this account came. */
export interface OwnReferral {
  readonly referrer: UserId;
  readonly version: number;
  readonly qualifies: Qualifying;
  readonly takeBackDays: number;
  /** Milliseconds. */
  readonly referredAt: number;
  /** Minor units, less what came back. */
  readonly spent: number;
  /** How often they qualified. */
  readonly round: number;
  readonly qualified: { readonly purchaseId: string | null; readonly at: number } | null;
}

export interface RewardEntry {
  readonly role: ReferralRole;
  readonly other: UserId;
  readonly round: number;
  readonly version: number;
  /** Milliseconds. */
  readonly at: number;
  readonly outcome: 'given' | 'refused' | 'takenBack';
  /** Null where it was refused. */
  readonly reward: GivenReward | null;
}

export interface ReferralProgress {
  readonly own: OwnReferral | null;
  readonly rewards: ReadonlyMap<string, RewardEntry>;
}

export const noReferrals: ReferralProgress = { own: null, rewards: new Map() };

/** Names a reward in its account. */
export const rewardKey = (about: {
  readonly role: ReferralRole;
  readonly other: UserId;
  readonly round: number;
}): string => `${about.role}.${about.other}.${about.round}`;

type Happened = ReferralEvent & { readonly occurredAt: number };

export const evolveReferrals = (state: ReferralProgress, event: Happened): ReferralProgress => {
  const { own } = state;
  switch (event.type) {
    case 'CustomerReferred':
      return {
        ...state,
        own: { ...event.data, referredAt: event.occurredAt, spent: 0, round: 0, qualified: null },
      };
    case 'ReferralQualified': {
      const { purchaseId, round } = event.data;
      const qualified = { purchaseId, at: event.occurredAt };
      return own ? { ...state, own: { ...own, round, qualified } } : state;
    }
    case 'ReferralDisqualified':
      return own ? { ...state, own: { ...own, qualified: null } } : state;
    case 'ReferralRewarded':
      return keep(state, event, { outcome: 'given', reward: event.data.reward });
    case 'ReferralRewardRefused':
      return keep(state, event, { outcome: 'refused', reward: null });
    case 'ReferralRewardTakenBack':
      return keep(state, event, { outcome: 'takenBack' });
    default:
      return unreachable(event);
  }
};

/** What was paid in money, or less than nothing where it was paid back. Nothing is counted for who was not referred. */
export const countSpent = (state: ReferralProgress, amount: number): ReferralProgress =>
  state.own ? { ...state, own: { ...state.own, spent: state.own.spent + amount } } : state;

type Rewarding = Extract<
  Happened,
  { type: 'ReferralRewarded' | 'ReferralRewardRefused' | 'ReferralRewardTakenBack' }
>;

const keep = (
  state: ReferralProgress,
  { data, occurredAt: at }: Rewarding,
  change: Pick<RewardEntry, 'outcome'> & Partial<Pick<RewardEntry, 'reward'>>,
): ReferralProgress => {
  const rewards =
    state.rewards === noReferrals.rewards
      ? new Map<string, RewardEntry>()
      : (state.rewards as Map<string, RewardEntry>);
  const { role, other, round, version } = data;
  const key = rewardKey(data);
  const named = { role, other, round, version };
  rewards.set(key, { reward: null, at, ...rewards.get(key), ...named, ...change });
  return { ...state, rewards };
};

export interface ReferralProgressJson {
  readonly own: OwnReferral | null;
  readonly rewards: readonly (readonly [string, RewardEntry])[];
}

export const referralsToJson = ({ own, rewards }: ReferralProgress): ReferralProgressJson => ({
  own,
  rewards: [...rewards],
});

export const referralsFromJson = ({ own, rewards }: ReferralProgressJson): ReferralProgress =>
  own === null && rewards.length === 0 ? noReferrals : { own, rewards: new Map(rewards) };
