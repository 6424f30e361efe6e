/**
 * Reviews tiers whose period is over. A purchase never waits for it (each reviews what is due first); the timer is for customers
 * who do not buy, so that their history and the read models say it too.
 *
 * Commands have deterministic keys, of the account and the day: whoever is named twice is reviewed once. An account that keeps
 * being named although nothing was left to do is left out until the next day.
 */
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import { reviewTier } from '../commands/account/reviewTier.js';
import { Rejected } from '../domain/rejected.js';
import { dayOf } from '../domain/tier/figures.js';
import { pause } from '../projections/pause.js';
import { persevere } from './persevere.js';
import type { DueReview, TierCalendar } from './tierCalendar.js';

export interface TierReviews {
  /** Until the signal aborts; what is under way is finished. */
  run(signal: AbortSignal): Promise<void>;
  /** One batch. How many accounts were reviewed; 0: there is nothing to do for now. */
  tick(signal: AbortSignal): Promise<number>;
}

const batch = 500;
const atOnce = 4;

export const createTierReviews = (options: {
  readonly calendar: Pick<TierCalendar, 'due'>;
  readonly handler: Handler;
  readonly now: () => number;
  /** Between two looks when nothing is due; a minute unless told. */
  readonly everyMs?: number;
  readonly onFailed: (error: unknown) => void;
}): TierReviews => {
  const { calendar, handler, now, onFailed, everyMs = 60_000 } = options;
  /** Reviewed on `day`; emptied when another begins. */
  const reviewed = new Set<string>();
  let day = -1;

  const review = async ({ tenant, userId }: DueReview, signal: AbortSignal): Promise<void> => {
    const at = now();
    const key = `tierReviews ${userId} ${day}`;
    const actor = { kind: 'worker', id: 'tierReviews' } as const;
    const context: CommandContext = {
      ...{ tenant, actor, now: at, idempotencyKey: key, correlationId: key },
    };
    const work = () => handler.handle(reviewTier, { userId }, context);
    try {
      await persevere(work, signal, onFailed);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Rejected)) throw error;
      onFailed(error);
    }
    reviewed.add(`${tenant}.${userId}`);
  };

  const tick = async (signal: AbortSignal): Promise<number> => {
    const at = now();
    if (dayOf(at) !== day) reviewed.clear();
    day = dayOf(at);
    const named = calendar.due(at, batch + reviewed.size);
    const due = named.filter(({ tenant, userId }) => !reviewed.has(`${tenant}.${userId}`));
    const queue = due.values();
    const reviewNext = async (): Promise<void> => {
      for (const account of queue) {
        if (signal.aborted) return;
        await review(account, signal);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, reviewNext));
    return due.length;
  };

  return {
    tick,
    run: async (signal) => {
      while (!signal.aborted) {
        const count = await tick(signal);
        if (count === 0) await pause(everyMs, signal);
      }
    },
  };
};
