/**
 * /admin/v1/subscriptions: the standing orders of all partners as operators see them: how each stands and why, and the means to stop
 * one and let it go on. What operators disabled, only operators enable.
 */
import { Type } from '@sinclair/typebox';
import type { Handled } from '../../commands/handle.js';
import { disableSubscription } from '../../commands/subscription/disableSubscription.js';
import { enableSubscription } from '../../commands/subscription/enableSubscription.js';
import { pauseSubscription } from '../../commands/subscription/pauseSubscription.js';
import { resumeSubscription } from '../../commands/subscription/resumeSubscription.js';
import type { SubscriptionSecrets } from '../../commands/subscription/secrets.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { PartnerId, SubscriptionId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { createShow, Status, Subscription } from '../exchange/subscriptionShape.js';
import { type ApiRequest, type Reply, type Route, route } from '../route.js';
import { contextOf, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { Reason } from './revocation.js';

export interface SubscriptionAdministration extends Registry {
  readonly secrets: Pick<SubscriptionSecrets, 'headersOf'>;
}

const tags = ['Subscriptions'] as const;
const one = { subscriptionId: SubscriptionId } as const;
const path = '/admin/v1/subscriptions/{subscriptionId}';
type OneRequest = ApiRequest<{ readonly subscriptionId: SubscriptionId }, unknown, unknown>;

/** Operators reach the subscriptions of every partner. */
const anyOf = (request: OneRequest) => {
  wholeTenant(request);
  return { subscriptionId: request.params.subscriptionId, partnerId: null };
};

export const subscriptionAdminRoutes = (options: SubscriptionAdministration): Route[] => {
  const { handler, secrets } = options;
  const { subscriptions } = handler.directory;
  const show = createShow(handler.directory, secrets);

  const told = async (
    { answer, position }: Handled<SubscriptionRecord>,
    now: number,
  ): Promise<Reply<Subscription>> => ({ body: await show(answer, now), position });

  const steering = {
    tags,
    access: editorsOnly,
    params: one,
    idempotencyKey: 'optional',
    response: Subscription,
    problems: ['subscription-not-found', 'subscription-ended'],
  } as const;

  return [
    route({
      method: 'GET',
      path: '/admin/v1/subscriptions',
      summary: 'Lists the subscriptions of all partners, also those that ended.',
      tags,
      access: readersOnly,
      query: {
        ...pageQuery,
        partnerId: Type.Optional(PartnerId),
        topicId: Type.Optional(TopicId),
        status: Type.Optional(Status),
      },
      response: pageOf(Subscription),
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { partnerId, topicId, status, ...query } = request.query;
        const records = [...subscriptions.subscriptions(tenant)].filter(
          (record) =>
            (partnerId === undefined || record.partnerId === partnerId) &&
            (topicId === undefined || record.topicId === topicId) &&
            (status === undefined || record.status === status),
        );
        const listed = page(
          records,
          ({ subscriptionId }) => subscriptionId,
          query,
          (record) => record,
        );
        const onPage: readonly SubscriptionRecord[] = listed.items;
        const shown = await Promise.all(onPage.map((record) => show(record, request.now)));
        return { body: { items: shown, next: listed.next } };
      },
    }),
    route({
      method: 'GET',
      path,
      summary: 'Shows a subscription: how it stands and why.',
      tags,
      access: readersOnly,
      params: one,
      response: Subscription,
      problems: ['subscription-not-found'],
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { subscriptionId } = request.params;
        const record = subscriptions.subscription(tenant, subscriptionId);
        if (!record) throw rejected('subscription-not-found', { subscriptionId });
        return { body: await show(record, request.now) };
      },
    }),
    route({
      ...steering,
      method: 'POST',
      path: `${path}/pause`,
      summary: 'Holds deliveries back; its partner may resume it.',
      body: Reason,
      command: pauseSubscription.name,
      handle: async (request) => {
        const input = { ...anyOf(request), ...request.body };
        const handled = await handler.handle(pauseSubscription, input, contextOf(request));
        return told(handled, request.now);
      },
    }),
    route({
      ...steering,
      method: 'POST',
      path: `${path}/resume`,
      summary: 'Ends a pause: deliveries go on from where they stopped.',
      command: resumeSubscription.name,
      handle: async (request) => {
        const input = anyOf(request);
        const handled = await handler.handle(resumeSubscription, input, contextOf(request));
        return told(handled, request.now);
      },
    }),
    route({
      ...steering,
      method: 'POST',
      path: `${path}/disable`,
      summary: 'Stops deliveries until an operator enables it; its partner is shown the reason.',
      body: Reason,
      command: disableSubscription.name,
      handle: async (request) => {
        const since = new Date(request.now).toISOString();
        const said = { reason: 'operator' as const, since, explanation: request.body.reason };
        const input = { ...anyOf(request), ...said };
        const handled = await handler.handle(disableSubscription, input, contextOf(request));
        return told(handled, request.now);
      },
    }),
    route({
      ...steering,
      method: 'POST',
      path: `${path}/enable`,
      summary:
        'Takes a disabling back, whoever disabled it: deliveries go on from where they stopped.',
      command: enableSubscription.name,
      handle: async (request) => {
        const input = anyOf(request);
        const handled = await handler.handle(enableSubscription, input, contextOf(request));
        return told(handled, request.now);
      },
    }),
  ];
};
