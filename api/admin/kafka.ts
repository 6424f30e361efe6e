/**
 * /admin/v1/kafka: what goes out to Kafka and comes in from it, and how that is going. What is behind and what failed last is said by the
 * processes that work on it, as they last wrote it down.
 */
import { type Static, Type } from '@sinclair/typebox';
import { endBinding } from '../../commands/kafka/endBinding.js';
import { endRelay } from '../../commands/kafka/endRelay.js';
import { setBinding } from '../../commands/kafka/setBinding.js';
import { setRelay } from '../../commands/kafka/setRelay.js';
import { BindingId, RelayId, type TenantId } from '../../domain/ids.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, created, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

/** As it was last written down; times in milliseconds since the epoch. */
export interface KafkaLinkState {
  readonly kind: 'relay' | 'binding';
  readonly id: string;
  readonly updatedAt: number;
  readonly state: {
    readonly behind: number | null;
    readonly lagMs: number;
    readonly place?: number | null;
    readonly partitions?: Readonly<
      Record<string, { readonly offset: string; readonly behind: number }>
    >;
    readonly error: {
      readonly reason: string;
      readonly message: string;
      readonly next: string;
      readonly at: number;
    } | null;
  };
}

export interface KafkaRoutes extends Registry {
  readonly kafka: {
    /** The latest first; several of one binding where processes share it. */
    readonly states: (tenant: TenantId) => Promise<readonly KafkaLinkState[]>;
    /** The whole name of a Kafka topic. */
    readonly nameOf: (tenant: string, kafkaTopic: string) => string;
  };
}

const Time = Type.String({ format: 'date-time' });
const orNull = <Shape extends ReturnType<typeof Type.String | typeof Type.Integer>>(shape: Shape) =>
  Type.Union([shape, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });

const State = Type.Object(
  {
    behind: Type.Union([Count, Type.Null()], {
      description: 'Still to be taken on; null where it cannot be counted or nobody works on it',
    }),
    lagMs: Type.Integer({ minimum: 0, description: 'How long the oldest of them has waited' }),
    place: Type.Union([Type.Integer(), Type.Null()], {
      description: 'Of a relay: the last that Kafka acknowledged',
    }),
    partitions: Type.Record(Type.String(), Type.Object({ offset: Type.String(), behind: Count }), {
      description: 'Of a binding: the last offset that was taken in',
    }),
    lastError: Type.Union(
      [
        Type.Object({
          reason: Type.String(),
          message: Type.String(),
          advice: Type.String(),
          at: Time,
        }),
        Type.Null(),
      ],
      { description: 'Null since it last went on' },
    ),
    updatedAt: orNull(Time),
  },
  { title: 'KafkaLinkState' },
);
const Standing = {
  status: Type.Union([Type.Literal('active'), Type.Literal('ended')]),
  since: Time,
  fullName: Type.String({ description: 'Of the Kafka topic, with the prefix' }),
  state: State,
};
const Relay = Type.Composite([setRelay.input, Type.Object(Standing)], { title: 'KafkaRelay' });
const Binding = Type.Composite([setBinding.input, Type.Object(Standing)], {
  title: 'KafkaBinding',
});

const tags = ['Kafka'] as const;
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Several processes share a binding: each partition as it was last said, the latest error of any. */
const stateOf = (
  states: readonly KafkaLinkState[],
  kind: KafkaLinkState['kind'],
  id: string,
): Static<typeof State> => {
  const said = states.filter((one) => one.kind === kind && one.id === id);
  const [latest] = said;
  if (!latest) {
    return {
      behind: null,
      lagMs: 0,
      place: null,
      partitions: {},
      lastError: null,
      updatedAt: null,
    };
  }
  const partitions = Object.assign(
    {},
    ...[...said].reverse().map(({ state }) => state.partitions ?? {}),
  ) as Static<typeof State>['partitions'];
  const behind = Object.values(partitions).reduce((sum, one) => sum + one.behind, 0);
  const { error } = latest.state;
  return {
    behind: kind === 'binding' && latest.state.behind !== null ? behind : latest.state.behind,
    lagMs: Math.max(0, Math.round(latest.state.lagMs)),
    place: latest.state.place ?? null,
    partitions,
    lastError: error && {
      reason: error.reason,
      message: error.message,
      advice: error.next,
      at: iso(error.at),
    },
    updatedAt: iso(latest.updatedAt),
  };
};

export const kafkaRoutes = ({ handler, kafka }: KafkaRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/kafka/relays',
    summary: 'Lists what is handed on to Kafka, and how that is going.',
    tags,
    access: readersOnly,
    query: pageQuery,
    response: pageOf(Relay),
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const states = await kafka.states(tenant);
      const body = page(
        handler.directory.kafka.relays(tenant),
        ({ relayId }) => relayId,
        request.query,
        ({ relayId, source, kafkaTopic, start, status, setAtMs }) => ({
          relayId,
          source,
          kafkaTopic,
          start,
          status,
          since: iso(setAtMs),
          fullName: kafka.nameOf(tenant, kafkaTopic),
          state: stateOf(states, 'relay', relayId),
        }),
      );
      return { body };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/kafka/relays',
    summary: 'Hands publications or events on to a Kafka topic.',
    description:
      'Publications of a topic, or events of the programme by their types, as CloudEvents in binary mode. Set otherwise under the same ' +
      'id, it begins anew: from the `beginning` of what was recorded, or from `now`.',
    tags,
    access: editorsOnly,
    body: setRelay.input,
    idempotencyKey: 'optional',
    command: setRelay.name,
    response: setRelay.input,
    status: 201,
    problems: [
      'topic-not-found',
      'event-type-not-relayed',
      'kafka-topic-taken',
      'too-many-kafka-links',
    ],
    examples: {
      body: [
        {
          summary: 'What is published on a topic, with what was published before',
          value: {
            relayId: 'cars_out',
            source: { topicId: 'cars_chosen' },
            kafkaTopic: 'cars.chosen',
            start: 'beginning',
          },
        },
        {
          summary: 'Events of the programme, from now on',
          value: {
            relayId: 'sales_out',
            source: { eventTypes: ['PurchaseConfirmed', 'PurchaseReturned'] },
            kafkaTopic: 'sales',
            start: 'now',
          },
        },
      ],
    },
    handle: async (request) => {
      wholeTenant(request);
      return created(await handler.handle(setRelay, request.body, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/kafka/relays/{relayId}/end',
    summary: 'Hands nothing more on by this relay; what was handed on stays in Kafka.',
    tags,
    access: editorsOnly,
    params: { relayId: RelayId },
    response: Type.Object({ relayId: RelayId }),
    problems: ['kafka-link-not-found'],
    command: endRelay,
  }),
  route({
    method: 'GET',
    path: '/admin/v1/kafka/bindings',
    summary: 'Lists what partners publish through Kafka, and how that is going.',
    tags,
    access: readersOnly,
    query: pageQuery,
    response: pageOf(Binding),
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const states = await kafka.states(tenant);
      const body = page(
        handler.directory.kafka.bindings(tenant),
        ({ bindingId }) => bindingId,
        request.query,
        ({ bindingId, partnerId, topicId, kafkaTopic, status, setAtMs }) => ({
          bindingId,
          partnerId,
          topicId,
          kafkaTopic,
          status,
          since: iso(setAtMs),
          fullName: kafka.nameOf(tenant, kafkaTopic),
          state: stateOf(states, 'binding', bindingId),
        }),
      );
      return { body };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/kafka/bindings',
    summary: 'Publishes on a topic what its owner writes to a Kafka topic.',
    description:
      'Whoever may write to the Kafka topic publishes as the partner: let the brokers allow it to the partner alone. What cannot be ' +
      'published goes with its cause to the Kafka topic of the same name and `.dead-letters`.',
    tags,
    access: editorsOnly,
    body: setBinding.input,
    idempotencyKey: 'optional',
    command: setBinding.name,
    response: setBinding.input,
    status: 201,
    problems: [
      'partner-not-found',
      'revoked',
      'topic-not-found',
      'not-topic-owner',
      'topic-archived',
      'kafka-topic-taken',
      'too-many-kafka-links',
    ],
    examples: {
      body: [
        {
          summary: 'A Kafka topic of a dealer',
          value: {
            bindingId: 'cars_in',
            partnerId: 'motor_house',
            topicId: 'cars_chosen',
            kafkaTopic: 'motor-house.cars',
          },
        },
      ],
    },
    handle: async (request) => {
      wholeTenant(request);
      return created(await handler.handle(setBinding, request.body, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/kafka/bindings/{bindingId}/end',
    summary: 'Reads the Kafka topic of this binding no more; what was published stays.',
    tags,
    access: editorsOnly,
    params: { bindingId: BindingId },
    response: Type.Object({ bindingId: BindingId }),
    problems: ['kafka-link-not-found'],
    command: endBinding,
  }),
];
