/** A message that cannot be taken in, as it was, with why and where it was found: for the topic of dead letters beside its own. */
import { type Fault, InvalidInput } from '../../../commands/validation.js';
import { deadLetterEnding } from '../../../domain/kafka/name.js';
import { Rejected } from '../../../domain/rejected.js';
import { LogRefused } from '../../../commands/log.js';
import type { FoundBatch, FoundMessage, KafkaMessage, KafkaSender } from '../port.js';

export const deadLetterTopicOf = (kafkaTopic: string): string => kafkaTopic + deadLetterEnding;

export interface Cause {
  /** Stable, as in the API's errors. */
  readonly code: string;
  readonly reason: string;
}

const reasonMax = 1_000;
/** Each is published by itself. */
const published = /^\/publications\/0/;

const toldOf = (faults: readonly Fault[]): string =>
  faults
    .map(({ pointer, reason }) => `${pointer.replace(published, '')} ${reason}`.trim())
    .join('; ')
    .slice(0, reasonMax);

/** Null: it is not the message's fault. */
export const causeOf = (error: unknown): Cause | null => {
  if (error instanceof InvalidInput) return { code: 'invalid-input', reason: toldOf(error.faults) };
  if (error instanceof Rejected) {
    const { code, message, details } = error;
    const reason = code === 'schema-not-met' ? toldOf(details['faults'] as Fault[]) : message;
    return { code, reason };
  }
  if (error instanceof LogRefused && error.reason === 'too-large') {
    return { code: 'body-too-large', reason: error.message };
  }
  return null;
};

export const deadLetterOf = (
  message: FoundMessage,
  found: { readonly kafkaTopic: string; readonly partition: number; readonly group: string },
  { code, reason }: Cause,
): KafkaMessage => ({
  key: message.key,
  value: message.value ?? Buffer.alloc(0),
  headers: {
    ...message.headers,
    dead_letter_topic: found.kafkaTopic,
    dead_letter_partition: String(found.partition),
    dead_letter_offset: message.offset,
    dead_letter_timestamp: String(message.timestamp),
    dead_letter_group: found.group,
    dead_letter_code: code,
    dead_letter_reason: reason,
  },
  timestamp: message.timestamp,
  place: Number(message.offset),
});

/** Of what was taken from a batch, lays beside its topic what has a cause not to be taken in. */
export const bury = async (
  taken: readonly { readonly message: FoundMessage; readonly cause: Cause | null }[],
  { kafkaTopic, partition }: FoundBatch,
  group: string,
  deadLetters: KafkaSender,
): Promise<void> => {
  const letters = taken.flatMap(({ message, cause }): KafkaMessage[] =>
    cause ? [deadLetterOf(message, { kafkaTopic, partition, group }, cause)] : [],
  );
  if (letters.length > 0) await deadLetters.send(deadLetterTopicOf(kafkaTopic), letters);
};
