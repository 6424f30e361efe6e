/**
 * Outreach to customers, from threads of its own: one starts when the first message is accepted, or an address is to be left alone; another, for
 * one-time passwords alone, with the first of those. A password is told to it from here, where it was accepted, or by the first, which fills the
 * queue and hears of those that other processes accepted.
 */
import { randomUUID } from 'node:crypto';
import type { JustAccepted } from '../../commands/message/accept.js';
import { suppressionEvents } from '../../domain/consent/suppression.js';
import { MessageAccepted } from '../../domain/message/events.js';
import type { LaneKind } from '../../domain/message/lanes.js';
import type { LogLine } from '../../embedded/thread/forwardLog.js';
import type { Feed } from '../../projections/feed.js';
import type { QueueDepth } from '../../projections/outbox/figures.js';
import type { DispatcherState } from '../../workers/outreach/dispatcher.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import type { TracingSettings } from '../tracing/settings.js';
import { type CallsUnderWay, openCallsUnderWay } from './callsUnderWay.js';
import { joinTurns, type TurnsMemory } from './givingWay.js';
import { type DormantThread, openDormantThread } from './dormantThread.js';
import type { Told } from './outreach.js';
import { type Measured, outreachMetrics } from './outreachMeasures.js';

export interface OutreachSettings {
  readonly connectionString: string;
  readonly postgres: PostgresConfig;
  /** Ranges that providers may be reached in though they are private. */
  readonly privateNetworks: readonly string[];
  readonly turns: TurnsMemory;
  /** Null: off. */
  readonly tracing?: TracingSettings | null;
  /** Where recipients end such messages; empty: messages have no link for it. */
  readonly publicUrl: string;
}

/** What a thread begins with. */
export interface OutreachThreadSettings extends OutreachSettings {
  readonly lanes: LaneKind;
  /** Begins the names of all owners of this process. */
  readonly processId: string;
  readonly callsUnderWay: CallsUnderWay;
}

export type FromOutreach =
  | LogLine
  | { readonly kind: 'measured'; readonly measured: Measured; readonly state: DispatcherState }
  | { readonly kind: 'depth'; readonly depth: readonly QueueDepth[] }
  /** For the thread of one-time passwords. */
  | { readonly kind: 'toUrgent'; readonly told: Told };

export interface OutreachThread extends DormantThread<Told> {
  /** Nothing is lost where the thread sleeps or is being started: it reads the log. */
  hear(one: JustAccepted): void;
}

/** Messages live for one batch: with room for that, collecting the young ones copies next to nothing. */
const youngGenerationMb = { usual: 64, urgent: 16 } as const;

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
  const turns = joinTurns(settings.turns);
  const shared = { processId: randomUUID(), callsUnderWay: openCallsUnderWay() };
  const open = (lanes: LaneKind, name: string, triggers: readonly string[]): DormantThread<Told> =>
    openDormantThread<FromOutreach, Told>({
      name,
      feed,
      logger,
      triggers,
      settings: { lanes, ...shared, ...settings } satisfies OutreachThreadSettings,
      program: new URL('./outreach.thread.js', import.meta.url),
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb[lanes] },
      onMessage: (message) => {
        gauges ??= queueGauges(metrics, now);
        if (message.kind === 'toUrgent') return urgent.tell(message.told);
        if (message.kind === 'depth') return gauges.depth(message.depth);
        measure(message.measured);
        gauges.state(lanes, message.state);
      },
    });
  const urgent = open('urgent', 'outreach-urgent', []);
  // Its read model tells which addresses are left alone, too.
  const triggers = [MessageAccepted, ...suppressionEvents].map(({ type }) => type);
  const usual = open('usual', 'outreach', triggers);
  return {
    tell: usual.tell,
    stop: async () => {
      await Promise.all([usual.stop(), urgent.stop()]);
    },
    state: () => (urgent.state() === 'restarting' ? 'restarting' : usual.state()),
    hear: ({ tenant, accepted, position }) => {
      turns.hear();
      const metadata = { tenant };
      const fact = { type: MessageAccepted.type, data: accepted, metadata, position };
      const told: Told = { kind: 'heard', fact: { ...fact, recordedAt: now() } };
      urgent.tell(told);
      // It gives way.
      usual.tell(told);
    },
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
  const states = new Map<LaneKind, DispatcherState>();
  return {
    state: (of: LaneKind, state: DispatcherState): void => {
      states.set(of, state);
      const all = [...states.values()];
      lanes.set(all.reduce((sum, one) => sum + one.lanes, 0));
      inHand.set(all.reduce((sum, one) => sum + one.inHand, 0));
      breakers.reset();
      // Each thread finds out by itself: the worse holds.
      const found = all.flatMap((one) => one.breakers);
      found.sort((one, other) => breakerValues[one.breaker] - breakerValues[other.breaker]);
      for (const { tenant, providerId: provider, breaker } of found) {
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
