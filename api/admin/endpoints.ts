/**
 * /admin/v1/endpoints: how the endpoints of all partners do: success, lag, breaker, backlog, and in sentences why one is not called, when it
 * will be and what to do. One entry for a subscription, since each is called, counted and stopped by itself.
 */
import { Type } from '@sinclair/typebox';
import type { Directory } from '../../commands/directory.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { PartnerId, SubscriptionId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { readersOnly } from '../auth/access.js';
import { Status } from '../exchange/subscriptionShape.js';
import { type Route, route } from '../route.js';
import { Endpoint, type EndpointLook, inGroups } from './endpointLook.js';
import { wholeTenant } from './operatorCommand.js';
import { page, pageOf } from './paging.js';

export interface EndpointRoutes {
  readonly directory: Directory;
  readonly look: EndpointLook;
}

export const endpointRoutes = ({ directory, look }: EndpointRoutes): Route[] => {
  const { subscriptions } = directory;
  return [
    route({
      method: 'GET',
      path: '/admin/v1/endpoints',
      summary: 'How the endpoints of partners do: success, lag, breaker, backlog, and why.',
      description:
        'One entry for a subscription that has not ended. `explanation`, `advice` and `nextAttemptAt` say why one is not called, what to do, ' +
        'and when it is called again.',
      tags: ['Subscriptions'],
      access: readersOnly,
      query: {
        partnerId: Type.Optional(PartnerId),
        topicId: Type.Optional(TopicId),
        status: Type.Optional(Status),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 25 })),
        after: Type.Optional(
          Type.String({ maxLength: 80, description: 'The `next` of the page before' }),
        ),
      },
      response: pageOf(Endpoint),
      problems: ['log-unavailable', 'read-model-unavailable'],
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { partnerId, topicId, status, limit = 25, after } = request.query;
        const wanted = [...subscriptions.subscriptions(tenant)].filter(
          (record) =>
            (status === undefined ? record.status !== 'ended' : record.status === status) &&
            (partnerId === undefined || record.partnerId === partnerId) &&
            (topicId === undefined || record.topicId === topicId),
        );
        const listed = page(
          wanted,
          ({ subscriptionId }) => subscriptionId,
          { limit, ...(after === undefined ? {} : { after }) },
          (record) => record,
        );
        const onPage: readonly SubscriptionRecord[] = listed.items;
        const items = await inGroups(onPage, (record) => look(record, request.now));
        return { body: { items, next: listed.next } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/endpoints/{subscriptionId}',
      summary: 'How the endpoint of one subscription does, and why.',
      tags: ['Subscriptions'],
      access: readersOnly,
      params: { subscriptionId: SubscriptionId },
      response: Endpoint,
      problems: ['subscription-not-found', 'log-unavailable', 'read-model-unavailable'],
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { subscriptionId } = request.params;
        const record = subscriptions.subscription(tenant, subscriptionId);
        if (!record) throw rejected('subscription-not-found', { subscriptionId });
        return { body: await look(record, request.now) };
      },
    }),
  ];
};
