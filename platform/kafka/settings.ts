/** What the settings say of Kafka, read whole before anything connects, so that a fault is told at the start. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';
import { type Config, ConfigError } from '../config.js';

export interface KafkaSettings {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls: ConnectionOptions | false;
  readonly sasl: SASLOptions | null;
  readonly createTopics: boolean;
}

export type KafkaConfig = Pick<
  Config,
  | 'kafkaBrokers'
  | 'kafkaClientId'
  | 'kafkaTls'
  | 'kafkaAuthorityFile'
  | 'kafkaSasl'
  | 'kafkaUser'
  | 'kafkaPassword'
  | 'kafkaCreateTopics'
  | 'kafkaTopicPrefix'
  | 'kafkaOutreach'
>;

const saslOf = ({ kafkaSasl, kafkaUser, kafkaPassword }: KafkaConfig): SASLOptions | null => {
  if (kafkaSasl === 'none') return null;
  if (kafkaUser === '' || kafkaPassword === '') {
    throw new ConfigError([
      `KOPILKA_KAFKA_SASL is ${kafkaSasl}: set KOPILKA_KAFKA_USER and KOPILKA_KAFKA_PASSWORD too.`,
    ]);
  }
  return { mechanism: kafkaSasl, username: kafkaUser, password: kafkaPassword };
};

const certificatesIn = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError([`KOPILKA_KAFKA_AUTHORITY_FILE: ${(error as Error).message}`]);
  }
};

/** Null: Kafka is not used. @throws ConfigError that names the setting at fault. */
export const kafkaSettings = (config: KafkaConfig): KafkaSettings | null => {
  const { kafkaBrokers, kafkaTls, kafkaAuthorityFile } = config;
  if (kafkaBrokers.length === 0 && config.kafkaOutreach.length > 0) {
    throw new ConfigError([
      'KOPILKA_KAFKA_OUTREACH names programmes: set KOPILKA_KAFKA_BROKERS too.',
    ]);
  }
  if (kafkaBrokers.length === 0) return null;
  const authority = kafkaAuthorityFile === '' ? {} : { ca: certificatesIn(kafkaAuthorityFile) };
  return {
    brokers: kafkaBrokers,
    clientId: config.kafkaClientId,
    tls: kafkaTls ? authority : false,
    sasl: saslOf(config),
    createTopics: config.kafkaCreateTopics,
  };
};

/** The whole name of a Kafka topic of a programme: `{tenant}` in the prefix keeps the programmes of one cluster apart. */
export const kafkaTopicNames =
  (prefix: string) =>
  (tenant: string, kafkaTopic: string): string =>
    prefix.replaceAll('{tenant}', tenant) + kafkaTopic;
