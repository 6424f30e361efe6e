/** Lets a paused subscription deliver again, from where it stopped. */
import { Type } from '@sinclair/typebox';
import { resumeSubscription as decide } from '../../domain/subscription/decide.js';
import { subscriptionStream } from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { mustOwn, owned, recordAfter } from './owned.js';

export const resumeSubscription = defineCommand({
  name: 'ResumeSubscription',
  summary: 'Lets a paused subscription deliver again, from where it stopped.',
  input: Type.Object(owned, { additionalProperties: false, title: 'ResumeSubscription' }),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  lookUp: mustOwn,
  decide: (_input, state) => decide(state),
  answer: recordAfter,
});
