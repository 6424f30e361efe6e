/**
 * What a purchase does to the customer's games: the effects that pricing named, and the streaks that every purchase counts for.
 *
 * Pure, for quotes as for confirmations. Whatever it gives is named in `rewards`: the account makes points, coupons and gifts of
 * them in the same append.
 */
import type { Effect } from '../pricing/effects.js';
import type { GameName, Prize } from './definition.js';
import { periodOf } from './periods.js';
import { type GameProgress, noCard, roundsKept } from './progress.js';
import { extendStreak } from './streak.js';
import { type GameSet, openTurn, type Outcome, type Played, type Turn } from './turn.js';

/** Cards that one purchase completes; stamps beyond them stay on the next card. */
const roundsAtOnce = roundsKept;

export const playGames = (before: GameProgress, games: GameSet, played: Played): Outcome => {
  const turn = openTurn(before);
  for (const effect of played.effects) {
    switch (effect.kind) {
      case 'stamps':
        stamp(turn, games, played, effect);
        break;
      case 'challenge':
        advance(turn, games, played, effect);
        break;
      case 'instant-win':
        drawInstantly(turn, games, played, effect);
        break;
      case 'gift':
      case 'coupon-grant':
        break;
    }
  }
  for (const { name, version, definition } of games.streaks) {
    if (definition.kind === 'streak') extendStreak(turn, { name, version, definition }, played);
  }
  const { events, rewards, progress } = turn;
  return { events, rewards, progress };
};

type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;

const dayMs = 86_400_000;

const stamp = (turn: Turn, games: GameSet, played: Played, effect: EffectOf<'stamps'>): void => {
  const game = games.get(effect.card);
  if (game?.definition.kind !== 'stampCard' || effect.stamps === 0) return;
  const { name: card, version } = game;
  const { goal, validDays, reward } = game.definition;
  const { purchaseId, at } = played;
  const cardNow = () => turn.progress.cards.get(card) ?? noCard;
  const { begun, stamps } = cardNow();
  if (validDays !== null && begun !== null && stamps > 0 && begun + validDays * dayMs <= at) {
    turn.add({ type: 'StampsExpired', data: { card, stamps, at } });
  }
  const { parts } = effect;
  turn.add({
    type: 'StampsCollected',
    data: { purchaseId, card, stamps: effect.stamps, parts, at },
  });
  for (let count = 0; count < roundsAtOnce && cardNow().stamps >= goal; count += 1) {
    const round = cardNow().rounds + 1;
    turn.add({
      type: 'StampCardCompleted',
      data: { purchaseId, card, version, round, goal, reward },
    });
    turn.rewards.push({ purchaseId, game: card, which: String(round), reward });
  }
};

const advance = (
  turn: Turn,
  games: GameSet,
  played: Played,
  effect: EffectOf<'challenge'>,
): void => {
  const game = games.get(effect.challenge);
  if (game?.definition.kind !== 'challenge' || effect.progress === 0) return;
  const { name: challenge, version } = game;
  const { goal, window, reward } = game.definition;
  const { purchaseId, date } = played;
  if (window.kind === 'dates' && (date < window.from || date > window.until)) return;
  const period = window.kind === 'dates' ? window.from : periodOf(window.period, date);
  const { progress, parts } = effect;
  turn.add({ type: 'ChallengeAdvanced', data: { purchaseId, challenge, period, progress, parts } });
  const entry = turn.progress.challenges.get(challenge)?.find((one) => one.period === period);
  if (!entry || entry.completed !== null || entry.progress < goal) return;
  turn.add({
    type: 'ChallengeCompleted',
    data: { purchaseId, challenge, version, period, goal, reward },
  });
  turn.rewards.push({ purchaseId, game: challenge, which: period, reward });
};

/** The prize that a number wins: the first whose chances, added up in order, exceed it. */
export const prizeFor = (prizes: readonly Prize[], draw: number): Prize | null => {
  let below = 0;
  return prizes.find(({ chance }) => draw < (below += chance)) ?? null;
};

/** What the receipt won by an earlier draw is gone for a later one. */
const isLeft = ({ events }: Turn, games: GameSet, game: GameName, prize: string): boolean => {
  const left = games.left?.(game, prize) ?? Infinity;
  const won = events.filter(
    ({ type, data }) => type === 'InstantWinDrawn' && data.game === game && data.prize === prize,
  );
  return won.length < left;
};

const drawInstantly = (
  turn: Turn,
  games: GameSet,
  { purchaseId }: Played,
  { game: named, draw }: EffectOf<'instant-win'>,
): void => {
  const game = games.get(named);
  if (game?.definition.kind !== 'instantWin' || draw === null) return;
  const { name, version } = game;
  const won = prizeFor(game.definition.prizes, draw);
  const gone = won !== null && won.stock !== null && !isLeft(turn, games, name, won.prize);
  const drawn = { purchaseId, game: name, version, draw };
  if (won === null || gone) {
    const data = { ...drawn, prize: null, reward: null, ...(won && { gone: won.prize }) };
    turn.add({ type: 'InstantWinDrawn', data });
    return;
  }
  const { prize, reward } = won;
  turn.add({ type: 'InstantWinDrawn', data: { ...drawn, prize, reward } });
  if (reward) turn.rewards.push({ purchaseId, game: name, which: String(draw), reward });
};
