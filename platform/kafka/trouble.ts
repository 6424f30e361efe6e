/** The failures of the client as the port names them: why, and what to do next. */
import { type KafkaReason, KafkaTrouble } from '../../workers/kafka/port.js';

interface ClientError {
  readonly name?: string;
  /** Of the protocol, such as MESSAGE_TOO_LARGE. */
  readonly type?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

const byType: Readonly<Record<string, KafkaReason>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'topic-missing',
  MESSAGE_TOO_LARGE: 'too-large',
  RECORD_LIST_TOO_LARGE: 'too-large',
  TOPIC_AUTHORIZATION_FAILED: 'access-denied',
  GROUP_AUTHORIZATION_FAILED: 'access-denied',
  CLUSTER_AUTHORIZATION_FAILED: 'access-denied',
  SASL_AUTHENTICATION_FAILED: 'access-denied',
  REQUEST_TIMED_OUT: 'unreachable',
  NOT_ENOUGH_REPLICAS: 'unreachable',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'unreachable',
  LEADER_NOT_AVAILABLE: 'unreachable',
};

const byName: Readonly<Record<string, KafkaReason>> = {
  KafkaJSConnectionError: 'unreachable',
  KafkaJSConnectionClosedError: 'unreachable',
  KafkaJSRequestTimeoutError: 'unreachable',
  KafkaJSBrokerNotFound: 'unreachable',
  KafkaJSNoBrokerAvailableError: 'unreachable',
  KafkaJSLockTimeout: 'unreachable',
  KafkaJSSASLAuthenticationError: 'access-denied',
  KafkaJSNotImplemented: 'compression',
};

/** Retries wrap what they failed of, several deep. */
const depthMax = 8;

const reasonOf = (error: ClientError, depth = 0): KafkaReason | null => {
  const own = byType[error.type ?? ''] ?? byName[error.name ?? ''];
  if (own) return own;
  if (depth >= depthMax) return null;
  const inside = [...(error.errors ?? []), error.cause].find((one) => one instanceof Error);
  return inside ? reasonOf(inside, depth + 1) : null;
};

export const asTrouble = (error: unknown): KafkaTrouble => {
  if (error instanceof KafkaTrouble) return error;
  const known = error as ClientError;
  const message = known.message ?? String(error);
  return new KafkaTrouble(reasonOf(known) ?? 'refused', message, { cause: error });
};
