/** Every route of the product, as it is composed with all roles, over parts that answer nothing: for what routes say of themselves. */
import { adminRoutes, type AdminOptions } from '../../../api/admin/routes.js';
import {
  publishingAdminRoutes,
  type PublishingAdminRoutes,
} from '../../../api/admin/publishing.js';
import { publishingRoutes, type PublishingRoutes } from '../../../api/exchange/publishing.js';
import { exchangeRoutes, type ExchangeRoutes } from '../../../api/exchange/routes.js';
import { deliveryRoutes, type DeliveryRoutes } from '../../../api/exchange/deliveries.js';
import { deliveryAdminRoutes } from '../../../api/admin/deliveries.js';
import {
  outreachProviderRoutes,
  type ProviderRoutes,
} from '../../../api/admin/outreachProviders.js';
import { outreachRoutingRoutes } from '../../../api/admin/outreachRouting.js';
import { callbackRoutes, type CallbackRoutes } from '../../../api/outreach/callbacks.js';
import { endpointRoutes, type EndpointRoutes } from '../../../api/admin/endpoints.js';
import { type OverviewRoutes, topicOverviewRoutes } from '../../../api/admin/topicOverview.js';
import { attemptRoutes, type AttemptRoutes } from '../../../api/exchange/attempts.js';
import {
  handoverAdminRoutes,
  type HandoverRoutes,
  handoverRoutes,
} from '../../../api/exchange/handovers.js';
import {
  recipientAdminRoutes,
  recipientRoutes,
  type RecipientRoutes,
} from '../../../api/exchange/recipients.js';
import { streamRoutes, type StreamRoutes } from '../../../api/exchange/stream.js';
import type { SubscriptionRoutes } from '../../../api/exchange/ownSubscription.js';
import { subscriptionRoutes } from '../../../api/exchange/subscriptions.js';
import {
  subscriptionAdminRoutes,
  type SubscriptionAdministration,
} from '../../../api/admin/subscriptions.js';
import { documentRoutes, type DocumentRoutes } from '../../../api/admin/documents.js';
import { publicationSearchRoutes } from '../../../api/admin/publicationSearch.js';
import { searchRoutes, type SearchRoutes } from '../../../api/exchange/search.js';
import { messageBulkRoutes, type MessageBulkRoutes } from '../../../api/outreach/bulk.js';
import { type MessageReading, messageReadingRoutes } from '../../../api/outreach/messageReading.js';
import { messageRoutes, type MessageRoutes } from '../../../api/outreach/messages.js';
import { messageSearchRoutes } from '../../../api/outreach/search.js';
import {
  outreachFiguresRoutes,
  type OutreachFiguresRoutes,
} from '../../../api/admin/outreachFigures.js';
import {
  recipientErasureRoutes,
  type RecipientErasureRoutes,
} from '../../../api/admin/outreachRecipients.js';
import { outreachQueueRoutes, type OutreachQueueRoutes } from '../../../api/admin/outreachQueue.js';
import {
  outreachMessageRoutes,
  type OutreachMessageRoutes,
} from '../../../api/admin/outreachMessages.js';
import {
  contentAdminRoutes,
  type ContentAdministration,
  contentRoutes,
  type ContentRoutes,
} from '../../../api/outreach/content.js';
import { auditRoutes, type AuditOptions } from '../../../api/audit/routes.js';
import { docsRoutes } from '../../../api/docs/routes.js';
import { openApiOf } from '../../../api/openapi.js';
import { identityRoutes } from '../../../api/identity/routes.js';
import type { IdentityServices } from '../../../api/identity/services.js';
import { posRoutes } from '../../../api/pos/routes.js';
import type { PosServices } from '../../../api/pos/services.js';
import type { Route } from '../../../api/route.js';
import { systemRoutes } from '../../../api/system/routes.js';

/** Whatever is asked of it, it is another of its kind. */
const nothing = (): unknown => new Proxy(() => undefined, { get: () => nothing() });

export const documentedRoutes = (): readonly Route[] => [
  ...posRoutes(nothing() as PosServices),
  ...adminRoutes(nothing() as AdminOptions),
  ...auditRoutes(nothing() as AuditOptions),
  ...exchangeRoutes(nothing() as ExchangeRoutes),
  ...publishingRoutes(nothing() as PublishingRoutes),
  ...publishingAdminRoutes(nothing() as PublishingAdminRoutes),
  ...identityRoutes(nothing() as IdentityServices),
  ...deliveryRoutes(nothing() as DeliveryRoutes),
  ...streamRoutes(nothing() as StreamRoutes),
  ...attemptRoutes(nothing() as AttemptRoutes),
  ...recipientRoutes(nothing() as RecipientRoutes),
  ...recipientAdminRoutes(nothing() as RecipientRoutes),
  ...handoverRoutes(nothing() as HandoverRoutes),
  ...handoverAdminRoutes(nothing() as HandoverRoutes),
  ...deliveryAdminRoutes(nothing() as AttemptRoutes),
  ...endpointRoutes(nothing() as EndpointRoutes),
  ...topicOverviewRoutes(nothing() as OverviewRoutes),
  ...subscriptionRoutes(nothing() as SubscriptionRoutes),
  ...subscriptionAdminRoutes(nothing() as SubscriptionAdministration),
  ...searchRoutes(nothing() as SearchRoutes),
  ...publicationSearchRoutes(nothing() as SearchRoutes),
  ...documentRoutes(nothing() as DocumentRoutes),
  ...messageRoutes(nothing() as MessageRoutes),
  ...messageReadingRoutes(nothing() as MessageReading),
  ...messageBulkRoutes(nothing() as MessageBulkRoutes),
  ...messageSearchRoutes(nothing() as OutreachMessageRoutes),
  ...outreachMessageRoutes(nothing() as OutreachMessageRoutes),
  ...outreachFiguresRoutes(nothing() as OutreachFiguresRoutes),
  ...outreachQueueRoutes(nothing() as OutreachQueueRoutes),
  ...recipientErasureRoutes(nothing() as RecipientErasureRoutes),
  ...contentAdminRoutes(nothing() as ContentAdministration),
  ...contentRoutes(nothing() as ContentRoutes),
  ...outreachProviderRoutes(nothing() as ProviderRoutes),
  ...outreachRoutingRoutes(nothing() as ProviderRoutes),
  ...callbackRoutes(nothing() as CallbackRoutes),
  ...systemRoutes({
    version: '0.0.0',
    live: async () => ({ ok: true, components: {} }),
    ready: async () => ({ ok: false, components: { postgres: 'no answer' } }),
    metrics: { contentType: 'text/plain', render: async () => 'kopilka_up 1\n' },
    publicKeys: () => ({ keys: [] }),
  }),
];

export const documentOf = (routes: readonly Route[]) =>
  openApiOf(routes, { version: '0.0.0', publicUrl: '' });

export const allRoutes = (): readonly Route[] => {
  const routes = documentedRoutes();
  return [...routes, ...docsRoutes(() => documentOf(routes))];
};
