/** Settings of the brokers of Kafka, and of what comes in through them. */
import { boolean, ids, oneOf, servers, text } from './kinds.js';
import { setting } from './setting.js';

export const kafkaSettings = {
  kafkaBrokers: setting({
    env: 'KOPILKA_KAFKA_BROKERS',
    kind: servers,
    default: '',
    description: 'Kafka brokers to begin with; empty for no Kafka.',
  }),
  kafkaClientId: setting({
    env: 'KOPILKA_KAFKA_CLIENT_ID',
    kind: text,
    default: 'kopilka',
    description: 'Name to the brokers, and what names of consumer groups begin with.',
  }),
  kafkaTls: setting({
    env: 'KOPILKA_KAFKA_TLS',
    kind: boolean,
    default: 'false',
    description: 'Whether connections to the brokers are encrypted.',
  }),
  kafkaAuthorityFile: setting({
    env: 'KOPILKA_KAFKA_AUTHORITY_FILE',
    kind: text,
    default: '',
    description: 'Authority of the brokers (PEM); empty for one that every machine trusts.',
  }),
  kafkaSasl: setting({
    env: 'KOPILKA_KAFKA_SASL',
    kind: oneOf('none', 'plain', 'scram-sha-256', 'scram-sha-512'),
    default: 'none',
    description: 'How the brokers are told who connects; plain only with TLS.',
  }),
  kafkaUser: setting({
    env: 'KOPILKA_KAFKA_USER',
    kind: text,
    default: '',
    description: 'User for the brokers.',
  }),
  kafkaPassword: setting({
    env: 'KOPILKA_KAFKA_PASSWORD',
    kind: text,
    default: '',
    secret: true,
    description: 'Its password.',
  }),
  kafkaTopicPrefix: setting({
    env: 'KOPILKA_KAFKA_TOPIC_PREFIX',
    kind: text,
    default: 'kopilka.{tenant}.',
    description:
      'What names of Kafka topics begin with; {tenant} keeps programmes apart, leave it out only where there is one.',
  }),
  kafkaCreateTopics: setting({
    env: 'KOPILKA_KAFKA_CREATE_TOPICS',
    kind: boolean,
    default: 'true',
    description: 'Whether Kafka topics that are missing are made.',
  }),
  kafkaOutreach: setting({
    env: 'KOPILKA_KAFKA_OUTREACH',
    kind: ids,
    default: '',
    description:
      'Programmes that take requests for messages from Kafka, by the topics outreach.otp, outreach.transactional, outreach.service and outreach.marketing behind the prefix.',
  }),
} as const;
