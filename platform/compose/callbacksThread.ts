/** Callbacks to requesters of messages, from a thread of their own: it starts with the first message. */
import type { Feed } from '../../projections/feed.js';
import type { LogLine } from '../../embedded/thread/forwardLog.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import { type DormantThread, openDormantThread } from './dormantThread.js';

export interface CallbacksSettings {
  readonly connectionString: string;
  readonly postgres: PostgresConfig;
}

export type FromCallbacks = LogLine | { readonly kind: 'published'; readonly events: number };

export const openCallbacksThread = (options: {
  readonly settings: CallbacksSettings;
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
}): DormantThread => {
  const { settings, feed, logger, metrics } = options;
  const published = metrics.counter({
    name: 'outreach_callbacks_total',
    help: 'Changes of messages that were published for their requesters.',
  });
  return openDormantThread<FromCallbacks>({
    name: 'callbacks',
    settings,
    feed,
    logger,
    triggers: ['MessageAccepted'],
    program: new URL('./callbacks.thread.js', import.meta.url),
    onMessage: ({ events }) => published.inc(events),
  });
};
