/** Ends a relay: nothing more is handed on by it, what was handed on is Kafka's. */
import { Type } from '@sinclair/typebox';
import { RelayId } from '../../domain/ids.js';
import { endRelay as decide, relay, relayStream } from '../../domain/kafka/relay.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const endRelay = defineCommand({
  name: 'EndKafkaRelay',
  summary: 'Hands nothing more on by this relay.',
  input: Type.Object(
    { relayId: RelayId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'EndKafkaRelay' },
  ),
  aggregate: relay,
  stream: (input, context) => relayStream(context.tenant, input.relayId),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: ({ reason }, state) => decide({ reason }, state),
  answer: ({ input: { relayId } }) => ({ relayId }),
});
