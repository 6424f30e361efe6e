/** Requests for messages from Kafka, for the programmes that the settings name; nothing connects where none is named. */
import type pg from 'pg';
import type { AcceptResult } from '../../commands/message/accept.js';
import type { Directory } from '../../commands/directory.js';
import { oldestReady } from '../../projections/outbox/age.js';
import type { RequestTopic } from '../../workers/outreach/kafka/intake.js';
import { createRequestIntakes } from '../../workers/outreach/kafka/intakes.js';
import type { Tracing } from '../../commands/tracing.js';
import { traceKafka } from '../../workers/kafka/tracing.js';
import { createKafka } from '../kafka/client.js';
import { type KafkaConfig, kafkaSettings, kafkaTopicNames } from '../kafka/settings.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { Accepting } from './accepting.js';

export interface OutreachKafka {
  /** Ends what is under way. Twice is safe. */
  stop(): Promise<void>;
}

/** Null: no programme takes requests from Kafka. @throws Error that names the setting at fault. */
export const openOutreachKafka = (parts: {
  readonly config: KafkaConfig;
  readonly directory: Directory;
  readonly accepting: Accepting;
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing?: Tracing | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): OutreachKafka | null => {
  const { config, directory, accepting, pool, now } = parts;
  const settings = kafkaSettings(config);
  if (!settings || config.kafkaOutreach.length === 0) return null;
  const logger = parts.logger.child({ component: 'outreach-kafka' });
  const measures = measure(parts.metrics);
  const kafka = createKafka(settings, parts.logger);
  const intakes = createRequestIntakes({
    kafka: parts.tracing ? traceKafka(kafka, parts.tracing) : kafka,
    nameOf: kafkaTopicNames(config.kafkaTopicPrefix),
    groupPrefix: settings.clientId,
    tenants: config.kafkaOutreach,
    directory,
    now,
    accept: accepting.accept,
    queueAge: async ({ tenant, class: of }) => {
      const since = await oldestReady(pool, tenant, of);
      return since === null ? 0 : Math.max(0, now() - since);
    },
    onFailed: (error, { tenant, class: of }) =>
      logger.warn({ err: error, tenant, class: of }, 'requests from Kafka wait, tries again'),
    onTaken: (topic, results, milliseconds) => {
      accepting.onAccepted('kafka', results, milliseconds);
      measures.taken(topic, results);
    },
    onBehind: measures.behind,
    onWaiting: ({ tenant, class: of }, isWaiting) => {
      measures.waiting({ tenant, class: of }, isWaiting);
      const said = isWaiting ? 'the queue is old: Kafka has to wait' : 'Kafka waits no longer';
      logger.info({ tenant, class: of }, said);
    },
  });
  const stopping = new AbortController();
  const running = intakes.run(stopping.signal);
  running.catch((error: unknown) =>
    logger.error({ err: error }, 'requests from Kafka are not taken any more'),
  );
  return {
    stop: async () => {
      stopping.abort();
      await running.catch(() => undefined);
    },
  };
};

const measure = (metrics: Metrics) => {
  const behind = new Map<string, number>();
  const lag = metrics.gauge({
    name: 'outreach_kafka_lag',
    help: 'Requests in Kafka that are still to be taken, in the partitions of this process.',
    labelNames: ['tenant', 'class'],
  });
  const deadLetters = metrics.counter({
    name: 'outreach_dead_letters_total',
    help: 'Requests from Kafka that were put to the dead letters with their cause.',
    labelNames: ['tenant', 'class'],
  });
  const waiting = metrics.gauge({
    name: 'outreach_kafka_waiting',
    help: 'Whether Kafka has to wait since the queue of the class is old.',
    labelNames: ['tenant', 'class'],
  });
  return {
    taken: ({ tenant, class: of }: RequestTopic, results: readonly AcceptResult[]): void => {
      const refused = results.filter(({ kind }) => kind === 'refused').length;
      if (refused > 0) deadLetters.inc({ tenant, class: of }, refused);
    },
    behind: ({ tenant, class: of }: RequestTopic, partition: number, messages: number): void => {
      const topic = `${tenant}.${of}/`;
      behind.set(`${topic}${partition}`, messages);
      const ofTopic = [...behind].filter(([name]) => name.startsWith(topic));
      lag.set(
        { tenant, class: of },
        ofTopic.reduce((sum, [, count]) => sum + count, 0),
      );
    },
    waiting: ({ tenant, class: of }: RequestTopic, isWaiting: boolean): void =>
      waiting.set({ tenant, class: of }, isWaiting ? 1 : 0),
  };
};
