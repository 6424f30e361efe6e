/**
 * Reviews tiers whose period is over. A purchase never waits for it (each reviews what is due first); the timer is for customers
 * who do not buy, so that their history and the read models say it too.
 *
 * Commands have deterministic keys, of the account and the day: whoever is named twice is reviewed once. An account that keeps
 * being named although nothing was left to do is left out until the next day.
 */
import type { Handler } from '../commands/handle.js';
import { reviewTier } from '../commands/account/reviewTier.js';
import { dayOf } from '../domain/tier/figures.js';
import type { DueReview, TierCalendar } from './tierCalendar.js';
import { createTimer, timedContext, type Timer } from './timer.js';

const name = 'tierReviews';
const batch = 500;
const atOnce = 4;

export const createTierReviews = (options: {
  readonly calendar: Pick<TierCalendar, 'due'>;
  readonly handler: Handler;
  readonly now: () => number;
  /** Between two looks when nothing is due; a minute unless told. */
  readonly everyMs?: number;
  readonly onFailed: (error: unknown) => void;
}): Timer => {
  const { calendar, handler, now, onFailed, everyMs = 60_000 } = options;
  /** Reviewed on `day`; emptied when another begins. */
  const reviewed = new Set<string>();
  let day = -1;

  const due = (at: number): readonly DueReview[] => {
    if (dayOf(at) !== day) reviewed.clear();
    day = dayOf(at);
    const named = calendar.due(at, batch + reviewed.size);
    return named.filter((account) => !reviewed.has(keyOf(account)));
  };

  return createTimer({
    now,
    onFailed,
    everyMs,
    atOnce,
    due,
    work: ({ tenant, userId }) => {
      const context = timedContext(name, tenant, `${userId} ${day}`, now());
      return handler.handle(reviewTier, { userId }, context);
    },
    onDone: (account) => reviewed.add(keyOf(account)),
  });
};

const keyOf = ({ tenant, userId }: DueReview): string => `${tenant}.${userId}`;
