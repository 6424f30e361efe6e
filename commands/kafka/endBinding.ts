/** Ends a binding: its Kafka topic is read no more; what was taken in stays. */
import { Type } from '@sinclair/typebox';
import { BindingId } from '../../domain/ids.js';
import { binding, bindingStream, endBinding as decide } from '../../domain/kafka/binding.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const endBinding = defineCommand({
  name: 'EndKafkaBinding',
  summary: 'Reads the Kafka topic of this binding no more.',
  input: Type.Object(
    { bindingId: BindingId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'EndKafkaBinding' },
  ),
  aggregate: binding,
  stream: (input, context) => bindingStream(context.tenant, input.bindingId),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: ({ reason }, state) => decide({ reason }, state),
  answer: ({ input: { bindingId } }) => ({ bindingId }),
});
