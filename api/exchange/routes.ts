/** /exchange/v1: everything that partners do. */
import type { HandOver } from '../../commands/publication/handovers.js';
import type { Publish } from '../../commands/publication/publish.js';
import type { Pull } from '../../commands/publication/pull.js';
import { seenTopic } from '../../commands/publication/seenTopic.js';
import { actingPartner } from '../auth/access.js';
import type { Route } from '../route.js';
import { publicationRoutes } from './publications.js';
import { ownRelayRoutes } from './relay.js';
import { type TopicRoutes, topicRoutes } from './topics.js';

export interface ExchangeRoutes extends TopicRoutes {
  readonly publish: Publish;
  readonly pull: Pull;
  readonly handOver: HandOver;
  readonly stopping: AbortSignal;
}

export const exchangeRoutes = (services: ExchangeRoutes): Route[] => [
  ...topicRoutes(services),
  ...ownRelayRoutes(services),
  ...publicationRoutes({
    ...services,
    ownerOf: ({ caller }, topicId) => {
      const { tenant, partnerId } = actingPartner(caller);
      return seenTopic(services.handler.directory, tenant, topicId, partnerId).topic.owner;
    },
  }),
];
