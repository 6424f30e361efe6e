/**
 * The name of a Kafka topic as a programme writes it: what stands behind the prefix of the installation, which keeps the programmes of
 * one cluster apart. What could not be taken in goes to a topic beside it, so a name with that ending is never given.
 */
import { Type } from '@sinclair/typebox';

export const deadLetterEnding = '.dead-letters';

/** Kafka allows 249 characters; the rest is for the prefix and the ending. */
export const KafkaName = Type.String({
  pattern: '^(?!.*\\.dead-letters$)[A-Za-z0-9][A-Za-z0-9._-]{0,159}$',
  description: 'Name of a Kafka topic, behind the prefix of the installation',
  examples: ['cars.chosen'],
});
