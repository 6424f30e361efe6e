/**
 * /admin/v1/topics/{topicId}/overview: one topic at a glance: how much was published and when last, who may see it, and how what they have
 * ordered is delivered.
 */
import { Type } from '@sinclair/typebox';
import type { History as LogHistory } from '../audit/history.js';
import type { Directory } from '../../commands/directory.js';
import { presentTopic } from '../../commands/partner/present.js';
import { PartnerId, SubscriptionId, TopicId } from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';
import { History } from '../../domain/topic/access.js';
import { readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { Instant, InstantOrNull, instantOf, instantOrNull } from '../wire.js';
import { Endpoint, type EndpointLook, Health, inGroups } from './endpointLook.js';
import { wholeTenant } from './operatorCommand.js';

const Ordered = Type.Object({
  subscriptionId: SubscriptionId,
  partnerId: PartnerId,
  health: Health,
  explanation: Type.String(),
  lag: Endpoint.properties.lag,
});

const Overview = Type.Object(
  {
    topicId: TopicId,
    owner: PartnerId,
    name: Type.String(),
    status: Type.Union([Type.Literal('active'), Type.Literal('archived')]),
    lastPlace: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'Of the last publication; null: there is none',
    }),
    lastPublishedAt: InstantOrNull,
    readers: Type.Array(Type.Object({ partnerId: PartnerId, history: History, since: Instant }), {
      description: 'Whose access stands, the first 200',
    }),
    readersCount: Type.Integer({ minimum: 0 }),
    formerReaders: Type.Integer({ minimum: 0, description: 'Partners that could see it once' }),
    subscriptions: Type.Array(Ordered, { description: 'That have not ended, the first 50' }),
    subscriptionsCount: Type.Integer({ minimum: 0 }),
  },
  { title: 'TopicOverview' },
);

export interface OverviewRoutes {
  readonly directory: Directory;
  readonly look: EndpointLook;
  readonly history: Pick<LogHistory, 'stream'>;
}

const readersMax = 200;
const subscriptionsMax = 50;

export const topicOverviewRoutes = ({ directory, look, history }: OverviewRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/topics/{topicId}/overview',
    summary: 'A topic at a glance: what was published, who may see it, how it is delivered.',
    tags: ['Topics'],
    access: readersOnly,
    params: { topicId: TopicId },
    response: Overview,
    problems: ['topic-not-found', 'log-unavailable', 'read-model-unavailable'],
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { now } = request;
      const topic = presentTopic(directory, tenant, request.params.topicId);
      const { topicId, owner, name, status } = topic;
      const last = { direction: 'backwards', from: null, limit: 1 } as const;
      const [published] = (await history.stream(publicationsStream(tenant, topicId), last)).facts;
      const { grants } = directory.exchange.access(tenant, topicId);
      const standing = grants.filter(({ until }) => until === null);
      const readers = new Set(standing.map(({ partnerId }) => partnerId));
      const former = new Set(grants.map(({ partnerId }) => partnerId)).size - readers.size;
      const ordered = [...directory.subscriptions.ofTopic(tenant, topicId)].filter(
        (record) => record.status !== 'ended',
      );
      const looked = await inGroups(ordered.slice(0, subscriptionsMax), (one) => look(one, now));
      return {
        body: {
          topicId,
          owner,
          name,
          status,
          lastPlace: published?.revision ?? null,
          lastPublishedAt: instantOrNull(published?.recordedAt ?? null),
          readers: standing.slice(0, readersMax).map(({ partnerId, history: seen, since }) => ({
            partnerId,
            history: seen,
            since: instantOf(since),
          })),
          readersCount: readers.size,
          formerReaders: former,
          subscriptions: looked.map(({ subscriptionId, partnerId, health, explanation, lag }) => ({
            subscriptionId,
            partnerId,
            health,
            explanation,
            lag,
          })),
          subscriptionsCount: ordered.length,
        },
      };
    },
  }),
];
