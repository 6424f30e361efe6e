/** Outreach to customers, from a thread of its own: it starts when the first message is accepted. */
import type { LogLine } from '../../embedded/thread/forwardLog.js';
import type { Feed } from '../../projections/feed.js';
import type { QueueDepth } from '../../projections/outbox/figures.js';
import type { DispatcherState } from '../../workers/outreach/dispatcher.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import type { TracingSettings } from '../tracing/settings.js';
import { type DormantThread, openDormantThread } from './dormantThread.js';
import { type Measured, outreachMetrics } from './outreachMeasures.js';

export interface OutreachSettings {
  readonly connectionString: string;
  readonly postgres: PostgresConfig;
  /** Ranges that providers may be reached in though they are private. */
  readonly privateNetworks: readonly string[];
  /** Null: off. */
  readonly tracing?: TracingSettings | null;
  /** Where recipients end such messages; empty: messages have no link for it. */
  readonly publicUrl: string;
}

export type FromOutreach =
  | LogLine
  | { readonly kind: 'measured'; readonly measured: Measured; readonly state: DispatcherState }
  | { readonly kind: 'depth'; readonly depth: readonly QueueDepth[] };

export type OutreachThread = DormantThread;

/** Messages live for one batch: with room for that, collecting the young ones copies next to nothing. */
const youngGenerationMb = 64;

export const openOutreachThread = (options: {
  readonly settings: OutreachSettings;
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}): OutreachThread => {
  const { settings, feed, logger, metrics, now } = options;
  const measure = outreachMetrics(metrics);
  // Made with the first message: what never ran has no gauges.
  let gauges: ReturnType<typeof queueGauges> | undefined;
  return openDormantThread<FromOutreach>({
    name: 'outreach',
    settings,
    feed,
    logger,
    triggers: ['MessageAccepted'],
    program: new URL('./outreach.thread.js', import.meta.url),
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    onMessage: (message) => {
      gauges ??= queueGauges(metrics, now);
      if (message.kind === 'depth') return gauges.depth(message.depth);
      measure(message.measured);
      gauges.state(message.state);
    },
  });
};

const breakerValues = { closed: 0, probing: 1, open: 2 } as const;

const queueGauges = (metrics: Metrics, now: () => number) => {
  const depth = metrics.gauge({
    name: 'outreach_queue_depth',
    help: 'Messages that could be sent now.',
    labelNames: ['channel', 'class'],
  });
  const oldest = metrics.gauge({
    name: 'outreach_queue_oldest_seconds',
    help: 'For how long the oldest of them could have been sent.',
    labelNames: ['channel', 'class'],
  });
  const scheduled = metrics.gauge({
    name: 'outreach_queue_scheduled',
    help: 'Messages that wait for a time.',
    labelNames: ['channel', 'class'],
  });
  const breakers = metrics.gauge({
    name: 'outreach_breaker_state',
    help: 'Of a provider: 0 closed, 1 being probed, 2 open.',
    labelNames: ['tenant', 'provider'],
  });
  const lanes = metrics.gauge({ name: 'outreach_lanes', help: 'Lanes that are sent here.' });
  const inHand = metrics.gauge({
    name: 'outreach_messages_in_hand',
    help: 'Messages read from the queue and not yet let go.',
  });
  const unknown = metrics.gauge({
    name: 'outreach_attempts_unknown',
    help: 'Messages whose attempt nobody knows the outcome of.',
    labelNames: ['channel', 'class'],
  });
  return {
    state: (state: DispatcherState): void => {
      lanes.set(state.lanes);
      inHand.set(state.inHand);
      breakers.reset();
      for (const { tenant, providerId: provider, breaker } of state.breakers) {
        breakers.set({ tenant, provider }, breakerValues[breaker]);
      }
    },
    depth: (rows: readonly QueueDepth[]): void => {
      for (const gauge of [depth, oldest, scheduled, unknown]) gauge.reset();
      const at = now();
      const oldestOf = new Map<string, number>();
      for (const row of rows) {
        const labels = { channel: row.channel, class: row.class };
        depth.inc(labels, row.ready);
        scheduled.inc(labels, row.scheduled);
        unknown.inc(labels, row.unknown);
        const key = `${row.channel} ${row.class}`;
        const since = Math.min(row.oldestSince ?? at, oldestOf.get(key) ?? at);
        oldestOf.set(key, since);
        oldest.set(labels, Math.max(0, (at - since) / 1_000));
      }
    },
  };
};
