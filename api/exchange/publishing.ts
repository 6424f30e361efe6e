/** What the owner of a topic says of all that is published on it, what it asks before it publishes, and whom it has forgotten. */
import { Type } from '@sinclair/typebox';
import {
  type EraseSubject,
  EraseSubjectInput,
  eraseSubjectName,
} from '../../commands/publication/eraseSubject.js';
import { ownTopic } from '../../commands/publication/ownTopic.js';
import { publicationsMax } from '../../commands/publication/publish.js';
import { seenTopic } from '../../commands/publication/seenTopic.js';
import { setTopicHandling } from '../../commands/topic/setHandling.js';
import { PartnerId, TopicId } from '../../domain/ids.js';
import { SubjectKey } from '../../domain/publication/publication.js';
import { noRules, TopicHandlingSet, TopicLimitsSet } from '../../domain/topic/rules.js';
import { SchemaVersion } from '../../domain/topic/schemas.js';
import { actingPartner, partnersOnly, publishersOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { type Route, route } from '../route.js';
import { bulkRoutes, type BulkRoutes } from './bulk.js';
import { publicationsOf } from './cloudEvents.js';
import { mediaTypeOf } from './publications.js';
import { type SchemaRoutes, schemaRoutes } from './schemas.js';

export interface PublishingRoutes extends SchemaRoutes, BulkRoutes {
  readonly eraseSubject: EraseSubject;
}

const tags = ['Exchange'] as const;
const ofTopic = { topicId: TopicId } as const;

export const TopicRulesShown = Type.Object(
  {
    topicId: TopicId,
    handling: Type.Object(TopicHandlingSet.schema.properties),
    limits: Type.Object(TopicLimitsSet.schema.properties),
  },
  { title: 'TopicRules' },
);

const Previewed = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        accepted: Type.Boolean(),
        schemaVersion: Type.Union([SchemaVersion, Type.Null()], {
          description: 'By which it was judged; null: by none',
        }),
        faults: Type.Array(Type.Object({ pointer: Type.String(), reason: Type.String() })),
      }),
    ),
  },
  { title: 'Preview' },
);

export const publishingRoutes = (services: PublishingRoutes): Route[] => {
  const { handler, preview, eraseSubject } = services;
  const { directory } = handler;
  const side = {
    base: '/exchange/v1',
    tags,
    readers: partnersOnly,
    editors: publishersOnly,
    maySee: ({ caller }: { caller: Parameters<typeof actingPartner>[0] }, topicId: TopicId) => {
      const { tenant, partnerId } = actingPartner(caller);
      seenTopic(directory, tenant, topicId, partnerId);
    },
    mayChange: ({ caller }: { caller: Parameters<typeof actingPartner>[0] }, topicId: TopicId) => {
      const { tenant, partnerId } = actingPartner(caller);
      ownTopic(directory, tenant, topicId, partnerId);
    },
  };
  return [
    ...schemaRoutes(services, side),
    ...bulkRoutes(services),
    route({
      method: 'POST',
      path: '/exchange/v1/topics/{topicId}/publications/preview',
      summary: 'Says whether events would be accepted, and publishes none',
      description: `The body is as for publishing: one event, or at most ${publicationsMax} in a batch.`,
      tags,
      access: publishersOnly,
      params: ofTopic,
      body: Type.Unknown(),
      response: Previewed,
      problems: ['topic-not-found', 'not-topic-owner', 'topic-archived', 'body-too-large'],
      handle: (request) => {
        const { tenant, partnerId } = actingPartner(request.caller);
        const { topicId } = request.params;
        const { headers, body, now } = request;
        const made = { id: 'preview', source: `/partners/${partnerId}` };
        const sent = { mediaType: mediaTypeOf(request), headers, body };
        const publications = publicationsOf(sent, made).slice(0, publicationsMax);
        const items = preview({ topicId, partnerId, publications }, { tenant, now });
        return {
          body: { items: items.map((item) => ({ ...item, faults: [...item.faults] })) },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/exchange/v1/topics/{topicId}/rules',
      summary: 'Shows how what is published on an own topic is handled, and its limits',
      tags,
      access: partnersOnly,
      params: ofTopic,
      response: TopicRulesShown,
      problems: ['topic-not-found', 'not-topic-owner'],
      handle: (request) => {
        const { topicId } = request.params;
        side.mayChange(request, topicId);
        const known = directory.publishing.topic(request.caller.tenant, topicId) ?? noRules;
        return { body: { topicId, handling: known.handling, limits: known.limits } };
      },
    }),
    route({
      method: 'PUT',
      path: '/exchange/v1/topics/{topicId}/handling',
      summary: 'Says how long events are shown, and which parts of their data are personal',
      description:
        'For events that do not say so themselves: `expirytime`, and `personalsubject` with `personaldata`, go before it.',
      tags,
      access: publishersOnly,
      params: ofTopic,
      body: Type.Omit(setTopicHandling.input, ['topicId'], { title: 'TopicHandling' }),
      idempotencyKey: 'optional',
      command: setTopicHandling.name,
      response: setTopicHandling.input,
      problems: ['topic-not-found', 'not-topic-owner', 'topic-archived'],
      examples: {
        body: [
          {
            summary: 'A month, with the name of the customer sealed',
            value: {
              timeToLiveSeconds: 2_592_000,
              personal: { subject: '/customer/id', pointers: ['/customer/name'] },
            },
          },
        ],
      },
      handle: async (request) => {
        side.mayChange(request, request.params.topicId);
        const input = { ...request.params, ...request.body };
        const context = contextOf(request, undefined);
        const { answer, position } = await handler.handle(setTopicHandling, input, context);
        return { body: answer, position };
      },
    }),
    route({
      method: 'POST',
      path: '/exchange/v1/subjects/erasure',
      summary: 'Forgets a person in all that the partner published; this cannot be undone',
      description:
        'The key of the personal data is destroyed: from then on they are shown as nulls, with `personalerased`. What receivers took ' +
        'before is theirs to erase. The name of the person is in the body, so that no address and no log holds it.',
      tags,
      access: publishersOnly,
      body: Type.Omit(EraseSubjectInput, ['partnerId'], { title: 'SubjectErasure' }),
      idempotencyKey: 'optional',
      command: eraseSubjectName,
      response: Type.Object(
        { partnerId: PartnerId, subjectKey: SubjectKey },
        { title: 'ErasedSubject' },
      ),
      examples: {
        body: [
          { summary: 'On request', value: { subject: 'customer:17', reason: 'asked for it' } },
        ],
      },
      handle: async (request) => {
        const { partnerId } = actingPartner(request.caller);
        const input = { partnerId, ...request.body };
        const { answer, position } = await eraseSubject(input, contextOf(request, undefined));
        return { body: answer, position };
      },
    }),
  ];
};
