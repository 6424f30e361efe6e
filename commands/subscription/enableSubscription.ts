/** Takes a disabling back: deliveries go on from where they stopped. Its partner may, but not against an operator. */
import { Type } from '@sinclair/typebox';
import { enableSubscription as decide } from '../../domain/subscription/decide.js';
import { subscriptionStream } from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { mustOwn, owned, recordAfter } from './owned.js';

export const enableSubscription = defineCommand({
  name: 'EnableSubscription',
  summary: 'Takes a disabling back.',
  input: Type.Object(owned, { additionalProperties: false, title: 'EnableSubscription' }),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  lookUp: mustOwn,
  decide: ({ partnerId }, state) => decide(partnerId === null ? 'operator' : 'partner', state),
  answer: recordAfter,
});
