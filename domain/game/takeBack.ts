/**
 * What a return takes back of the games: just what the purchase had brought, by the parts of its lines that were recorded.
 *
 * Taken back is taken back entirely: where what is left does not complete a card, a challenge or a streak any more, it is open
 * again and `rewards` names what it gave. However a purchase is cut into returns, together they take back what it brought.
 */
import { shareDown } from '../amount.js';
import type { GameProgressData, GameProgressEvent, Parts } from './events.js';
import { periodNumber } from './periods.js';
import { type GameProgress, noCard } from './progress.js';
import { openTurn, type Outcome, type Turn } from './turn.js';

export interface ReturnedLine {
  readonly position: number;
  /** Thousandths that were bought, and those returned before and after this return. */
  readonly quantity: number;
  readonly before: number;
  readonly after: number;
}

export interface Returned {
  /** The return's id, or the purchase's where it is cancelled. */
  readonly cause: string;
  /** When the purchase was decided (ms). */
  readonly boughtAt: number;
  readonly lines: readonly ReturnedLine[];
  /** Minor units that the purchase is worth without what was returned, before this return and after it. */
  readonly paidBefore: number;
  readonly paidAfter: number;
  /** Nothing is left of the purchase. */
  readonly complete: boolean;
}

/** `recorded`: the events of games that the purchase was confirmed with; others may be among them. */
export const takeBackGames = (
  before: GameProgress,
  recorded: readonly GameProgressEvent[],
  returned: Returned,
): Outcome => {
  const turn = openTurn(before);
  for (const event of recorded) {
    switch (event.type) {
      case 'StampsCollected':
        takeStamps(turn, event.data, returned);
        break;
      case 'ChallengeAdvanced':
        setBack(turn, event.data, returned);
        break;
      case 'StreakExtended':
        shorten(turn, event.data, returned);
        break;
      case 'InstantWinDrawn':
        takePrize(turn, event.data, returned);
        break;
      default: // what follows from these is taken back with them
    }
  }
  const { events, rewards, progress } = turn;
  return { events, rewards, progress };
};

/** What the returned units had contributed. */
export const contributedBack = (parts: Parts, lines: readonly ReturnedLine[]): number => {
  let back = 0;
  for (const { position, count } of parts) {
    const line = lines.find((one) => one.position === position);
    if (!line) continue;
    const { quantity, before, after } = line;
    back += shareDown(count, after, quantity) - shareDown(count, before, quantity);
  }
  return back;
};

const takeStamps = (
  turn: Turn,
  { purchaseId, card, parts }: GameProgressData<'StampsCollected'>,
  { cause, boughtAt, lines }: Returned,
): void => {
  const cardNow = () => turn.progress.cards.get(card) ?? noCard;
  const { expiredAt } = cardNow();
  if (expiredAt !== null && boughtAt < expiredAt) return; // they are void already
  const wanted = contributedBack(parts, lines);
  if (wanted === 0) return;
  for (;;) {
    const { stamps, completed } = cardNow();
    const last = completed.at(-1);
    if (stamps >= wanted || !last) break;
    const { purchaseId: by, round, goal, reward } = last;
    turn.add({
      type: 'StampCardReopened',
      data: { purchaseId: by, cause, card, round, goal, reward },
    });
    turn.rewards.push({ purchaseId: by, game: card, which: String(round), reward });
  }
  const stamps = Math.min(wanted, cardNow().stamps);
  if (stamps > 0) turn.add({ type: 'StampsTakenBack', data: { purchaseId, cause, card, stamps } });
};

const setBack = (
  turn: Turn,
  { purchaseId, challenge, period, parts }: GameProgressData<'ChallengeAdvanced'>,
  { cause, lines }: Returned,
): void => {
  const entry = turn.progress.challenges.get(challenge)?.find((one) => one.period === period);
  if (!entry) return; // too long ago
  const progress = Math.min(contributedBack(parts, lines), entry.progress);
  if (progress === 0) return;
  const { completed } = entry;
  if (completed && entry.progress - progress < completed.goal) {
    const { purchaseId: by, reward } = completed;
    turn.add({
      type: 'ChallengeReopened',
      data: { purchaseId: by, cause, challenge, period, reward },
    });
    turn.rewards.push({ purchaseId: by, game: challenge, which: period, reward });
  }
  turn.add({ type: 'ChallengeSetBack', data: { purchaseId, cause, challenge, period, progress } });
};

const shorten = (
  turn: Turn,
  { purchaseId, streak, every, period, minimum }: GameProgressData<'StreakExtended'>,
  { cause, paidBefore, paidAfter, complete }: Returned,
): void => {
  const counted = paidBefore >= minimum;
  const counts = paidAfter >= minimum && !complete;
  const entry = turn.progress.streaks.get(streak);
  if (!counted || counts || entry?.every !== every) return;
  const number = periodNumber(every, period);
  const purchases = entry.periods.find(([known]) => known === number)?.[1];
  if (purchases === undefined) return; // too long ago
  turn.add({ type: 'StreakSetBack', data: { purchaseId, cause, streak, period } });
  if (purchases > 1) return;
  const reopened = entry.rewarded.find((rewarded) => {
    const last = periodNumber(every, rewarded.period);
    return number <= last && number > last - rewarded.length;
  });
  if (!reopened) return;
  const { purchaseId: by, period: of, reward } = reopened;
  turn.add({
    type: 'StreakReopened',
    data: { purchaseId: by, cause, streak, period: of, reward },
  });
  turn.rewards.push({ purchaseId: by, game: streak, which: of, reward });
};

const takePrize = (
  turn: Turn,
  { purchaseId, game, draw, prize, reward }: GameProgressData<'InstantWinDrawn'>,
  { cause, complete }: Returned,
): void => {
  if (!complete || prize === null) return;
  turn.add({ type: 'InstantWinTakenBack', data: { purchaseId, cause, game, prize, reward } });
  if (reward) turn.rewards.push({ purchaseId, game, which: String(draw), reward });
};
