/** Ends a subscription for ever: nothing is delivered any more, what was recorded of it stays. */
import { Type } from '@sinclair/typebox';
import { endSubscription as decide } from '../../domain/subscription/decide.js';
import { SubscriptionEnded, subscriptionStream } from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { mustOwn, owned, recordAfter } from './owned.js';

export const endSubscription = defineCommand({
  name: 'EndSubscription',
  summary: 'Ends a subscription for ever.',
  input: Type.Object(
    { ...owned, ...SubscriptionEnded.schema.properties },
    { additionalProperties: false, title: 'EndSubscription' },
  ),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  lookUp: mustOwn,
  decide: ({ reason }, state) => decide({ reason }, state),
  answer: recordAfter,
});
