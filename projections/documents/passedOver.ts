/**
 * Up to where nothing of a kind is in the log. A read model in documents is told of its own facts alone, and of how far it is without them only
 * now and then: whoever waits for the position of another kind of fact would wait for that, or for ever where nobody fills anything yet.
 */
import type { Position } from '../../domain/fact.js';
import type { Feed } from '../feed.js';

/** Nothing of these types lies after `from` up to there. Null: the signal aborted first, or nothing came after `from`. */
export const passedOver = async (
  feed: Feed,
  eventTypes: readonly string[],
  from: Position,
  signal: AbortSignal,
): Promise<Position | null> => {
  const head = await feed.head();
  if (head === null || head <= from) return null;
  const found = new AbortController();
  const looking = AbortSignal.any([signal, found.signal]);
  const place = { from: from === 0n ? null : from, filter: { eventTypes }, signal: looking };
  for await (const item of feed.subscribe(place)) {
    if (item.kind === 'checkpoint') continue;
    found.abort();
    return item.kind === 'fact' ? item.fact.position - 1n : head;
  }
  return null;
};
