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
import { pause } from '../projections/pause.js';
import { carryOut, persevere } from './persevere.js';

export interface DueGiftCards {
  /** Longest due first. `asOf` in milliseconds. */
  due(
    asOf: number,
    limit: number,
  ): Promise<readonly { readonly tenant: TenantId; readonly card: GiftCardId }[]>;
}

export interface GiftCardExpiry {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** One batch. How many cards it looked at. */
  tick(signal: AbortSignal): Promise<number>;
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
}): GiftCardExpiry => {
  const { dueCards, handler, now, onFailed } = options;

  const tick = async (signal: AbortSignal): Promise<number> => {
    const at = now();
    const due = await dueCards.due(at, batch);
    for (const { tenant, card } of due) {
      if (signal.aborted) break;
      const key = `${name} ${card} ${Math.floor(at / minuteMs)}`;
      const actor = { kind: 'worker', id: name } as const;
      const context = { tenant, actor, now: at, idempotencyKey: key, correlationId: key };
      const work = async () => void (await handler.handle(expireGiftCard, { card }, context));
      await carryOut(work, signal, onFailed);
    }
    return due.length;
  };

  return {
    tick,
    run: async (signal) => {
      while (!signal.aborted) {
        await persevere(() => tick(signal), signal, onFailed).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
        // Also after a full batch: what is named may be what was just done.
        await pause(everyMs, signal);
      }
    },
  };
};
