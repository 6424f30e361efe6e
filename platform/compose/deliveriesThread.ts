/**
 * Starts the thread of deliveries when the first subscription is made, and again when it ended by itself: tills notice neither. A Kopilka
 * without subscriptions has no such thread.
 */
import { Worker } from 'node:worker_threads';
import type { LogLine } from '../../embedded/thread/forwardLog.js';
import type { Feed } from '../../projections/feed.js';
import { backOffMs, pause } from '../../projections/pause.js';
import type { DispatcherState } from '../../workers/webhook/dispatcher.js';
import type { PartState } from '../lifecycle.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import type { TracingSettings } from '../tracing/settings.js';

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

export interface DeliveriesThread {
  /** Twice is safe. */
  stop(): Promise<void>;
  state(): PartState;
}

const stopDeadlineMs = 8_000;
const restart = { firstMs: 1_000, mostMs: 60_000 } as const;
const soundAfterMs = 60_000;

export const openDeliveriesThread = (options: {
  readonly settings: DeliveriesSettings;
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
}): DeliveriesThread => {
  const { settings, feed, logger } = options;
  const measure = measures(options.metrics);
  const stopping = new AbortController();
  let worker: Worker | null = null;
  let isAwake = false;

  /** @returns whether there will ever be something to deliver. */
  const firstSubscription = async (): Promise<boolean> => {
    const seen = new AbortController();
    const signal = AbortSignal.any([stopping.signal, seen.signal]);
    const filter = { eventTypes: ['SubscriptionCreated'] };
    for await (const { kind } of feed.subscribe({ from: null, filter, signal })) {
      if (kind !== 'fact') continue;
      seen.abort();
      return true;
    }
    return false;
  };

  const runOnce = (): Promise<Error | null> =>
    new Promise((resolve) => {
      const started = new Worker(new URL('./deliveries.thread.js', import.meta.url), {
        workerData: settings,
        name: 'deliveries',
      });
      worker = started;
      let failure: Error | null = null;
      started.on('message', (message: FromDeliveries) => {
        if (message.kind === 'log') logger[message.level](message.fields, message.message);
        else measure(message);
      });
      started.on('error', (error: Error) => (failure = error));
      started.once('exit', (code) => {
        worker = null;
        resolve(failure ?? (code === 0 ? null : new Error(`it ended with code ${code}`)));
      });
      if (stopping.signal.aborted) started.postMessage('stop');
    });

  const run = async (): Promise<void> => {
    if (!(await firstSubscription())) return;
    isAwake = true;
    for (let failures = 0; !stopping.signal.aborted;) {
      const startedAt = performance.now();
      const error = await runOnce();
      if (stopping.signal.aborted) return;
      failures = performance.now() - startedAt > soundAfterMs ? 1 : failures + 1;
      logger.error({ err: error }, 'the thread of deliveries ended by itself and is started again');
      await pause(backOffMs(failures, restart.firstMs, restart.mostMs), stopping.signal);
    }
  };
  const running = run().catch((error: unknown) =>
    logger.error({ err: error }, 'deliveries were given up'),
  );

  const stop = async (): Promise<void> => {
    stopping.abort();
    const timer = setTimeout(() => void worker?.terminate(), stopDeadlineMs);
    worker?.postMessage('stop');
    await running;
    clearTimeout(timer);
  };
  let stopped: Promise<void> | undefined;
  return {
    stop: () => (stopped ??= stop()),
    state: () => (worker ? 'running' : isAwake ? 'restarting' : 'asleep'),
  };
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
