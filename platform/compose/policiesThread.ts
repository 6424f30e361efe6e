/** Policies that turn facts into messages, in a thread of their own: it starts when the first policy is set. */
import type { LogLine } from '../../embedded/thread/forwardLog.js';
import type { Feed } from '../../projections/feed.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import { type DormantThread, openDormantThread } from './dormantThread.js';

export interface PoliciesSettings {
  readonly connectionString: string;
  readonly postgres: PostgresConfig;
}

export type FromPolicies =
  | LogLine
  | {
      readonly kind: 'made';
      readonly trigger: string;
      readonly result: 'accepted' | 'repeated' | 'refused';
      readonly count: number;
    };

export const openPoliciesThread = (options: {
  readonly settings: PoliciesSettings;
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
}): DormantThread => {
  const { settings, feed, logger, metrics } = options;
  const made = metrics.counter({
    name: 'outreach_policy_messages_total',
    help: 'Messages that policies made of facts, by what they were made of and what became of the request.',
    labelNames: ['trigger', 'result'],
  });
  return openDormantThread<FromPolicies>({
    name: 'policies',
    settings,
    feed,
    logger,
    triggers: ['OutreachPolicySet'],
    program: new URL('./policies.thread.js', import.meta.url),
    onMessage: ({ trigger, result, count }) => made.inc({ trigger, result }, count),
  });
};
