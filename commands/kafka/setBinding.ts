/** Publishes on a topic what its owner writes to a Kafka topic, from now on. */
import { Type } from '@sinclair/typebox';
import {
  binding,
  bindingStream,
  KafkaBindingSet,
  setBinding as decide,
} from '../../domain/kafka/binding.js';
import { rejected } from '../../domain/rejected.js';
import { defineCommand } from '../command.js';
import { presentPartner, presentTopic } from '../partner/present.js';
import { freeKafkaTopic } from './freeKafkaTopic.js';

export const setBinding = defineCommand({
  name: 'SetKafkaBinding',
  summary: 'Publishes on a topic what its owner writes to a Kafka topic.',
  input: Type.Object(KafkaBindingSet.schema.properties, {
    additionalProperties: false,
    title: 'SetKafkaBinding',
  }),
  aggregate: binding,
  stream: (input, context) => bindingStream(context.tenant, input.bindingId),
  lookUp: ({ bindingId, partnerId, topicId, kafkaTopic }, { tenant }, { directory }) => {
    presentPartner(directory, tenant, partnerId);
    const { owner, status } = presentTopic(directory, tenant, topicId);
    if (owner !== partnerId) throw rejected('not-topic-owner', { topicId, partnerId });
    if (status === 'archived') throw rejected('topic-archived', { topicId });
    freeKafkaTopic(directory.kafka, tenant, kafkaTopic, { bindingId });
  },
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});
