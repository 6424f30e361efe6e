/**
 * A binding: what a partner writes to a Kafka topic is published on a topic of its own. Invariant: it publishes as that partner and on
 * a topic that the partner owns, as if each message had been sent to the API.
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { BindingId, PartnerId, type TenantId, TopicId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { KafkaName } from './name.js';

export const bindingStream = (tenant: TenantId, id: BindingId) =>
  streamName('kafkaBinding', tenant, id);

// These names are the storage format: proof-read, version with care.
export const KafkaBindingSet = event('KafkaBindingSet', {
  bindingId: BindingId,
  partnerId: PartnerId,
  topicId: TopicId,
  kafkaTopic: KafkaName,
});
export const KafkaBindingEnded = event('KafkaBindingEnded', {
  reason: Type.String({ maxLength: 500 }),
});

export const bindingEvents = [KafkaBindingSet, KafkaBindingEnded] as const;
export type BindingEvent = EventOf<(typeof bindingEvents)[number]>;
export type BindingOrder = EventOf<typeof KafkaBindingSet>['data'];

export type Binding =
  | { readonly status: 'unknown' }
  | { readonly status: 'active' | 'ended'; readonly order: BindingOrder };

export const binding: Aggregate<Binding, BindingEvent> = {
  category: 'kafkaBinding',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'KafkaBindingSet':
        return { status: 'active', order: event.data };
      case 'KafkaBindingEnded':
        return state.status === 'unknown' ? state : { ...state, status: 'ended' };
      default:
        return unreachable(event);
    }
  },
};

const isSame = (one: BindingOrder, other: BindingOrder): boolean =>
  one.partnerId === other.partnerId &&
  one.topicId === other.topicId &&
  one.kafkaTopic === other.kafkaTopic;

export const setBinding = (command: BindingOrder, state: Binding): BindingEvent[] => {
  if (state.status === 'active' && isSame(state.order, command)) return []; // already carried out
  return [{ type: 'KafkaBindingSet', data: command }];
};

export const endBinding = (
  command: EventOf<typeof KafkaBindingEnded>['data'],
  state: Binding,
): BindingEvent[] => {
  if (state.status === 'unknown') throw rejected('kafka-link-not-found');
  if (state.status === 'ended') return []; // already carried out
  return [{ type: 'KafkaBindingEnded', data: command }];
};
