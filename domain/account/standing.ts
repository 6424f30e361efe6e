/**
 * Where a customer stands: their tier and what the next one takes, and how far they have come in the games. A receipt records it as
 * of after everything it did, as it does the balance, so that a till that asks twice is told the same; only where the programme has
 * tiers, and only of the games that the receipt moved.
 */
import { type Static, Type } from '@sinclair/typebox';
import { unreachable } from '../event.js';
import { type GameDefinition, GameName, GameReward } from '../game/definition.js';
import type { GameProgressEvent } from '../game/events.js';
import { periodNumber, periodOf } from '../game/periods.js';
import type { GameProgress } from '../game/progress.js';
import { runLength } from '../game/streak.js';
import type { Game } from '../game/turn.js';
import { Name } from '../pricing/arguments.js';
import { dayMs, dayOf, figureBetween } from '../tier/figures.js';
import { rankOf, TierName, type VersionedScheme, windowStart } from '../tier/scheme.js';
import type { Standing } from '../tier/standing.js';

const closed = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0 });

export const TierAfter = Type.Object(
  {
    level: Type.Union([TierName, Type.Null()], { description: 'Null: no tier' }),
    basis: Type.Union([Type.Literal('spent'), Type.Literal('earned')]),
    figure: Type.Integer({
      minimum: 0,
      description: 'What counts for the tier, in its window: minor units or hundredths of points',
    }),
    next: Type.Optional(
      Type.Object(
        { level: TierName, from: Type.Integer({ minimum: 1 }) },
        {
          ...closed,
          description: 'The level above, and the figure it takes; none above the highest',
        },
      ),
    ),
  },
  { ...closed, title: 'TierStanding' },
);
export type TierAfter = Static<typeof TierAfter>;

const kinds = (['stampCard', 'challenge', 'streak', 'instantWin'] as const).map((kind) =>
  Type.Literal(kind),
);
export const GameChange = Type.Object(
  {
    game: GameName,
    kind: Type.Union(kinds),
    change: Type.Integer({ description: 'Stamps, steps or periods; taken back where negative' }),
    have: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Afterwards, towards the goal of the next reward' }),
    ),
    goal: Type.Optional(Type.Integer({ minimum: 1 })),
    completed: Type.Integer({
      description: 'Cards, challenges, streaks or prizes; taken back where negative',
    }),
    prize: Type.Optional(Name),
    rewards: Type.Optional(Type.Array(GameReward, { maxItems: 200 })),
  },
  { ...closed, title: 'GameChange' },
);
export type GameChange = Static<typeof GameChange>;

/** What a purchase, its return and its cancellation say of it. */
export const standingProperties = {
  tier: Type.Optional(TierAfter),
  games: Type.Optional(Type.Array(GameChange, { minItems: 1, maxItems: 2_000 })),
} as const;

export const tierAfter = (
  { level, figures }: Pick<Standing, 'level' | 'figures'>,
  { scheme }: VersionedScheme,
  now: number,
): TierAfter => {
  const today = dayOf(now);
  const figure = figureBetween(figures, scheme.basis, windowStart(scheme, today), today);
  const next = scheme.levels[rankOf(scheme, level)];
  const above = next && { next: { level: next.name, from: next.from } };
  return { level, basis: scheme.basis, figure, ...above };
};

/** `progress` is that after the events; the goal is left out of a game that is not played any more. */
export const gameChanges = (
  events: readonly GameProgressEvent[],
  progress: GameProgress,
  gameOf: (name: GameName) => Pick<Game, 'definition'> | undefined = () => undefined,
): GameChange[] => {
  const changes = new Map<GameName, GameChange>();
  for (const event of events) {
    const moved = movedBy(event, progress);
    const known = changes.get(moved.game);
    const goal = goalOf(gameOf(moved.game)?.definition);
    const { reward, ...rest } = moved;
    const rewards = reward ? [...(known?.rewards ?? []), reward] : known?.rewards;
    changes.set(moved.game, {
      ...known,
      ...rest,
      change: (known?.change ?? 0) + moved.change,
      completed: (known?.completed ?? 0) + moved.completed,
      ...(goal !== undefined && { goal }),
      ...(rewards && { rewards }),
    });
  }
  return [...changes.values()];
};

const goalOf = (definition: GameDefinition | undefined): number | undefined => {
  switch (definition?.kind) {
    case 'stampCard':
    case 'challenge':
      return definition.goal;
    case 'streak':
      return definition.length;
    default:
      return undefined;
  }
};

type Moved = Omit<GameChange, 'rewards' | 'goal'> & { readonly reward?: GameReward | null };

const movedBy = (event: GameProgressEvent, progress: GameProgress): Moved => {
  switch (event.type) {
    case 'StampsCollected':
      return { ...onCard(event.data.card, progress), change: event.data.stamps };
    case 'StampsExpired':
      return onCard(event.data.card, progress);
    case 'StampsTakenBack':
      return { ...onCard(event.data.card, progress), change: -event.data.stamps };
    case 'StampCardCompleted':
    case 'StampCardReopened': {
      const { card, reward } = event.data;
      return { ...onCard(card, progress), ...done(event.type === 'StampCardCompleted'), reward };
    }
    case 'ChallengeAdvanced':
      return { ...inChallenge(event.data, progress), change: event.data.progress };
    case 'ChallengeSetBack':
      return { ...inChallenge(event.data, progress), change: -event.data.progress };
    case 'ChallengeCompleted':
    case 'ChallengeReopened': {
      const { reward } = event.data;
      const completed = done(event.type === 'ChallengeCompleted');
      return { ...inChallenge(event.data, progress), ...completed, reward };
    }
    case 'StreakExtended':
      return { ...inStreak(event.data.streak, progress), change: 1 };
    case 'StreakBroken':
      return inStreak(event.data.streak, progress);
    case 'StreakSetBack':
      return { ...inStreak(event.data.streak, progress), change: -1 };
    case 'StreakCompleted':
    case 'StreakReopened': {
      const { streak, reward } = event.data;
      return { ...inStreak(streak, progress), ...done(event.type === 'StreakCompleted'), reward };
    }
    case 'InstantWinDrawn': {
      const { game, prize, reward } = event.data;
      const won = prize === null ? {} : { ...done(true), prize, reward };
      return { game, kind: 'instantWin', change: 0, completed: 0, ...won };
    }
    case 'InstantWinTakenBack': {
      const { game, prize, reward } = event.data;
      return { game, kind: 'instantWin', change: 0, ...done(false), prize, reward };
    }
    default:
      return unreachable(event);
  }
};

const done = (completed: boolean): { readonly completed: number } => ({
  completed: completed ? 1 : -1,
});

const onCard = (game: GameName, { cards }: GameProgress): Moved => {
  const have = cards.get(game)?.stamps ?? 0;
  return { game, kind: 'stampCard', change: 0, have, completed: 0 };
};

const inChallenge = (
  { challenge, period }: { readonly challenge: GameName; readonly period: string },
  { challenges }: GameProgress,
): Moved => {
  const entry = challenges.get(challenge)?.find((one) => one.period === period);
  const have = entry?.progress ?? 0;
  return { game: challenge, kind: 'challenge', change: 0, have, completed: 0 };
};

const inStreak = (game: GameName, { streaks }: GameProgress): Moved => {
  const streak = streaks.get(game);
  return { game, kind: 'streak', change: 0, have: streak ? runLength(streak) : 0, completed: 0 };
};

export const GameStanding = Type.Object(
  {
    game: GameName,
    kind: Type.Union(kinds),
    title: Type.Optional(Type.String()),
    have: Count,
    goal: Type.Integer({ minimum: 1 }),
    completed: Type.Integer({ minimum: 0, description: 'So far; of a challenge in its period' }),
  },
  { ...closed, title: 'GameStanding' },
);
export type GameStanding = Static<typeof GameStanding>;

/** Where a customer stands in a game at `at` (ms), on `date` of the merchant's calendar; null in one that is only won or lost. */
export const standingIn = (
  { name, definition }: Pick<Game, 'name' | 'definition'>,
  progress: GameProgress,
  at: number,
  date: string,
): GameStanding | null => {
  const { kind, title } = definition;
  const named = { game: name, kind, ...(title !== undefined && { title }) };
  switch (definition.kind) {
    case 'stampCard': {
      const { goal, validDays } = definition;
      const { stamps = 0, begun = null, rounds = 0 } = progress.cards.get(name) ?? {};
      const isVoid = validDays !== null && begun !== null && begun + validDays * dayMs <= at;
      return { ...named, have: isVoid ? 0 : stamps, goal, completed: rounds };
    }
    case 'challenge': {
      const { goal, window } = definition;
      const period = window.kind === 'dates' ? window.from : periodOf(window.period, date);
      const entry = progress.challenges.get(name)?.find((one) => one.period === period);
      return { ...named, have: entry?.progress ?? 0, goal, completed: entry?.completed ? 1 : 0 };
    }
    case 'streak': {
      const { period: every, length } = definition;
      const known = progress.streaks.get(name);
      const streak = known?.every === every ? known : { every, periods: [], rewarded: [] };
      const last = streak.periods.at(-1)?.[0] ?? -Infinity;
      const goesOn = last >= periodNumber(every, periodOf(every, date)) - 1;
      const have = goesOn ? runLength(streak) : 0;
      return { ...named, have, goal: length, completed: streak.rewarded.length };
    }
    case 'instantWin':
      return null;
    default:
      return unreachable(definition);
  }
};
