/**
 * Streaks: a purchase in so many periods one after another. Any purchase that is worth enough counts for the period of its day,
 * a late one for its own, so it may join two runs.
 */
import type { Streak } from './definition.js';
import { firstDay, periodNumber, periodOf } from './periods.js';
import { type StreakProgress, withPurchase } from './progress.js';
import type { Game, Played, Turn } from './turn.js';

/** Periods one after another up to the last one, counted since the last reward. */
export const runLength = ({ every, periods, rewarded }: StreakProgress): number => {
  const rewardedUpTo = rewarded.reduce(
    (latest, { period }) => Math.max(latest, periodNumber(every, period)),
    -Infinity,
  );
  let length = 0;
  for (let index = periods.length - 1; index >= 0; index -= 1) {
    const [number] = periods[index] as readonly [number, number];
    const next = periods[index + 1];
    if (number <= rewardedUpTo || (next && next[0] !== number + 1)) break;
    length += 1;
  }
  return length;
};

export const extendStreak = (turn: Turn, game: Game<Streak>, played: Played): void => {
  const { name: streak, version, definition } = game;
  const { period: every, length: wanted, minimum, repeats, reward } = definition;
  const { purchaseId, date, paid } = played;
  if (paid < minimum) return;
  const known = turn.progress.streaks.get(streak);
  const before = known?.every === every ? known : { every, periods: [], rewarded: [] };
  const period = periodOf(every, date);
  const number = periodNumber(every, period);
  const last = before.periods.at(-1)?.[0] ?? number;
  const lost = number > last + 1 ? runLength(before) : 0;
  if (lost > 0) turn.add({ type: 'StreakBroken', data: { streak, length: lost } });
  const periods = withPurchase(before.periods, number, 1);
  const length = runLength({ ...before, periods });
  turn.add({
    type: 'StreakExtended',
    data: { purchaseId, streak, every, period, length, minimum },
  });
  if (length < wanted || (!repeats && before.rewarded.length > 0)) return;
  const complete = firstDay(every, Math.max(last, number));
  const data = { purchaseId, streak, version, period: complete, length, reward };
  turn.add({ type: 'StreakCompleted', data });
  turn.rewards.push({ purchaseId, game: streak, which: complete, reward });
};
