/**
 * Starts the thread of outreach when the first message is accepted, and again when it ended by itself: tills notice neither. A Kopilka that
 * was never asked to say anything has no such thread.
 */
import { Worker } from 'node:worker_threads';
import type { LogLine } from '../../embedded/thread/forwardLog.js';
import type { Feed } from '../../projections/feed.js';
import type { QueueDepth } from '../../projections/outbox/figures.js';
import { backOffMs, pause } from '../../projections/pause.js';
import type { DispatcherState } from '../../workers/outreach/dispatcher.js';
import type { PartState } from '../lifecycle.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import type { TracingSettings } from '../tracing/settings.js';
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

export interface OutreachThread {
  /** Twice is safe. */
  stop(): Promise<void>;
  state(): PartState;
}

const stopDeadlineMs = 8_000;
const restart = { firstMs: 1_000, mostMs: 60_000 } as const;
const soundAfterMs = 60_000;
/** Messages live for one batch: with room for that, collecting the young ones copies next to nothing. */
const youngGenerationMb = 64;

export const openOutreachThread = (options: {
  readonly settings: OutreachSettings;
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}): OutreachThread => {
  const { settings, feed, logger } = options;
  const stopping = new AbortController();
  let worker: Worker | null = null;
  let isAwake = false;

  /** @returns whether there will ever be anything to say. */
  const firstMessage = async (): Promise<boolean> => {
    const seen = new AbortController();
    const signal = AbortSignal.any([stopping.signal, seen.signal]);
    const filter = { eventTypes: ['MessageAccepted'] };
    for await (const { kind } of feed.subscribe({ from: null, filter, signal })) {
      if (kind !== 'fact') continue;
      seen.abort();
      return true;
    }
    return false;
  };

  const runOnce = (hear: (message: FromOutreach) => void): Promise<Error | null> =>
    new Promise((resolve) => {
      const started = new Worker(new URL('./outreach.thread.js', import.meta.url), {
        workerData: settings,
        name: 'outreach',
        resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
      });
      worker = started;
      let failure: Error | null = null;
      started.on('message', hear);
      started.on('error', (error: Error) => (failure = error));
      started.once('exit', (code) => {
        worker = null;
        resolve(failure ?? (code === 0 ? null : new Error(`it ended with code ${code}`)));
      });
      if (stopping.signal.aborted) started.postMessage('stop');
    });

  const run = async (): Promise<void> => {
    if (!(await firstMessage())) return;
    isAwake = true;
    const measure = outreachMetrics(options.metrics);
    const show = queueGauges(options.metrics, options.now);
    const hear = (message: FromOutreach): void => {
      if (message.kind === 'log') logger[message.level](message.fields, message.message);
      else if (message.kind === 'measured') {
        measure(message.measured);
        show.state(message.state);
      } else show.depth(message.depth);
    };
    for (let failures = 0; !stopping.signal.aborted;) {
      const startedAt = performance.now();
      const error = await runOnce(hear);
      if (stopping.signal.aborted) return;
      failures = performance.now() - startedAt > soundAfterMs ? 1 : failures + 1;
      logger.error({ err: error }, 'the thread of outreach ended by itself and is started again');
      await pause(backOffMs(failures, restart.firstMs, restart.mostMs), stopping.signal);
    }
  };
  const running = run().catch((error: unknown) =>
    logger.error({ err: error }, 'outreach was given up'),
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
