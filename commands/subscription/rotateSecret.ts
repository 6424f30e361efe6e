/** Gives a subscription another secret; the one before signs beside it for a while, so that its receiver can change over. */
import { Type } from '@sinclair/typebox';
import { rotateSecret as decide } from '../../domain/subscription/decide.js';
import { subscriptionStream } from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { mustOwn, owned, recordAfter } from './owned.js';

const hourMs = 3_600_000;
const overlapHoursDefault = 24;

export const rotateSecret = defineCommand({
  name: 'RotateSubscriptionSecret',
  summary: 'Gives a subscription another secret; the one before signs too for a while.',
  input: Type.Object(
    {
      ...owned,
      overlapHours: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 72,
          default: overlapHoursDefault,
          description: 'How long both sign; 0 ends the one before at once, as after a leak',
        }),
      ),
    },
    { additionalProperties: false, title: 'RotateSubscriptionSecret' },
  ),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  lookUp: mustOwn,
  decide: ({ overlapHours = overlapHoursDefault }, state, _found, { now }) =>
    decide({ overlapMs: overlapHours * hourMs, now }, state),
  answer: recordAfter,
});
