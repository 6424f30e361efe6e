/** Hands what is published on a topic, or events of the programme, on to a Kafka topic from now on. Set otherwise, it begins anew. */
import { Type } from '@sinclair/typebox';
import {
  KafkaRelaySet,
  relay,
  type RelaySource,
  relayStream,
  setRelay as decide,
} from '../../domain/kafka/relay.js';
import { rejected } from '../../domain/rejected.js';
import { defineCommand } from '../command.js';
import { presentTopic } from '../partner/present.js';
import { presentTenant } from '../registry/present.js';
import { freeKafkaTopic } from './freeKafkaTopic.js';
import { relayableEvents } from './relayable.js';

/** @throws Rejected event-type-not-relayed */
const assertRelayable = (source: RelaySource): void => {
  if ('topicId' in source) return;
  const refused = source.eventTypes.filter((type) => !relayableEvents.has(type));
  if (refused.length > 0) throw rejected('event-type-not-relayed', { eventTypes: refused });
};

export const setRelay = defineCommand({
  name: 'SetKafkaRelay',
  summary: 'Hands publications or events on to a Kafka topic.',
  input: Type.Object(KafkaRelaySet.schema.properties, {
    additionalProperties: false,
    title: 'SetKafkaRelay',
  }),
  aggregate: relay,
  stream: (input, context) => relayStream(context.tenant, input.relayId),
  lookUp: ({ relayId, source, kafkaTopic }, { tenant }, { directory }) => {
    presentTenant(directory, tenant);
    if ('topicId' in source) presentTopic(directory, tenant, source.topicId);
    assertRelayable(source);
    freeKafkaTopic(directory.kafka, tenant, kafkaTopic, { relayId });
  },
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});
