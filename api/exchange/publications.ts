/** /exchange/v1/topics/{topicId}/publications: partners publish on their own topics and pull from those that they may see. */
import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import type { HandOver } from '../../commands/publication/handovers.js';
import { type Publish, publicationsMax } from '../../commands/publication/publish.js';
import type { Pull } from '../../commands/publication/pull.js';
import { PartnerId, TopicId } from '../../domain/ids.js';
import { actingPartner, partnersOnly, publishersOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { type ApiRequest, type Route, route } from '../route.js';
import { inSentTerms, publicationsOf } from './cloudEvents.js';
import { handOverTo } from './handingOver.js';
import { Place, ShownItem, shownItem } from './shownItem.js';

const PublishedAnswer = Type.Object(
  {
    topicId: TopicId,
    items: Type.Array(Type.Object({ id: Type.String(), place: Place })),
    position: Type.String({ pattern: '^[0-9]+$' }),
    repeated: Type.Boolean(),
  },
  { title: 'Published' },
);

const PulledAnswer = Type.Object(
  {
    topicId: TopicId,
    owner: PartnerId,
    items: Type.Array(ShownItem),
    next: Type.Union([Place, Type.Null()], {
      description: 'Send it as `after` for what follows; null where nothing was published yet',
    }),
  },
  { title: 'Pulled' },
);

const ofTopic = { topicId: TopicId } as const;
const waitMax = 8;

export const mediaTypeOf = (request: ApiRequest<unknown, unknown, unknown>): string => {
  const [mediaType = ''] = String(request.headers['content-type'] ?? '').split(';');
  return mediaType.trim().toLowerCase();
};

export interface PublicationRoutes {
  readonly publish: Publish;
  readonly pull: Pull;
  readonly handOver: HandOver;
  readonly ownerOf: (request: ApiRequest<unknown, unknown, unknown>, topicId: TopicId) => PartnerId;
  /** Aborts when the process is to stop: whoever waits is answered. */
  readonly stopping: AbortSignal;
}

export const publicationRoutes = (services: PublicationRoutes): Route[] => [
  route({
    method: 'POST',
    path: '/exchange/v1/topics/{topicId}/publications',
    summary: 'Publishes one event, or a batch, on an own topic',
    description:
      'Takes CloudEvents 1.0: structured (`application/cloudevents+json`), a batch (`application/cloudevents-batch+json`, at most ' +
      `${publicationsMax}), binary (\`ce-\` headers) or plain JSON, which becomes the data. Answered when it is durable. The same ` +
      '`Idempotency-Key` publishes once; without one, the id and the source of a single event are the key.',
    tags: ['Exchange'],
    access: publishersOnly,
    params: ofTopic,
    body: Type.Unknown(),
    idempotencyKey: 'optional',
    command: 'Publish',
    status: 201,
    response: PublishedAnswer,
    problems: ['topic-not-found', 'not-topic-owner', 'topic-archived', 'body-too-large'],
    examples: {
      body: [
        {
          summary: 'One event, structured',
          value: {
            specversion: '1.0',
            id: 'choice-17',
            source: '/sites/motor-house',
            type: 'com.motorhouse.car.chosen',
            subject: 'car:42',
            partitionkey: 'customer:17',
            data: { brand: 'Lada', colour: 'red' },
          },
        },
      ],
    },
    handle: async (request) => {
      const { partnerId } = actingPartner(request.caller);
      const { topicId } = request.params;
      const sent = {
        mediaType: mediaTypeOf(request),
        headers: request.headers,
        body: request.body,
      };
      const made = { id: request.idempotencyKey || randomUUID(), source: `/partners/${partnerId}` };
      const publications = publicationsOf(sent, made);
      const [first] = publications;
      const natural =
        publications.length === 1 && first ? `${first.source} ${first.id}` : undefined;
      const context = contextOf(request, natural);
      const answer = await services
        .publish({ topicId, partnerId, publications }, context)
        .catch((error: unknown) => Promise.reject(inSentTerms(error, sent) as Error));
      const { items, position, repeated } = answer;
      return {
        body: { topicId, items: [...items], position: String(position), repeated },
        position,
        status: repeated ? 200 : 201,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/exchange/v1/topics/{topicId}/publications',
    summary: 'Pulls what was published on a topic, from a place on',
    description:
      'In order. `wait` holds the answer back until there is something. What a grant without history hides is passed over. ' +
      'An answer ends with the event that brings it to 4 MiB, also where that is less than `limit`: go on from `next` until it ' +
      'stays what it was. Who was handed what is recorded before the answer leaves.',
    tags: ['Exchange'],
    access: partnersOnly,
    params: ofTopic,
    query: {
      after: Type.Optional(
        Type.Integer({ minimum: 0, description: 'The `next` of the answer before' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
      wait: Type.Optional(
        Type.Integer({ minimum: 0, maximum: waitMax, default: 0, description: 'Seconds' }),
      ),
    },
    response: PulledAnswer,
    problems: ['topic-not-found'],
    handle: async (request) => {
      const caller = actingPartner(request.caller);
      const { tenant, partnerId } = caller;
      const { topicId } = request.params;
      const { after = null, limit = 100, wait = 0 } = request.query;
      const question = { topicId, partnerId, after, limit, waitMs: wait * 1_000 };
      const { items, next } = await services.pull(question, tenant, services.stopping);
      const ownerNow = () => services.ownerOf(request, topicId);
      const owner = ownerNow();
      const places = items.map(({ place }) => place);
      if (!request.isHead) {
        await handOverTo(services.handOver, caller, { topicId, owner }, 'pull', places, ownerNow);
      }
      return { body: { topicId, owner, items: items.map(shownItem), next } };
    },
  }),
];
