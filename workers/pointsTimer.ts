/**
 * Wakes accounts whose points are due to activate or expire. A decision on an account never waits for it (each settles what is due
 * first); the timer is for the accounts at which nothing happens, so that their history and the read models say it too.
 *
 * Who is due comes from a read model that lags behind, so an account that was just settled may be named again: the key is made of
 * the account and the minute, and one settled within the last seconds is left out. A batch is settled a few at a time.
 */
import type { TenantId, UserId } from '../domain/ids.js';
import { Rejected } from '../domain/rejected.js';
import { settlePoints } from '../commands/account/settlePoints.js';
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import { pause } from '../projections/pause.js';
import { persevere } from './persevere.js';

export interface DueAccount {
  readonly tenant: TenantId;
  readonly userId: UserId;
}

/** Which accounts have points that are due, longest due first. */
export interface DueAccounts {
  /** `asOf` in milliseconds. */
  due(asOf: number, limit: number): Promise<DueAccount[]>;
}

export interface PointsTimer {
  /** Until the signal aborts; what is under way is finished. */
  run(signal: AbortSignal): Promise<void>;
  /** One batch. How many accounts were settled; 0: there is nothing to do for now. */
  tick(signal: AbortSignal): Promise<number>;
}

const batch = 500;
const atOnce = 4;
const minuteMs = 60_000;
const leftOutMs = 10_000;

export const createPointsTimer = (options: {
  readonly dueAccounts: DueAccounts;
  readonly handler: Handler;
  readonly now: () => number;
  /** Between two looks when nothing is due; 15 s unless told. */
  readonly everyMs?: number;
  readonly onFailed: (error: unknown) => void;
}): PointsTimer => {
  const { dueAccounts, handler, now, onFailed } = options;
  const everyMs = options.everyMs ?? 15_000;
  /** Account -> when it was settled, oldest first. */
  const settled = new Map<string, number>();

  const contextOf = ({ tenant, userId }: DueAccount, at: number): CommandContext => {
    const key = `pointsTimer ${userId} ${Math.floor(at / minuteMs)}`;
    const actor = { kind: 'worker', id: 'pointsTimer' } as const;
    return { tenant, actor, now: at, idempotencyKey: key, correlationId: key };
  };

  const settle = async (account: DueAccount, at: number, signal: AbortSignal): Promise<void> => {
    const { tenant, userId } = account;
    const context = contextOf(account, at);
    const work = () => handler.handle(settlePoints, { userId }, context);
    try {
      await persevere(work, signal, onFailed);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Rejected)) throw error;
      onFailed(error);
    }
    settled.set(`${tenant}.${userId}`, at);
  };

  const tick = async (signal: AbortSignal): Promise<number> => {
    const at = now();
    for (const [account, when] of settled) {
      if (when + leftOutMs > at) break;
      settled.delete(account);
    }
    // The ones left out may be named once more each: asked for on top, they cannot hide the others.
    const named = await dueAccounts.due(at, batch + settled.size);
    const due = named.filter(({ tenant, userId }) => !settled.has(`${tenant}.${userId}`));
    const queue = due.values();
    const settleNext = async (): Promise<void> => {
      for (const account of queue) {
        if (signal.aborted) return;
        await settle(account, at, signal);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, settleNext));
    return due.length;
  };

  return {
    tick,
    run: async (signal) => {
      while (!signal.aborted) {
        const count = await persevere(() => tick(signal), signal, onFailed).catch(
          onAborted(signal),
        );
        if (count === 0) await pause(everyMs, signal);
      }
    },
  };
};

/** A stop in the middle of a wait is not a failure. */
const onAborted =
  (signal: AbortSignal) =>
  (error: unknown): number => {
    if (signal.aborted) return 0;
    throw error;
  };
