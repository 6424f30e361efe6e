/**
 * The workers that have threads of their own, so that the tills' commands never wait for them. Each sleeps until the log holds the first
 * fact that it is there for.
 */
import type { JustAccepted } from '../../commands/message/accept.js';
import type { Feed } from '../../projections/feed.js';
import type { Config } from '../config.js';
import type { Lifecycle } from '../lifecycle.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import type { TracingSettings } from '../tracing/settings.js';
import { openCallbacksThread } from './callbacksThread.js';
import { openDeliveriesThread } from './deliveriesThread.js';
import type { DormantThread } from './dormantThread.js';
import type { TurnsMemory } from './givingWay.js';
import { openOutreachThread } from './outreachThread.js';
import { openPoliciesThread } from './policiesThread.js';

export interface WorkerThreadsOptions {
  readonly config: Config;
  /** Where each thread opens connections of its own. */
  readonly stores: { readonly connectionString: string; readonly postgres: PostgresConfig };
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly turns: TurnsMemory;
  readonly tracing: TracingSettings | null;
  readonly now: () => number;
}

export interface WorkerThreads {
  /** To whoever sends, if that is this process. */
  hear(one: JustAccepted): void;
}

type Thread = Pick<DormantThread, 'stop' | 'state'> & Partial<WorkerThreads>;

const openers: Readonly<Record<string, (options: WorkerThreadsOptions) => Thread>> = {
  deliveries: ({ config, stores, tracing, logger, feed, metrics }) =>
    openDeliveriesThread({
      settings: {
        ...stores,
        privateNetworks: config.webhookPrivateNetworks,
        keptDays: config.deliveriesKeptDays,
        tracing,
      },
      logger,
      feed,
      metrics,
    }),
  outreach: ({ config, stores, turns, tracing, logger, feed, metrics, now }) =>
    openOutreachThread({
      settings: {
        ...stores,
        privateNetworks: config.webhookPrivateNetworks,
        publicUrl: config.publicUrl,
        turns,
        tracing,
      },
      logger,
      feed,
      metrics,
      now,
    }),
  callbacks: ({ stores, logger, feed, metrics }) =>
    openCallbacksThread({ settings: stores, logger, feed, metrics }),
  policies: ({ stores, logger, feed, metrics }) =>
    openPoliciesThread({ settings: stores, logger, feed, metrics }),
};

/** @param begin asked at the start of each, when what they need is there; null where this process has no workers. */
export const addWorkerThreads = (
  lifecycle: Pick<Lifecycle, 'add'>,
  begin: () => WorkerThreadsOptions | null,
): WorkerThreads => {
  const threads: Thread[] = [];
  for (const [name, open] of Object.entries(openers)) {
    let thread: Thread | null = null;
    lifecycle.add({
      name,
      start: () => {
        const options = begin();
        if (!options) return;
        thread = open({ ...options, logger: options.logger.child({ component: name }) });
        threads.push(thread);
      },
      stopIntake: () => thread?.stop(),
      close: () => thread?.stop(),
      state: () => thread?.state() ?? 'off',
    });
  }
  return { hear: (one) => threads.forEach((thread) => thread.hear?.(one)) };
};
