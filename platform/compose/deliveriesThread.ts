/** Deliveries to webhooks, from a thread of their own: it starts when the first subscription is made. */
import type { LogLine } from '../../embedded/thread/forwardLog.js';
import type { Feed } from '../../projections/feed.js';
import type { DispatcherState } from '../../workers/webhook/dispatcher.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import type { TracingSettings } from '../tracing/settings.js';
import { type DormantThread, openDormantThread } from './dormantThread.js';

export interface DeliveriesSettings {
  readonly connectionString: string;
  readonly postgres: PostgresConfig;
  /** Ranges that webhooks may reach though they are private. */
  readonly privateNetworks: readonly string[];
  /** Null: off. */
  readonly tracing?: TracingSettings | null;
  /** Records of deliveries; 0: for ever. */
  readonly keptDays: number;
}

export type FromDeliveries =
  | LogLine
  | {
      readonly kind: 'measured';
      /** By outcome and cause, with a blank between. */
      readonly attempts: Readonly<Record<string, number>>;
      /** Milliseconds. */
      readonly latencies: readonly number[];
      readonly state: DispatcherState;
    };

export type DeliveriesThread = DormantThread;

/** Nearly all that a request is made of is gone with its answer: with room for that, collecting it copies next to nothing. */
const youngGenerationMb = 64;

export const openDeliveriesThread = (options: {
  readonly settings: DeliveriesSettings;
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
}): DeliveriesThread => {
  const { settings, feed, logger, metrics } = options;
  return openDormantThread<FromDeliveries>({
    name: 'deliveries',
    settings,
    feed,
    logger,
    triggers: ['SubscriptionCreated'],
    program: new URL('./deliveries.thread.js', import.meta.url),
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    onMessage: measures(metrics),
  });
};

type Measured = Extract<FromDeliveries, { kind: 'measured' }>;

const measures = (metrics: Metrics): ((message: Measured) => void) => {
  const attempts = metrics.counter({
    name: 'kopilka_delivery_attempts_total',
    help: 'Attempts to deliver to webhooks.',
    labelNames: ['outcome', 'cause'],
  });
  const latency = metrics.histogram({
    name: 'kopilka_delivery_latency_seconds',
    help: 'From the record of a publication to the start of its first attempt.',
  });
  const gauge = (name: `kopilka_${string}`, help: string) => metrics.gauge({ name, help });
  const subscriptions = gauge('kopilka_delivery_subscriptions', 'Subscriptions delivered here.');
  const open = gauge('kopilka_delivery_breakers_open', 'Endpoints that are only probed.');
  const lag = gauge('kopilka_delivery_lag', 'Publications not delivered yet, over subscriptions.');
  const waiting = gauge('kopilka_delivery_waiting', 'Deliveries that wait for another attempt.');
  const parked = gauge('kopilka_delivery_parked', 'Deliveries given up until somebody asks.');
  return ({ attempts: counts, latencies, state }) => {
    for (const [name, count] of Object.entries(counts)) {
      const [outcome = '', cause = ''] = name.split(' ');
      attempts.inc({ outcome, cause }, count);
    }
    for (const ms of latencies) latency.observe(ms / 1_000);
    subscriptions.set(state.subscriptions);
    open.set(state.breakersOpen);
    lag.set(state.lag);
    waiting.set(state.waiting);
    parked.set(state.parked);
  };
};
