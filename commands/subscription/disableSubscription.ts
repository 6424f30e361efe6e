/**
 * Stops a subscription for a reason that is not its partner's wish: an endpoint that is gone or keeps failing, access or a partner
 * that was revoked (all of which the dispatcher sees), or an operator's word. What is published meanwhile waits.
 */
import { Type } from '@sinclair/typebox';
import { disableSubscription as decide } from '../../domain/subscription/decide.js';
import { SubscriptionDisabled, subscriptionStream } from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { mustOwn, owned, recordAfter } from './owned.js';

export const disableSubscription = defineCommand({
  name: 'DisableSubscription',
  summary: 'Stops a subscription and says why.',
  input: Type.Object(
    { ...owned, ...SubscriptionDisabled.schema.properties },
    { additionalProperties: false, title: 'DisableSubscription' },
  ),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  lookUp: mustOwn,
  decide: ({ reason, since, explanation }, state) => decide({ reason, since, explanation }, state),
  answer: recordAfter,
});
