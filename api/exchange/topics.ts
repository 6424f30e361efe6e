/** /exchange/v1: what a partner sees of the exchange: itself, its own topics, and those that others opened to it. */
import { type Static, Type } from '@sinclair/typebox';
import type { Handler } from '../../commands/handle.js';
import { CredentialId, PartnerId, PartnerUserId, TenantId, TopicId } from '../../domain/ids.js';
import { PartnerRoles } from '../../domain/partner/role.js';
import { History } from '../../domain/topic/access.js';
import { Classification } from '../../domain/topic/topic.js';
import { page, pageOf, pageQuery } from '../admin/paging.js';
import { actingPartner, partnersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';

const Me = Type.Object(
  {
    tenant: TenantId,
    partnerId: PartnerId,
    name: Type.String(),
    credentialId: Type.Union([CredentialId, Type.Null()], { description: 'Of a program' }),
    userId: Type.Union([PartnerUserId, Type.Null()], { description: 'Of a person' }),
    roles: PartnerRoles,
  },
  { title: 'PartnerMe' },
);

const SeenTopic = Type.Object(
  {
    topicId: TopicId,
    owner: PartnerId,
    name: Type.String(),
    description: Type.String(),
    classification: Classification,
    status: Type.Union([Type.Literal('active'), Type.Literal('archived')]),
    relation: Type.Union([Type.Literal('owner'), Type.Literal('reader')]),
    history: Type.Union([History, Type.Null()], { description: 'Of a reader; null for the owner' }),
    since: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'Of a reader: when the access that holds was granted',
    }),
  },
  { title: 'SeenTopic' },
);

export interface TopicRoutes {
  readonly handler: Handler;
}

export const topicRoutes = ({ handler }: TopicRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/exchange/v1/me',
    summary: 'Says whose token this is',
    tags: ['Exchange'],
    access: partnersOnly,
    response: Me,
    handle: ({ caller }) => {
      const { tenant, partnerId, credentialId, userId, roles } = actingPartner(caller);
      const name = handler.directory.exchange.partner(tenant, partnerId)?.name ?? '';
      return { body: { tenant, partnerId, name, credentialId, userId, roles: [...roles] } };
    },
  }),
  route({
    method: 'GET',
    path: '/exchange/v1/topics',
    summary: 'Lists the topics that the partner owns or may see',
    tags: ['Exchange'],
    access: partnersOnly,
    query: pageQuery,
    response: pageOf(SeenTopic),
    handle: ({ caller, query }) => {
      const { tenant, partnerId } = actingPartner(caller);
      const { exchange } = handler.directory;
      const seen = [...exchange.topics(tenant)].flatMap((topic): Static<typeof SeenTopic>[] => {
        const { createdAt: _createdAt, ...about } = topic;
        if (topic.owner === partnerId) {
          return [{ ...about, relation: 'owner', history: null, since: null }];
        }
        const { grants } = exchange.access(tenant, topic.topicId);
        const grant = grants.find((one) => one.partnerId === partnerId && one.until === null);
        if (!grant) return [];
        const since = new Date(grant.since).toISOString();
        return [{ ...about, relation: 'reader', history: grant.history, since }];
      });
      const body = page(
        seen,
        ({ topicId }) => topicId,
        query,
        (topic) => topic,
      );
      return { body };
    },
  }),
];
