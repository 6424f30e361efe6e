/** /exchange/v1/subscriptions: what a partner has delivered to its endpoints. Those of others are not there. */
import { endSubscription } from '../../commands/subscription/endSubscription.js';
import { SubscriptionChange, SubscriptionOrder } from '../../commands/subscription/order.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { page, pageOf, pageQuery } from '../admin/paging.js';
import { actingPartner, partnersOnly, subscribersOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { type Route, route } from '../route.js';
import {
  createAnswers,
  one,
  ownOf,
  path,
  type SubscriptionRoutes,
  tags,
} from './ownSubscription.js';
import { Subscription } from './subscriptionShape.js';
import { subscriptionSteps } from './subscriptionSteps.js';

export const subscriptionRoutes = (services: SubscriptionRoutes): Route[] => {
  const { handler, subscribing } = services;
  const { directory } = handler;
  const { show, told, present } = createAnswers(services);

  return [
    route({
      method: 'GET',
      path: '/exchange/v1/subscriptions',
      summary: 'Lists the subscriptions of the partner, also those that ended',
      tags,
      access: partnersOnly,
      query: pageQuery,
      response: pageOf(Subscription),
      handle: async ({ caller, query, now }) => {
        const { tenant, partnerId } = actingPartner(caller);
        const records = directory.subscriptions.ofPartner(tenant, partnerId);
        const listed = page(
          records,
          ({ subscriptionId }) => subscriptionId,
          query,
          (record) => record,
        );
        const onPage: readonly SubscriptionRecord[] = listed.items;
        const shown = await Promise.all(onPage.map((record) => show(record, now)));
        return { body: { items: shown, next: listed.next } };
      },
    }),
    route({
      method: 'POST',
      path: '/exchange/v1/subscriptions',
      summary: 'Has what a topic tells delivered to an endpoint',
      description:
        'The endpoint is asked at once whether it agrees (`OPTIONS`, as CloudEvents has it). Where it does not, the subscription ' +
        'stands as `unverified` with what was answered; mend the endpoint and send `…/verify`.',
      tags,
      access: subscribersOnly,
      body: SubscriptionOrder,
      idempotencyKey: 'optional',
      command: 'CreateSubscription',
      status: 201,
      response: Subscription,
      problems: [
        'topic-not-found',
        'topic-archived',
        'too-many-subscriptions',
        'already-registered',
      ],
      examples: {
        body: [
          {
            summary: 'In order by key, signed by both schemes',
            value: {
              topicId: 'cars_chosen',
              endpoint: { url: 'https://bank.example/hooks/cars' },
              filter: { prefix: { type: 'com.motorhouse.' } },
              order: { by: 'key', onFailure: 'block' },
              signing: ['v1', 'v1a'],
              headers: { authorization: 'Bearer of-the-endpoint' },
            },
          },
          {
            summary: 'In batches, with everything that was published before',
            value: {
              topicId: 'cars_chosen',
              endpoint: { url: 'https://bank.example/hooks/cars' },
              batch: { max: 50, waitMs: 1_000 },
              from: { kind: 'place', after: null },
            },
          },
        ],
      },
      handle: async (request) => {
        const { partnerId } = actingPartner(request.caller);
        const context = contextOf(request, request.body.subscriptionId);
        const handled = await subscribing.subscribe(request.body, partnerId, context);
        return told(handled, request.now, 201);
      },
    }),
    route({
      method: 'GET',
      path,
      summary: 'Shows a subscription: how it stands and why',
      tags,
      access: partnersOnly,
      params: one,
      response: Subscription,
      problems: ['subscription-not-found'],
      handle: async (request) => ({ body: await show(present(request), request.now) }),
    }),
    route({
      method: 'PATCH',
      path,
      summary: 'Changes what is named; null takes away',
      description:
        'An endpoint at another address is asked anew, and nothing delivered until then.',
      tags,
      access: subscribersOnly,
      params: one,
      body: SubscriptionChange,
      idempotencyKey: 'optional',
      command: 'ChangeSubscription',
      response: Subscription,
      problems: ['subscription-not-found', 'subscription-ended'],
      examples: {
        body: [{ summary: 'Slower, and of everything', value: { ratePerSecond: 5, filter: null } }],
      },
      handle: async (request) => {
        const context = contextOf(request, undefined);
        const handled = await subscribing.change(ownOf(request), request.body, context);
        return told(handled, request.now);
      },
    }),
    route({
      method: 'DELETE',
      path,
      summary: 'Ends a subscription for ever; what was recorded of it stays',
      tags,
      access: subscribersOnly,
      params: one,
      idempotencyKey: 'optional',
      command: endSubscription.name,
      response: Subscription,
      problems: ['subscription-not-found'],
      handle: async (request) => {
        const input = { ...ownOf(request), reason: 'Ended by its partner.' };
        const context = contextOf(request, undefined);
        return told(await handler.handle(endSubscription, input, context), request.now);
      },
    }),
    ...subscriptionSteps(services),
  ];
};
