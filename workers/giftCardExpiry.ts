/**
 * Takes off what is left on gift cards whose time is over, so that their histories and the read models say it too. No decision waits for
 * it: an expired card pays nothing either way.
 *
 * Which cards are due comes from a read model that lags behind: one that was just done may be named again, and decides nothing.
 */
import { expireGiftCard } from '../commands/giftCard/cardStatus.js';
import type { Handler } from '../commands/handle.js';
import type { GiftCardId } from '../domain/giftCard/ids.js';
import type { TenantId } from '../domain/ids.js';
import { createTimer, timedContext, type Timer } from './timer.js';

export interface DueGiftCards {
  /** Longest due first. `asOf` in milliseconds. */
  due(
    asOf: number,
    limit: number,
  ): Promise<readonly { readonly tenant: TenantId; readonly card: GiftCardId }[]>;
}

const name = 'giftCardExpiry';
const batch = 500;
const everyMs = 60_000;
const minuteMs = 60_000;

export const createGiftCardExpiry = (options: {
  readonly dueCards: DueGiftCards;
  readonly handler: Handler;
  readonly now: () => number;
  readonly onFailed: (error: unknown) => void;
}): Timer => {
  const { dueCards, handler, now, onFailed } = options;
  return createTimer({
    now,
    onFailed,
    everyMs,
    atOnce: 1,
    // Also after a full batch: what is named may be what was just done.
    restsAlways: true,
    due: (at) => dueCards.due(at, batch),
    work: ({ tenant, card }, at) => {
      const about = `${card} ${Math.floor(at / minuteMs)}`;
      return handler.handle(expireGiftCard, { card }, timedContext(name, tenant, about, at));
    },
  });
};
