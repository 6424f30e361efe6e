/**
 * How far a customer has come in each game: what the account keeps, changed only by recorded facts.
 *
 * Bounded: one small entry for a game, and of what was completed only as much as returns can still ask about. No figure is ever
 * negative.
 */
import { unreachable } from '../event.js';
import type { PurchaseId } from '../ids.js';
import type { GameName, GameReward, Period } from './definition.js';
import type { GameProgressData, GameProgressEvent } from './events.js';
import { periodNumber } from './periods.js';

/** Completed rounds that can be reopened: as many as one purchase completes at most, so that its return takes all of them back. */
export const roundsKept = 100;
/** A month of daily ones. */
const challengePeriodsKept = 31;
const streakPeriodsKept = 130;

export interface CompletedRound {
  readonly purchaseId: PurchaseId;
  readonly round: number;
  readonly goal: number;
  readonly reward: GameReward;
  readonly begun: number | null;
}

export interface CardProgress {
  /** On the card that is being filled. */
  readonly stamps: number;
  /** When it got its first stamp (ms). */
  readonly begun: number | null;
  /** When stamps were last declared void (ms). */
  readonly expiredAt: number | null;
  /** How many cards were completed. */
  readonly rounds: number;
  /** The last of them. */
  readonly completed: readonly CompletedRound[];
}

export interface ChallengePeriod {
  readonly period: string;
  readonly progress: number;
  readonly completed: {
    readonly purchaseId: PurchaseId;
    readonly goal: number;
    readonly reward: GameReward;
  } | null;
}

export interface StreakProgress {
  readonly every: Period;
  /** In order: the number of a period, and how many purchases count for it. */
  readonly periods: readonly (readonly [number: number, purchases: number])[];
  readonly rewarded: readonly {
    readonly purchaseId: PurchaseId;
    readonly period: string;
    readonly length: number;
    readonly reward: GameReward;
  }[];
}

export interface GameProgress {
  readonly cards: ReadonlyMap<GameName, CardProgress>;
  /** The latest period last. */
  readonly challenges: ReadonlyMap<GameName, readonly ChallengePeriod[]>;
  readonly streaks: ReadonlyMap<GameName, StreakProgress>;
}

export const noProgress: GameProgress = {
  cards: new Map(),
  challenges: new Map(),
  streaks: new Map(),
};

export const noCard: CardProgress = {
  stamps: 0,
  begun: null,
  expiredAt: null,
  rounds: 0,
  completed: [],
};

const put = <Entry>(
  entries: ReadonlyMap<GameName, Entry>,
  name: GameName,
  entry: Entry,
): ReadonlyMap<GameName, Entry> => new Map(entries).set(name, entry);

export const evolveProgress = (progress: GameProgress, event: GameProgressEvent): GameProgress => {
  switch (event.type) {
    case 'StampsCollected':
    case 'StampsExpired':
    case 'StampCardCompleted':
    case 'StampsTakenBack':
    case 'StampCardReopened': {
      const { card } = event.data;
      const entry = evolveCard(progress.cards.get(card) ?? noCard, event);
      return { ...progress, cards: put(progress.cards, card, entry) };
    }
    case 'ChallengeAdvanced':
    case 'ChallengeCompleted':
    case 'ChallengeSetBack':
    case 'ChallengeReopened': {
      const { challenge } = event.data;
      const periods = evolveChallenge(progress.challenges.get(challenge) ?? [], event);
      return { ...progress, challenges: put(progress.challenges, challenge, periods) };
    }
    case 'StreakExtended':
    case 'StreakCompleted':
    case 'StreakSetBack':
    case 'StreakReopened': {
      const { streak } = event.data;
      const entry = evolveStreak(progress.streaks.get(streak), event);
      return entry ? { ...progress, streaks: put(progress.streaks, streak, entry) } : progress;
    }
    case 'StreakBroken':
    case 'InstantWinDrawn':
    case 'InstantWinTakenBack':
      return progress;
    default:
      return unreachable(event);
  }
};

type CardEvent = Extract<GameProgressEvent, { data: { card: GameName } }>;

const evolveCard = (card: CardProgress, event: CardEvent): CardProgress => {
  switch (event.type) {
    case 'StampsCollected': {
      const { stamps, at } = event.data;
      const begun = Math.min(card.begun ?? at, at);
      return { ...card, stamps: card.stamps + stamps, begun };
    }
    case 'StampsExpired':
      return { ...card, stamps: 0, begun: null, expiredAt: event.data.at };
    case 'StampCardCompleted': {
      const { purchaseId, round, goal, reward } = event.data;
      const stamps = Math.max(0, card.stamps - goal);
      const done = { purchaseId, round, goal, reward, begun: card.begun };
      const completed = [...card.completed, done].slice(-roundsKept);
      return { ...card, stamps, begun: stamps > 0 ? card.begun : null, rounds: round, completed };
    }
    case 'StampsTakenBack': {
      const stamps = Math.max(0, card.stamps - event.data.stamps);
      return { ...card, stamps, begun: stamps > 0 ? card.begun : null };
    }
    case 'StampCardReopened': {
      const { round, goal } = event.data;
      const reopened = card.completed.find((done) => done.round === round);
      return {
        ...card,
        stamps: card.stamps + goal,
        begun: reopened?.begun ?? card.begun,
        rounds: round - 1,
        completed: card.completed.filter((done) => done.round < round),
      };
    }
    default:
      return unreachable(event);
  }
};

type ChallengeEvent = Extract<GameProgressEvent, { data: { challenge: GameName } }>;

const evolveChallenge = (
  periods: readonly ChallengePeriod[],
  event: ChallengeEvent,
): readonly ChallengePeriod[] => {
  const { period } = event.data;
  const there = periods.find((entry) => entry.period === period);
  const entry = changedChallenge(there ?? { period, progress: 0, completed: null }, event);
  const others = periods.filter((other) => other.period !== period);
  if (entry.progress === 0 && entry.completed === null) return others;
  return [...others, entry]
    .sort((a, b) => (a.period < b.period ? -1 : 1))
    .slice(-challengePeriodsKept);
};

const changedChallenge = (entry: ChallengePeriod, event: ChallengeEvent): ChallengePeriod => {
  switch (event.type) {
    case 'ChallengeAdvanced':
      return { ...entry, progress: entry.progress + event.data.progress };
    case 'ChallengeCompleted': {
      const { purchaseId, goal, reward } = event.data;
      return { ...entry, completed: { purchaseId, goal, reward } };
    }
    case 'ChallengeSetBack':
      return { ...entry, progress: Math.max(0, entry.progress - event.data.progress) };
    case 'ChallengeReopened':
      return { ...entry, completed: null };
    default:
      return unreachable(event);
  }
};

type StreakEvent =
  | { readonly type: 'StreakExtended'; readonly data: GameProgressData<'StreakExtended'> }
  | { readonly type: 'StreakCompleted'; readonly data: GameProgressData<'StreakCompleted'> }
  | { readonly type: 'StreakSetBack'; readonly data: GameProgressData<'StreakSetBack'> }
  | { readonly type: 'StreakReopened'; readonly data: GameProgressData<'StreakReopened'> };

const evolveStreak = (
  streak: StreakProgress | undefined,
  event: StreakEvent,
): StreakProgress | undefined => {
  switch (event.type) {
    case 'StreakExtended': {
      const { every, period } = event.data;
      // A streak that counts in other periods than before begins anew.
      const known = streak?.every === every ? streak : { every, periods: [], rewarded: [] };
      return { ...known, periods: withPurchase(known.periods, periodNumber(every, period), 1) };
    }
    case 'StreakSetBack': {
      if (!streak) return streak;
      const number = periodNumber(streak.every, event.data.period);
      return { ...streak, periods: withPurchase(streak.periods, number, -1) };
    }
    case 'StreakCompleted': {
      const { purchaseId, period, length, reward } = event.data;
      if (!streak) return streak;
      const rewarded = [...streak.rewarded, { purchaseId, period, length, reward }];
      return { ...streak, rewarded: rewarded.slice(-roundsKept) };
    }
    case 'StreakReopened': {
      if (!streak) return streak;
      const rewarded = streak.rewarded.filter(({ period }) => period !== event.data.period);
      return { ...streak, rewarded };
    }
    default:
      return unreachable(event);
  }
};

export const withPurchase = (
  periods: StreakProgress['periods'],
  number: number,
  change: 1 | -1,
): StreakProgress['periods'] => {
  const before = periods.find(([known]) => known === number)?.[1] ?? 0;
  const others = periods.filter(([known]) => known !== number);
  if (before + change <= 0) return others;
  return [...others, [number, before + change] as const]
    .sort(([a], [b]) => a - b)
    .slice(-streakPeriodsKept);
};

export interface GameProgressJson {
  readonly cards: readonly (readonly [GameName, CardProgress])[];
  readonly challenges: readonly (readonly [GameName, readonly ChallengePeriod[]])[];
  readonly streaks: readonly (readonly [GameName, StreakProgress])[];
}

export const progressToJson = ({ cards, challenges, streaks }: GameProgress): GameProgressJson => ({
  cards: [...cards],
  challenges: [...challenges],
  streaks: [...streaks],
});

export const progressFromJson = ({
  cards,
  challenges,
  streaks,
}: GameProgressJson): GameProgress => ({
  cards: new Map(cards),
  challenges: new Map(challenges),
  streaks: new Map(streaks),
});
