/** /exchange/v1/topics/{topicId}/relay: the owner of a topic has what is published on it handed on to Kafka, under a name that follows from it. */
import { Type } from '@sinclair/typebox';
import type { Handler } from '../../commands/handle.js';
import { endRelay } from '../../commands/kafka/endRelay.js';
import { setRelay } from '../../commands/kafka/setRelay.js';
import { ownTopic } from '../../commands/publication/ownTopic.js';
import { type RelayId, TopicId } from '../../domain/ids.js';
import { RelayStart } from '../../domain/kafka/relay.js';
import { actingPartner, publishersOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { type ApiRequest, type Route, route } from '../route.js';

const tags = ['Exchange'] as const;
const ofTopic = { topicId: TopicId } as const;
const Marked = Type.Object(
  {
    ...ofTopic,
    kafkaTopic: Type.String({ description: 'Behind the prefix of the installation' }),
    start: RelayStart,
  },
  { title: 'RelayedTopic' },
);

/** Operators see it among the others, and may end it, under this id. */
const relayIdOf = (topicId: TopicId): RelayId => `topic_${topicId}` as RelayId;

export const ownRelayRoutes = ({ handler }: { readonly handler: Handler }): Route[] => {
  const assertOwner = (request: ApiRequest<unknown, unknown, unknown>, topicId: TopicId): void => {
    const { tenant, partnerId } = actingPartner(request.caller);
    ownTopic(handler.directory, tenant, topicId, partnerId);
  };
  return [
    route({
      method: 'PUT',
      path: '/exchange/v1/topics/{topicId}/relay',
      summary: 'Hands what is published on an own topic on to Kafka.',
      description: 'Where the installation has Kafka. Set with another `start`, it begins anew.',
      tags,
      access: publishersOnly,
      params: ofTopic,
      body: Type.Object({ start: RelayStart }, { additionalProperties: false, title: 'RelayBody' }),
      idempotencyKey: 'optional',
      command: setRelay.name,
      response: Marked,
      problems: ['topic-not-found', 'not-topic-owner', 'kafka-topic-taken', 'too-many-kafka-links'],
      examples: { body: [{ summary: 'From now on', value: { start: 'now' } }] },
      handle: async (request) => {
        const { topicId } = request.params;
        assertOwner(request, topicId);
        const { start } = request.body;
        const kafkaTopic = `topics.${topicId}`;
        const order = { relayId: relayIdOf(topicId), source: { topicId }, kafkaTopic, start };
        const { position } = await handler.handle(setRelay, order, contextOf(request, undefined));
        return { body: { topicId, kafkaTopic, start }, position };
      },
    }),
    route({
      method: 'POST',
      path: '/exchange/v1/topics/{topicId}/relay/end',
      summary: 'Hands nothing more of an own topic on to Kafka; what was handed on stays there.',
      tags,
      access: publishersOnly,
      params: ofTopic,
      body: Type.Object(
        { reason: Type.String({ minLength: 1, maxLength: 500 }) },
        { additionalProperties: false, title: 'RelayEnd' },
      ),
      idempotencyKey: 'optional',
      command: endRelay.name,
      response: Type.Object(ofTopic),
      problems: ['topic-not-found', 'not-topic-owner', 'kafka-link-not-found'],
      handle: async (request) => {
        const { topicId } = request.params;
        assertOwner(request, topicId);
        const input = { relayId: relayIdOf(topicId), reason: request.body.reason };
        const { position } = await handler.handle(endRelay, input, contextOf(request, undefined));
        return { body: { topicId }, position };
      },
    }),
  ];
};
