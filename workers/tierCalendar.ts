/**
 * When which tier is reviewed: filled from the log at the start and kept up with it, so the timer asks no read model.
 *
 * Reviews fall on midnights (UTC), so accounts are kept by day; only those whose tier ends at all are in it. One process reviews
 * for everybody, and what it issues is safe to issue twice.
 */
import { unreachable } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { TenantId, UserId } from '../domain/ids.js';
import { parseStreamName } from '../domain/stream.js';
import { type TierEvent, tierEvents } from '../domain/tier/events.js';
import { dayOf } from '../domain/tier/figures.js';
import type { Feed } from '../projections/feed.js';

export interface DueReview {
  readonly tenant: TenantId;
  readonly userId: UserId;
}

export interface TierCalendar {
  /** Keeps up with the log until the signal aborts. @throws where the feed breaks for good */
  run(signal: AbortSignal): Promise<void>;
  /** Whose review is due at `asOf` (ms), longest due first, at most `limit`. */
  due(asOf: number, limit: number): DueReview[];
  readonly size: () => number;
}

const separator = ' ';

export const createTierCalendar = (feed: Feed): TierCalendar => {
  const days = new Map<number, Set<string>>();
  const dayOfAccount = new Map<string, number>();

  const put = (account: string, until: number | null): void => {
    const before = dayOfAccount.get(account);
    if (before !== undefined) {
      const others = days.get(before);
      others?.delete(account);
      if (others?.size === 0) days.delete(before);
      dayOfAccount.delete(account);
    }
    if (until === null) return;
    const day = dayOf(until);
    const accounts = days.get(day) ?? new Set();
    days.set(day, accounts.add(account));
    dayOfAccount.set(account, day);
  };

  const apply = ({ type, data, stream, metadata }: Fact): void => {
    const event = { type, data } as TierEvent | { readonly type: 'AccountClosed' };
    const userId = parseStreamName(stream)?.id ?? '';
    const account = `${metadata.tenant}${separator}${userId}`;
    switch (event.type) {
      case 'TierChanged':
      case 'TierKept':
      case 'TierGraceGranted':
      case 'TierReviewBroughtForward':
        return put(account, event.data.until);
      case 'AccountClosed':
        return put(account, null);
      case 'TierFiguresTakenBack':
        return;
      default:
        return unreachable(event);
    }
  };

  return {
    run: async (signal) => {
      const eventTypes = [...tierEvents.map(({ type }) => type), 'AccountClosed'];
      for await (const item of feed.subscribe({ from: null, filter: { eventTypes }, signal })) {
        if (item.kind === 'fact') apply(item.fact);
      }
    },
    due: (asOf, limit) => {
      const found: DueReview[] = [];
      const today = dayOf(asOf);
      const past = [...days.keys()].filter((day) => day <= today).sort((a, b) => a - b);
      for (const day of past) {
        for (const account of days.get(day) ?? []) {
          if (found.length === limit) return found;
          const [tenant, userId] = account.split(separator) as [TenantId, UserId];
          found.push({ tenant, userId });
        }
      }
      return found;
    },
    size: () => dayOfAccount.size,
  };
};
