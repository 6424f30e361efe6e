/** The filter of a feed as the server takes it. */
import {
  eventTypeFilter,
  excludeSystemEvents,
  type Filter,
  streamNameFilter,
} from '@eventstore/db-client';
import type { FeedFilter } from '../../projections/feed.js';

/** The server filters on one thing only: where types and streams are both asked for, `isWanted` checks the stream. */
export const serverFilter = (
  { eventTypes, streamPrefixes }: FeedFilter,
  options: Partial<Pick<Filter, 'checkpointInterval' | 'checkpointReached'>> = {},
): Filter => {
  if (eventTypes) return eventTypeFilter({ regex: `^(${eventTypes.join('|')})$`, ...options });
  if (streamPrefixes) return streamNameFilter({ prefixes: [...streamPrefixes], ...options });
  return excludeSystemEvents(options);
};

export const isWanted = (stream: string, { eventTypes, streamPrefixes }: FeedFilter): boolean =>
  !eventTypes || !streamPrefixes || streamPrefixes.some((prefix) => stream.startsWith(prefix));
