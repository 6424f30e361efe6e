/** Holds the deliveries of a subscription back until it is resumed; what is published meanwhile is delivered then. */
import { Type } from '@sinclair/typebox';
import { pauseSubscription as decide } from '../../domain/subscription/decide.js';
import { SubscriptionPaused, subscriptionStream } from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { mustOwn, owned, recordAfter } from './owned.js';

export const pauseSubscription = defineCommand({
  name: 'PauseSubscription',
  summary: 'Holds deliveries back until the subscription is resumed.',
  input: Type.Object(
    { ...owned, ...SubscriptionPaused.schema.properties },
    { additionalProperties: false, title: 'PauseSubscription' },
  ),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  lookUp: mustOwn,
  decide: ({ reason }, state) => decide({ reason }, state),
  answer: recordAfter,
});
