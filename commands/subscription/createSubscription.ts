/**
 * Creates the standing order of a partner for a topic that it may see. Headers are sealed and the place is found before it comes here
 * (subscribing.ts); a repeat finds others, and is told from another order by what was asked.
 */
import { Type } from '@sinclair/typebox';
import { rejected } from '../../domain/rejected.js';
import { createSubscription as decide } from '../../domain/subscription/decide.js';
import { SubscriptionCreated, subscriptionStream } from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { presentPartner } from '../partner/present.js';
import { seenTopic } from '../publication/seenTopic.js';
import { recordAfter } from './owned.js';

/** Of one partner and not ended: enough for every program and topic of a company. */
export const subscriptionsMax = 100;

export const createSubscription = defineCommand({
  name: 'CreateSubscription',
  summary: 'Has what a topic tells delivered to an endpoint.',
  input: Type.Object(SubscriptionCreated.schema.properties, {
    additionalProperties: false,
    title: 'CreateSubscription',
  }),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  fingerprinted: ({ sealedHeaders, from, ...rest }) => ({
    ...rest,
    sealed: sealedHeaders !== undefined,
    from: from.kind === 'now' ? { kind: from.kind } : from,
  }),
  lookUp: ({ topicId, partnerId }, { tenant }, { directory, state }) => {
    presentPartner(directory, tenant, partnerId);
    const { topic } = seenTopic(directory, tenant, topicId, partnerId);
    if (state.status !== 'unknown') return;
    if (topic.status === 'archived') throw rejected('topic-archived', { topicId });
    const held = [...directory.subscriptions.ofPartner(tenant, partnerId)];
    if (held.filter(({ status }) => status !== 'ended').length >= subscriptionsMax) {
      throw rejected('too-many-subscriptions', { most: subscriptionsMax });
    }
  },
  decide: (input, state) => decide(input, state),
  answer: recordAfter,
});
