/**
 * A relay: the standing order to hand facts on to a Kafka topic, either what is published on one topic of the exchange, or events of
 * the programme by their types. Invariant: a relay hands on one thing to one Kafka topic; to set it otherwise is to begin it anew.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { RelayId, type TenantId, TopicId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { KafkaName } from './name.js';

export const relayStream = (tenant: TenantId, id: RelayId) => streamName('kafkaRelay', tenant, id);

const closed = { additionalProperties: false } as const;

export const RelaySource = Type.Union(
  [
    Type.Object({ topicId: TopicId }, { ...closed, title: 'PublicationsOfTopic' }),
    Type.Object(
      {
        eventTypes: Type.Array(Type.String({ pattern: '^[A-Z][A-Za-z]{1,79}$' }), {
          minItems: 1,
          maxItems: 100,
          uniqueItems: true,
        }),
      },
      { ...closed, title: 'EventsOfProgramme' },
    ),
  ],
  { description: 'What is published on a topic, or events of the programme by their types' },
);
export type RelaySource = Static<typeof RelaySource>;

export const RelayStart = Type.Union([Type.Literal('beginning'), Type.Literal('now')], {
  description: 'beginning: also what was recorded before the relay was set',
});

// These names are the storage format: proof-read, version with care.
export const KafkaRelaySet = event('KafkaRelaySet', {
  relayId: RelayId,
  source: RelaySource,
  kafkaTopic: KafkaName,
  start: RelayStart,
});
export const KafkaRelayEnded = event('KafkaRelayEnded', {
  reason: Type.String({ maxLength: 500 }),
});

export const relayEvents = [KafkaRelaySet, KafkaRelayEnded] as const;
export type RelayEvent = EventOf<(typeof relayEvents)[number]>;
export type RelayOrder = EventOf<typeof KafkaRelaySet>['data'];

export type Relay =
  | { readonly status: 'unknown' }
  | { readonly status: 'active' | 'ended'; readonly order: RelayOrder };

export const relay: Aggregate<Relay, RelayEvent> = {
  category: 'kafkaRelay',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'KafkaRelaySet':
        return { status: 'active', order: event.data };
      case 'KafkaRelayEnded':
        return state.status === 'unknown' ? state : { ...state, status: 'ended' };
      default:
        return unreachable(event);
    }
  },
};

const textOf = (source: RelaySource): string =>
  'topicId' in source ? source.topicId : [...source.eventTypes].sort().join();

const isSame = (one: RelayOrder, other: RelayOrder): boolean =>
  one.kafkaTopic === other.kafkaTopic &&
  one.start === other.start &&
  textOf(one.source) === textOf(other.source);

export const setRelay = (command: RelayOrder, state: Relay): RelayEvent[] => {
  if (state.status === 'active' && isSame(state.order, command)) return []; // already carried out
  return [{ type: 'KafkaRelaySet', data: command }];
};

export const endRelay = (
  command: EventOf<typeof KafkaRelayEnded>['data'],
  state: Relay,
): RelayEvent[] => {
  if (state.status === 'unknown') throw rejected('kafka-link-not-found');
  if (state.status === 'ended') return []; // already carried out
  return [{ type: 'KafkaRelayEnded', data: command }];
};
