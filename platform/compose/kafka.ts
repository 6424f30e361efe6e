/**
 * Kafka's part of the workers: what goes out, what comes in, how both are measured. Where no brokers are named there is nothing of it,
 * and where no relay or binding was set nothing connects.
 */
import { setMaxListeners } from 'node:events';
import type pg from 'pg';
import type { KafkaRoutes } from '../../api/admin/kafka.js';
import type { History } from '../../api/audit/history.js';
import type { Handler } from '../../commands/handle.js';
import type { KafkaLinks } from '../../commands/kafkaLinks.js';
import type { Log } from '../../commands/log.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import type { Arrivals } from '../../commands/publication/arrivals.js';
import { createPublish } from '../../commands/publication/publish.js';
import { createReveal } from '../../commands/publication/reveal.js';
import type { Feed } from '../../projections/feed.js';
import { createIntakes } from '../../workers/kafka/in/intakes.js';
import { createRelays } from '../../workers/kafka/out/relays.js';
import { createReporter, type Reporter } from '../../workers/kafka/state.js';
import type { Tracing } from '../../commands/tracing.js';
import { traceKafka } from '../../workers/kafka/tracing.js';
import { createKafka } from '../kafka/client.js';
import { type KafkaConfig, kafkaSettings, kafkaTopicNames } from '../kafka/settings.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import { createKafkaStates } from '../postgres/kafkaStates.js';
import { createSoleRunner } from '../postgres/soleRunner.js';
import { createWorkerCheckpoints } from '../postgres/workerCheckpoints.js';

export interface KafkaParts {
  readonly config: KafkaConfig;
  readonly handler: Handler;
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly log: Log;
  readonly arrivals: Arrivals;
  readonly personalKeys: PersonalKeys;
  readonly history: Pick<History, 'stream'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing?: Tracing | undefined;
  readonly now: () => number;
}

export interface OpenKafka {
  /** Ends what is under way. Twice is safe. */
  stop(): Promise<void>;
}

/** Null: no brokers are named. @throws Error that names the setting at fault. */
export const openKafka = (parts: KafkaParts): OpenKafka | null => {
  const { config, handler, log, arrivals, feed, pool, personalKeys, history, metrics, now } = parts;
  const settings = kafkaSettings(config);
  if (!settings) return null;
  const { directory } = handler;
  const logger = parts.logger.child({ component: 'kafka' });
  const untraced = createKafka(settings, parts.logger);
  const kafka = parts.tracing ? traceKafka(untraced, parts.tracing) : untraced;
  const nameOf = kafkaTopicNames(config.kafkaTopicPrefix);
  const reporter = createReporter({
    states: createKafkaStates(pool),
    onFailed: (error) => logger.warn({ err: error }, 'the state of Kafka could not be written'),
  });
  const counts = measure(metrics, directory.kafka, reporter);
  const relays = createRelays({
    feed,
    kafka,
    nameOf,
    reporter,
    now,
    directory,
    reveal: createReveal(personalKeys),
    checkpoints: createWorkerCheckpoints(pool),
    soleRunner: createSoleRunner(pool, (error) =>
      logger.warn({ err: error }, 'the turn to relay could not be asked for'),
    ),
    lastRevision: async (stream) => {
      const { facts } = await history.stream(stream, {
        direction: 'backwards',
        from: null,
        limit: 1,
      });
      return facts[0]?.revision ?? null;
    },
    onFailed: (error, { tenant, relayId }) =>
      logger.warn({ err: error, tenant, relayId }, 'a relay failed and tries again'),
    onRelayed: ({ tenant, relayId }, messages) =>
      counts.relayed.inc({ tenant, relay: relayId }, messages),
  });
  const intakes = createIntakes({
    kafka,
    nameOf,
    reporter,
    now,
    directory,
    publish: createPublish({ log, directory, arrivals, keys: personalKeys }),
    groupPrefix: settings.clientId,
    onFailed: (error, { tenant, bindingId }) =>
      logger.warn({ err: error, tenant, bindingId }, 'a binding failed and tries again'),
    onTaken: ({ tenant, bindingId }, outcome, messages) =>
      counts.taken.inc({ tenant, binding: bindingId, outcome }, messages),
  });
  const stopping = new AbortController();
  const { signal } = stopping;
  // Every relay and binding listens to it, and what they read besides.
  setMaxListeners(0, signal);
  const running = Promise.all([relays.run(signal), intakes.run(signal), reporter.run(signal)]);
  running.catch((error: unknown) =>
    logger.error({ err: error }, 'Kafka is not worked on any more'),
  );
  return {
    stop: async () => {
      stopping.abort();
      await running.catch(() => undefined);
    },
  };
};

/** What operators are shown, from any process. */
export const kafkaStanding = (config: KafkaConfig, pool: pg.Pool): KafkaRoutes['kafka'] => ({
  states: createKafkaStates(pool).load,
  nameOf: kafkaTopicNames(config.kafkaTopicPrefix),
});

const measure = (metrics: Metrics, links: KafkaLinks, reporter: Reporter) => {
  metrics.gauge({
    name: 'kopilka_kafka_relay_backlog',
    help: 'Publications that a relay has still to hand on.',
    labelNames: ['tenant', 'relay'],
    collect() {
      this.reset();
      for (const { tenant, relayId, status } of links.allRelays()) {
        const { behind } = reporter.state('relay', tenant, relayId);
        if (status === 'active' && behind !== null) this.set({ tenant, relay: relayId }, behind);
      }
    },
  });
  metrics.gauge({
    name: 'kopilka_kafka_relay_lag_seconds',
    help: 'How long the oldest fact that a relay is handing on has been waiting.',
    labelNames: ['tenant', 'relay'],
    collect() {
      this.reset();
      for (const { tenant, relayId, status } of links.allRelays()) {
        if (status !== 'active') continue;
        const { lagMs } = reporter.state('relay', tenant, relayId);
        this.set({ tenant, relay: relayId }, lagMs / 1_000);
      }
    },
  });
  metrics.gauge({
    name: 'kopilka_kafka_binding_backlog',
    help: 'Messages of a Kafka topic that a binding has still to take in, in the partitions of this process.',
    labelNames: ['tenant', 'binding'],
    collect() {
      this.reset();
      for (const { tenant, bindingId, status } of links.allBindings()) {
        const { behind } = reporter.state('binding', tenant, bindingId);
        if (status === 'active' && behind !== null) {
          this.set({ tenant, binding: bindingId }, behind);
        }
      }
    },
  });
  return {
    relayed: metrics.counter({
      name: 'kopilka_kafka_relayed_total',
      help: 'Messages that Kafka acknowledged.',
      labelNames: ['tenant', 'relay'],
    }),
    taken: metrics.counter({
      name: 'kopilka_kafka_taken_total',
      help: 'Messages taken in from Kafka, by what became of them.',
      labelNames: ['tenant', 'binding', 'outcome'],
    }),
  };
};
