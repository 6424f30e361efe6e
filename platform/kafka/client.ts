/**
 * The client for Kafka, made from the settings: bounded tries with back-off, deadlines on connections and requests, its words in our log.
 *
 * What kafkajs leaves to whoever uses it, and where it is answered here: topics are made when they are named (never: topics.ts makes
 * them), an idempotent producer tries for ever and its default partitioner moves messages without keys between tries (sender.ts), a
 * consumer that crashed stays away (consume.ts), a connection has a second to come up (below).
 */
import { Kafka as Client, logLevel, type LogEntry } from 'kafkajs';
import type { Kafka } from '../../workers/kafka/port.js';
import type { Logger } from '../logging.js';
import { createConsume } from './consume.js';
import { createSender } from './sender.js';
import type { KafkaSettings } from './settings.js';
import { createTopicMaker } from './topics.js';

const connectionTimeoutMs = 3_000;
const authenticationTimeoutMs = 5_000;
const requestTimeoutMs = 10_000;

/** Of one operation of the client; who asks tries again after it. 0.2, 0.4 s. */
const retry = {
  retries: 2,
  initialRetryTime: 200,
  maxRetryTime: 2_000,
  factor: 0.2,
  multiplier: 2,
};

/** It means its own endless tries, which are ended here on purpose. */
const expected = /may invalidate EoS guarantees/;

/** Failures reach us as errors and are told by whoever tries again, so the client's own lines of them are for looking closer. */
const logTo =
  (logger: Logger) =>
  () =>
  ({ level, namespace, log }: LogEntry): void => {
    const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = log;
    const isWorthIt = level === logLevel.WARN && !expected.test(message);
    logger[isWorthIt ? 'warn' : 'debug']({ ...fields, part: namespace }, message);
  };

export const createKafka = (settings: KafkaSettings, logger: Logger): Kafka => {
  const { brokers, clientId, tls, sasl, createTopics } = settings;
  const client = new Client({
    brokers: [...brokers],
    clientId,
    ...(tls === false ? {} : { ssl: tls }),
    ...(sasl === null ? {} : { sasl }),
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: authenticationTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry,
    logLevel: logLevel.INFO,
    logCreator: logTo(logger.child({ component: 'kafka' })),
  });
  return {
    sender: () => createSender(client),
    consume: createConsume(client),
    ensureTopic: createTopicMaker(client, createTopics),
  };
};
