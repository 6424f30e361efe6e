/**
 * Wakes accounts whose points are due to activate or expire. A decision on an account never waits for it (each settles what is due
 * first); the timer is for the accounts at which nothing happens, so that their history and the read models say it too.
 *
 * Who is due comes from a read model that lags behind, so an account that was just settled may be named again: the key is made of
 * the account and the minute, and one settled within the last seconds is left out. A batch is settled a few at a time.
 */
import type { TenantId, UserId } from '../domain/ids.js';
import { settlePoints } from '../commands/account/settlePoints.js';
import type { Handler } from '../commands/handle.js';
import { createTimer, timedContext, type Timer } from './timer.js';

export interface DueAccount {
  readonly tenant: TenantId;
  readonly userId: UserId;
}

/** Which accounts have points that are due, longest due first. */
export interface DueAccounts {
  /** `asOf` in milliseconds. */
  due(asOf: number, limit: number): Promise<DueAccount[]>;
}

const name = 'pointsTimer';
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
}): Timer => {
  const { dueAccounts, handler, now, onFailed, everyMs = 15_000 } = options;
  /** Account -> when it was settled, oldest first. */
  const settled = new Map<string, number>();

  const due = async (at: number): Promise<DueAccount[]> => {
    for (const [account, when] of settled) {
      if (when + leftOutMs > at) break;
      settled.delete(account);
    }
    // The ones left out may be named once more each: asked for on top, they cannot hide the others.
    const named = await dueAccounts.due(at, batch + settled.size);
    return named.filter((account) => !settled.has(keyOf(account)));
  };

  return createTimer({
    now,
    onFailed,
    everyMs,
    atOnce,
    due,
    work: ({ tenant, userId }, at) => {
      const about = `${userId} ${Math.floor(at / minuteMs)}`;
      return handler.handle(settlePoints, { userId }, timedContext(name, tenant, about, at));
    },
    onDone: (account, at) => settled.set(keyOf(account), at),
  });
};

const keyOf = ({ tenant, userId }: DueAccount): string => `${tenant}.${userId}`;
