/** /exchange/v1/subscriptions: what a partner has delivered to its endpoints. Those of others are not there. */
import { Type } from '@sinclair/typebox';
import type { Handled, Handler } from '../../commands/handle.js';
import { endSubscription } from '../../commands/subscription/endSubscription.js';
import { SubscriptionChange, SubscriptionOrder } from '../../commands/subscription/order.js';
import { pauseSubscription } from '../../commands/subscription/pauseSubscription.js';
import { resumeSubscription } from '../../commands/subscription/resumeSubscription.js';
import { rotateSecret } from '../../commands/subscription/rotateSecret.js';
import type { SubscriptionSecrets } from '../../commands/subscription/secrets.js';
import type { Own, Subscribing } from '../../commands/subscription/subscribing.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { SubscriptionId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { page, pageOf, pageQuery } from '../admin/paging.js';
import { Reason } from '../admin/revocation.js';
import { actingPartner, partnersOnly, subscribersOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { type ApiRequest, type Reply, type Route, route } from '../route.js';
import { createShow, Subscription } from './subscriptionShape.js';

export interface SubscriptionRoutes {
  readonly handler: Handler;
  readonly subscribing: Subscribing;
  readonly secrets: SubscriptionSecrets;
}

const Secrets = Type.Object(
  {
    subscriptionId: SubscriptionId,
    secrets: Type.Array(
      Type.Object({
        version: Type.Integer(),
        until: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
          description: 'When it stops signing; null: when it is rotated',
        }),
        v1: Type.Union([Type.String(), Type.Null()], {
          description: '`whsec_…`: keep it secret; null where it is not signed so',
        }),
        v1a: Type.Union([Type.String(), Type.Null()], {
          description: '`whpk_…`: a public key; null where it is not signed so',
        }),
      }),
      { description: 'Those in force, the newest first: a delivery is signed under each' },
    ),
  },
  { title: 'SubscriptionSecrets' },
);

const tags = ['Subscriptions'] as const;
const one = { subscriptionId: SubscriptionId } as const;
const path = '/exchange/v1/subscriptions/{subscriptionId}';
type OneRequest = ApiRequest<{ readonly subscriptionId: SubscriptionId }, unknown, unknown>;

const ownOf = ({ caller, params }: OneRequest): Own => ({
  subscriptionId: params.subscriptionId,
  partnerId: actingPartner(caller).partnerId,
});

export const subscriptionRoutes = (services: SubscriptionRoutes): Route[] => {
  const { handler, subscribing, secrets } = services;
  const { directory } = handler;
  const show = createShow(directory, secrets);

  const told = async (
    { answer, position, repeated }: Handled<SubscriptionRecord>,
    now: number,
    status = 200,
  ): Promise<Reply<Subscription>> => ({
    body: await show(answer, now),
    status: repeated ? 200 : status,
    position,
  });

  /** @throws Rejected subscription-not-found */
  const present = (request: OneRequest): SubscriptionRecord => {
    const { subscriptionId, partnerId } = ownOf(request);
    const record = directory.subscriptions.subscription(request.caller.tenant, subscriptionId);
    if (record?.partnerId !== partnerId) {
      throw rejected('subscription-not-found', { subscriptionId });
    }
    return record;
  };

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
    route({
      method: 'POST',
      path: `${path}/pause`,
      summary: 'Holds deliveries back until it is resumed',
      tags,
      access: subscribersOnly,
      params: one,
      body: Reason,
      idempotencyKey: 'optional',
      command: pauseSubscription.name,
      response: Subscription,
      problems: ['subscription-not-found', 'subscription-ended'],
      handle: async (request) => {
        const input = { ...ownOf(request), ...request.body };
        const context = contextOf(request, undefined);
        return told(await handler.handle(pauseSubscription, input, context), request.now);
      },
    }),
    route({
      method: 'POST',
      path: `${path}/resume`,
      summary: 'Ends a pause: deliveries go on from where they stopped',
      tags,
      access: subscribersOnly,
      params: one,
      idempotencyKey: 'optional',
      command: resumeSubscription.name,
      response: Subscription,
      problems: ['subscription-not-found', 'subscription-ended'],
      handle: async (request) => {
        const context = contextOf(request, undefined);
        const handled = await handler.handle(resumeSubscription, ownOf(request), context);
        return told(handled, request.now);
      },
    }),
    route({
      method: 'POST',
      path: `${path}/enable`,
      summary: 'Takes a disabling back, once the endpoint agrees again',
      description:
        'For one that was disabled because its endpoint was gone or failing, or because access was revoked and granted again. What ' +
        'an operator disabled, an operator enables.',
      tags,
      access: subscribersOnly,
      params: one,
      idempotencyKey: 'optional',
      command: 'EnableSubscription',
      response: Subscription,
      problems: [
        'subscription-not-found',
        'subscription-ended',
        'topic-not-found',
        'endpoint-not-verified',
        'disabled-by-operator',
      ],
      handle: async (request) =>
        told(await subscribing.enable(ownOf(request), contextOf(request, undefined)), request.now),
    }),
    route({
      method: 'POST',
      path: `${path}/verify`,
      summary: 'Asks the endpoint again whether it agrees to be called',
      description: 'At most once a second: whoever asks again within it is told the same.',
      tags,
      access: subscribersOnly,
      params: one,
      command: 'RecordEndpointVerification',
      response: Subscription,
      problems: [
        'subscription-not-found',
        'subscription-ended',
        'subscription-changed',
        'endpoint-not-verified',
        'log-unavailable',
      ],
      handle: async (request) => {
        const record = await subscribing.verify(ownOf(request), contextOf(request, undefined));
        return { body: await show(record, request.now) };
      },
    }),
    route({
      method: 'POST',
      path: `${path}/rotate-secret`,
      summary: 'Gives it another secret; the one before signs beside it for a day',
      tags,
      access: subscribersOnly,
      params: one,
      body: Type.Pick(rotateSecret.input, ['overlapHours'], {
        title: 'SecretRotation',
        additionalProperties: false,
      }),
      idempotencyKey: 'required',
      command: rotateSecret.name,
      response: Subscription,
      problems: ['subscription-not-found', 'subscription-ended', 'secret-rotating'],
      examples: {
        body: [
          { summary: 'With a day to change over', value: {} },
          { summary: 'After a leak', value: { overlapHours: 0 } },
        ],
      },
      handle: async (request) => {
        const input = { ...ownOf(request), ...request.body };
        const context = contextOf(request, undefined);
        return told(await handler.handle(rotateSecret, input, context), request.now);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/secret`,
      summary: 'Shows what its deliveries are verified with',
      tags,
      access: subscribersOnly,
      params: one,
      response: Secrets,
      problems: ['subscription-not-found'],
      handle: async (request) => {
        const record = present(request);
        const shown = await secrets.shown(record, request.now);
        const items = shown.map((secret) => ({
          ...secret,
          until: secret.until === null ? null : new Date(secret.until).toISOString(),
        }));
        return {
          body: { subscriptionId: record.subscriptionId, secrets: items },
          headers: { 'cache-control': 'no-store' },
        };
      },
    }),
  ];
};
