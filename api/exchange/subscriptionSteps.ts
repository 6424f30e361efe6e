/** What a partner does with a subscription of its own: hold it back, let it go on, have its endpoint asked, rotate its secret. */
import { Type } from '@sinclair/typebox';
import { pauseSubscription } from '../../commands/subscription/pauseSubscription.js';
import { resumeSubscription } from '../../commands/subscription/resumeSubscription.js';
import { rotateSecret } from '../../commands/subscription/rotateSecret.js';
import { SubscriptionId } from '../../domain/ids.js';
import { Reason } from '../admin/revocation.js';
import { subscribersOnly } from '../auth/access.js';
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

export const subscriptionSteps = (services: SubscriptionRoutes): Route[] => {
  const { handler, subscribing, secrets } = services;
  const { show, told, present } = createAnswers(services);
  return [
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
