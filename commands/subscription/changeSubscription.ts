/** Changes what a standing order says, except whose it is, of which topic, and where it began. */
import { Type } from '@sinclair/typebox';
import { changeSubscription as decide } from '../../domain/subscription/decide.js';
import { SubscriptionChanged, subscriptionStream } from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { mustOwn, owned, recordAfter } from './owned.js';

export const changeSubscription = defineCommand({
  name: 'ChangeSubscription',
  summary: 'Changes what is named of a subscription; null takes away.',
  input: Type.Object(
    { ...owned, ...SubscriptionChanged.schema.properties },
    { additionalProperties: false, title: 'ChangeSubscription' },
  ),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  // A seal is another each time.
  fingerprinted: ({ sealedHeaders, ...rest }) => ({
    ...rest,
    headers: sealedHeaders == null ? sealedHeaders : 'sealed',
  }),
  lookUp: mustOwn,
  decide: ({ subscriptionId: _id, partnerId: _partner, ...changes }, state) =>
    decide(changes, state),
  answer: recordAfter,
});
